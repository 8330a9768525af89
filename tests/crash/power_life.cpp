// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/power_life.hpp"

#include <sqlite3.h>

#include <stdexcept>

#include "ledger/approvals.hpp"

namespace purse::test {

namespace {
// Small, so that many a cut falls into the folding of the log.
constexpr int kCheckpointFrames = 60;
constexpr int kIdleCheckpointFrames = 12;

class Tables {
public:
    explicit Tables(const std::string& path)
    {
        if (sqlite3_open_v2(path.c_str(), &db_, SQLITE_OPEN_READWRITE, nullptr) != SQLITE_OK) {
            sqlite3_close(std::exchange(db_, nullptr));
            return;
        }
        sqlite3_db_config(db_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    }
    ~Tables() { sqlite3_close(db_); }
    Tables(const Tables&) = delete;
    Tables& operator=(const Tables&) = delete;

    bool are_there() const noexcept { return db_ != nullptr; }

    /// Every column of every row of a query, with its length.
    std::string all(const std::string& sql)
    {
        sqlite3_stmt* row = nullptr;
        if (sqlite3_prepare_v2(db_, sql.c_str(), -1, &row, nullptr) != SQLITE_OK)
            throw std::runtime_error{std::string{"tables: "} + sqlite3_errmsg(db_)};
        std::string text;
        int code = SQLITE_ROW;
        while ((code = sqlite3_step(row)) == SQLITE_ROW)
            for (int i = 0; i < sqlite3_column_count(row); ++i) {
                const auto* bytes = static_cast<const char*>(sqlite3_column_blob(row, i));
                const auto size = static_cast<std::size_t>(sqlite3_column_bytes(row, i));
                text += std::to_string(size) + ':';
                if (bytes != nullptr) text.append(bytes, size);
            }
        sqlite3_finalize(row);
        if (code != SQLITE_DONE)
            throw std::runtime_error{std::string{"tables: "} + sqlite3_errmsg(db_)};
        return text;
    }
    std::vector<std::string> names()
    {
        std::vector<std::string> found;
        sqlite3_exec(
            db_, "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name",
            [](void* to, int, char** values, char**) {
                static_cast<std::vector<std::string>*>(to)->emplace_back(values[0]);
                return 0;
            },
            &found, nullptr);
        return found;
    }

private:
    sqlite3* db_ = nullptr;
};
}  // namespace

Digest digest_of_tables(const std::string& folder)
{
    Tables tables{folder + "/ledger.db"};
    std::string all;
    if (tables.are_there())
        for (const auto& name : tables.names())
            all += name + '(' + tables.all("SELECT * FROM " + name) + ')';
    return sha256({all});
}

PowerLife::PowerLife(SimDisk& disk, const std::string& folder, std::uint64_t seed)
    : disk_{disk},
      folder_{folder},
      dice_{seed},
      entropy_{seed},
      key_{folder + "/journal.key"}
{
    rules_.money("perTask", Window::lifetime, 60'000);
    rules_.money("hourly", Window::hour, 40'000);
    rules_.money("daily", Window::day, 150'000, "budget/team");
    rules_.rolling(Span::minutes(10), 25'000);
    rules_.count(Span::minutes(1), 8);
    rules_.money("lifetime", Window::lifetime, kNoLimit);
    note(0, 0, {"nothing"});
    for (auto& process : processes_) open(process);
    commit({[](Books&) { return std::string{"migration"}; }});
}

/// As when a process starts, or ends and starts again.
void PowerLife::open(Process& process)
{
    process.ledger.reset();
    process.store.reset();
    process.store = std::make_unique<sqlite::SqliteStore>(
        sqlite::SqliteStore::Settings{.folder = folder_,
                                      .checkpoint_frames = kCheckpointFrames,
                                      .idle_checkpoint_frames = kIdleCheckpointFrames});
    process.ledger = std::make_unique<Ledger>(*process.store, clock_, entropy_, &key_);
}

void PowerLife::live(int commits)
{
    commit({[this](Books& books) { return open_treasury(books); }});
    for (int i = 0; i < commits; ++i) {
        move_time();
        if (dice_.odds(1, 40)) open(processes_[static_cast<std::size_t>(dice_.between(0, 1))]);
        if (dice_.odds(1, 6)) idle();
        std::vector<Piece> pieces;
        for (auto left = dice_.between(1, 3); left > 0; --left) pieces.push_back(some_piece());
        commit(std::move(pieces));
    }
}

void PowerLife::move_time()
{
    switch (dice_.between(1, 12)) {
        case 1: clock_.pass(Span::minutes(dice_.between(1, 90))); break;
        case 2:
            if (dice_.odds(1, 3)) clock_.pass(Span::hours(dice_.between(1, 30)));
            break;
        case 3: break;
        default: clock_.pass(Span::seconds(dice_.between(0, 25))); break;
    }
}

void PowerLife::note(std::size_t begun, std::size_t done, std::vector<std::string> what)
{
    const auto tables = digest_of_tables(folder_);
    const bool is_new = moments_.empty() || moments_.back().tables != tables;
    moments_.push_back({.begun = begun,
                        .done = done,
                        .tables = tables,
                        .time = is_new ? clock_.wall() : moments_.back().time,
                        .what = std::move(what)});
}

void PowerLife::commit(std::vector<Piece> pieces)
{
    const auto begun = disk_.log().size();
    std::size_t done = 0;
    std::vector<std::string> what(pieces.size());
    std::vector<Work> batch;
    for (std::size_t i = 0; i < pieces.size(); ++i)
        batch.push_back({.run =
                             [&, i](Books& books) {
                                 // Whatever is new before the first piece, time has done.
                                 if (books.meta().seq > last_entry_) what.emplace_back("expiry");
                                 what[i] = pieces[i](books);
                                 last_entry_ = books.meta().seq;
                             },
                         .done =
                             [&](const std::optional<LedgerFault>& fault) {
                                 if (fault) throw std::runtime_error{"a life: " + fault->what};
                                 done = disk_.log().size();
                             }});
    processes_[static_cast<std::size_t>(dice_.between(0, 1))].ledger->transact(std::span{batch});
    note(begun, done, std::move(what));
}

/// Checkpoint and signed head, as when nothing waits.
void PowerLife::idle()
{
    const auto begun = disk_.log().size();
    processes_[static_cast<std::size_t>(dice_.between(0, 1))].ledger->idle();
    note(begun, disk_.log().size(), {"idle: log folded, head signed"});
}

PowerLife::Piece PowerLife::some_piece()
{
    const auto die = dice_.between(1, 20);
    if (die <= 8) return [this](Books& books) { return hold(books); };
    if (die <= 13) return [this](Books& books) { return end(books); };
    if (die <= 15) return [this](Books& books) { return rule(books); };
    if (die <= 18) return [this](Books& books) { return pay_out(books); };
    if (die == 19) return [this](Books& books) { return operate(books); };
    return [this](Books& books) { return sign_in(books); };
}

std::vector<Leg> PowerLife::legs(const std::string& task) const
{
    auto all = rules_.legs();
    all[0].scope = task;
    return all;
}

void PowerLife::tell(TxId id, HoldState state, std::int64_t captured)
{
    told_[id.to_string()].push_back(
        {.moment = moments_.size(), .state = state, .captured = captured});
}

std::string PowerLife::hold(Books& books)
{
    const auto key = "k" + std::to_string(dice_.between(1, 400));
    const auto amount = dice_.between(1, dice_.odds(1, 10) ? 90'000 : 6'000);
    auto request = ask(rules_, micro(amount), key);
    request.epoch = books.meta().epoch;
    request.legs = legs("t" + std::to_string(dice_.between(1, 9)));
    request.ttl = Span::seconds(dice_.odds(1, 2) ? dice_.between(1, 9'000) : dice_.between(1, 99));
    request.max_capture = micro(amount + amount * dice_.between(0, 50) / 100);
    if (dice_.odds(1, 4)) request.what.payee = "0x70997970c51812dc3a010c7d01b50e0d17dc79c8";
    if (dice_.odds(1, 12))
        request.refusals = {{.reason = Reason::outside_hours, .rule = "x", .detail = "closed"}};
    if (dice_.odds(1, 4))
        request.approval = {
            .wishes = {{.cause = ApprovalCause::amount, .rule = "x", .detail = "Dear."}},
            .within = Span::seconds(dice_.between(20, 600)),
            .lasts = Span::seconds(dice_.between(20, 600))};
    const auto answer = books.hold(request);
    if (answer.outcome == HoldAnswer::Outcome::conflict) return "conflict";
    if (answer.replay) return "repeated";
    asked_.push_back({.request = request, .answer = answer, .moment = moments_.size()});
    if (answer.outcome == HoldAnswer::Outcome::refused) return "refusal";
    const bool waits = answer.outcome == HoldAnswer::Outcome::awaiting;
    holds_.push_back(answer.id);
    tell(answer.id, waits ? HoldState::awaiting : HoldState::open, 0);
    return waits ? "approval asked" : "hold";
}

/// Mostly a recent one.
std::optional<TxId> PowerLife::some_hold()
{
    if (holds_.empty()) return std::nullopt;
    const auto last = static_cast<std::int64_t>(holds_.size()) - 1;
    const auto first = dice_.odds(1, 4) ? 0 : std::max<std::int64_t>(0, last - 6);
    return holds_[static_cast<std::size_t>(dice_.between(first, last))];
}

std::string PowerLife::end(Books& books)
{
    using Outcome = SettleAnswer::Outcome;
    const auto id = some_hold();
    if (!id) return hold(books);
    const bool is_void = dice_.odds(1, 4);
    const auto actual = dice_.between(0, dice_.odds(1, 4) ? 9'000 : 1'500);
    const auto answer = books.settle({.epoch = books.meta().epoch,
                                      .who = {.agent = kAgent},
                                      .id = *id,
                                      .is_void = is_void,
                                      .actual = micro(actual),
                                      .limit_of = rules_.limits(),
                                      .treasury = dice_.odds(2, 3) ? treasury_ : 0});
    if (answer.outcome == Outcome::expired) return settle_late(books, *id, actual);
    if (answer.outcome == Outcome::refused) return "settle refused";
    if (answer.replay) return "repeated";
    if (answer.hold.state == HoldState::expired || answer.hold.state == HoldState::denied)
        return "void of what had ended";
    const bool is_settled = answer.outcome == Outcome::settled;
    tell(*id, is_settled ? HoldState::settled : HoldState::voided,
         is_settled ? answer.hold.captured.micro() : 0);
    return is_settled ? "settle" : "void";
}

std::string PowerLife::settle_late(Books& books, TxId id, std::int64_t actual)
{
    const auto answer = books.late_settle({.epoch = books.meta().epoch,
                                           .who = {.agent = kAgent},
                                           .id = id,
                                           .actual = micro(actual),
                                           .legs = legs("late"),
                                           .treasury = treasury_});
    if (answer.outcome != SettleAnswer::Outcome::settled) return "late settle refused";
    if (answer.replay) return "repeated";
    tell(id, HoldState::settled, answer.hold.captured.micro());
    return "late settle";
}

/// A person answers.
std::string PowerLife::rule(Books& books)
{
    Approvals approvals{books};
    const auto waiting = approvals.waiting(9);
    if (waiting.empty()) return hold(books);
    const auto id = waiting.front().hold.id;
    const Ruling ruling{.id = id, .by = "op_1", .channel = Channel::page, .note = "a note"};
    const bool is_yes = dice_.odds(2, 3);
    if ((is_yes ? approvals.grant(ruling) : approvals.deny(ruling)) != Ruled::done)
        return "decided before";
    tell(id, is_yes ? HoldState::open : HoldState::denied, 0);
    return is_yes ? "approval granted" : "approval denied";
}

}  // namespace purse::test

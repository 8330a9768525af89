// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/power_images.hpp"

#include <algorithm>

#include "tests/support/audit.hpp"

namespace purse::test {

namespace {
/// The process that comes after the power.
class Successor {
public:
    Successor(const std::string& folder, Instant time, std::uint64_t seed)
        : clock_{time},
          entropy_{seed},
          key_{folder + "/journal.key"},
          store_{{.folder = folder}},
          ledger_{store_, clock_, entropy_, &key_}
    {
    }
    /// What failed, or nothing.
    std::string run(const std::function<void(Books&)>& piece)
    {
        std::string trouble;
        Work work{.run = piece, .done = [&](const std::optional<LedgerFault>& fault) {
                      if (fault) trouble = "it does not work on: " + fault->what;
                  }};
        ledger_.transact(std::span{&work, 1});
        return trouble;
    }

private:
    FakeClock clock_;
    SeededEntropy entropy_;
    system::FileHeadKey key_;
    sqlite::SqliteStore store_;
    Ledger ledger_;
};

/// Time alone turns one into the other, and nobody is told.
bool may_become(HoldState told, const std::string& stored)
{
    return stored == wire_name(told) || (told == HoldState::open && stored == "expired") ||
           (told == HoldState::awaiting && stored == "denied");
}
}  // namespace

PowerImages::PowerImages(const PowerLife& life, const DiskLog& log, std::string folder)
    : life_{life},
      log_{log},
      folder_{std::move(folder)}
{
}

std::vector<PowerImages::Cut> PowerImages::cuts(int count, Dice& dice) const
{
    const auto syncs = log_.sync_points();
    std::vector<Cut> all;
    for (int i = 0; i < count; ++i) {
        // Behind the last sync there may be writes too.
        const auto which =
            static_cast<std::size_t>(dice.between(0, static_cast<std::int64_t>(syncs.size())));
        const auto from = which == 0 ? 0 : syncs[which - 1];
        const auto to = which == syncs.size() ? log_.size() : syncs[which] - 1;
        const auto place = dice.between(1, 4);
        const auto point =
            place == 1   ? from
            : place == 2 ? to
                         : static_cast<std::size_t>(dice.between(static_cast<std::int64_t>(from),
                                                                 static_cast<std::int64_t>(to)));
        all.push_back(
            {.point = point, .seed = static_cast<std::uint64_t>(dice.between(1, 1LL << 40))});
    }
    std::ranges::sort(all, {}, &Cut::point);
    return all;
}

PowerImages::Range PowerImages::range_at(std::size_t point) const
{
    Range range;
    const auto& moments = life_.moments();
    for (std::size_t i = 0; i < moments.size(); ++i) {
        if (moments[i].done <= point) range.first = i;
        if (moments[i].done <= point || moments[i].begun < point) range.last = i;
    }
    return range;
}

std::optional<std::size_t> PowerImages::moment_of(const Digest& tables, Range range) const
{
    for (auto i = range.last + 1; i > range.first; --i)
        if (life_.moments()[i - 1].tables == tables) return i - 1;
    return std::nullopt;
}

void PowerImages::look(const Cut& cut, CutTally& tally) const
{
    const auto range = range_at(cut.point);
    ++tally.images;
    if (range.last > range.first)
        for (const auto& kind : life_.moments()[range.last].what) ++tally.inside[kind];
    std::string trouble;
    try {
        trouble = examine(cut, range, tally);
    } catch (const std::exception& error) {
        trouble = error.what();
    }
    if (!trouble.empty())
        tally.mistakes.push_back("point " + std::to_string(cut.point) + " cut " +
                                 std::to_string(cut.seed) + ": " + trouble);
}

std::string PowerImages::examine(const Cut& cut, Range range, CutTally& tally) const
{
    Dice dice{cut.seed};
    const SimDisk disk{{.seed = cut.seed, .image = log_.image_after_power_cut(cut.point, dice)}};
    if (dice.odds(1, 2)) {
        // Whoever comes first repairs: in half of the cases the normal code, else a reader.
        Successor first{folder_, life_.moments()[range.first].time, cut.seed};
        if (auto trouble = first.run([](Books&) {}); !trouble.empty()) return trouble;
    }
    auto reachable = range;
    if (reachable.last == 0) reachable.last = 1;  // the first one to come makes a ledger
    const auto tables = digest_of_tables(folder_);
    const auto moment = moment_of(tables, reachable);
    if (!moment) return no_commit(tables, range, tally);
    if (range.last > range.first) ++(*moment == range.last ? tally.rolled_on : tally.rolled_back);
    if (*moment > 0)
        if (auto trouble = compare_holds(*moment); !trouble.empty()) return trouble;
    return go_on(*moment, disk, dice, tally);
}

/// What is wrong with tables that are those of no commit that they may be of.
std::string PowerImages::no_commit(const Digest& tables, Range range, CutTally& tally) const
{
    const auto earlier = moment_of(tables, {.first = 0, .last = range.first});
    if (!earlier) return "the tables are those of no commit: " + audit(folder_).text();
    ++tally.lost;
    return "acknowledged and lost: the ledger is as after commit " + std::to_string(*earlier) +
           " of " + std::to_string(range.first);
}

std::string PowerImages::compare_holds(std::size_t moment) const
{
    const auto found = audit(folder_);
    if (!found.good()) return found.text();
    for (const auto& asked : life_.asked()) {
        if (asked.moment > moment || asked.answer.outcome == HoldAnswer::Outcome::refused) continue;
        const auto tx = asked.answer.id.to_string();
        const auto hold = found.holds.find(tx);
        if (hold == found.holds.end()) return "acknowledged and not there: " + tx;
        if (hold->second.key != asked.request.key ||
            hold->second.amount != asked.answer.amount.micro())
            return "acknowledged otherwise: " + tx;
    }
    for (const auto& [tx, all] : life_.told()) {
        const auto later = std::ranges::upper_bound(all, moment, {}, &PowerLife::Told::moment);
        if (later == all.begin()) continue;
        const auto& told = *std::prev(later);
        const auto& hold = found.holds.at(tx);
        if (!may_become(told.state, hold.state) || hold.captured != told.captured)
            return tx + " was said to be " + std::string{wire_name(told.state)} + ", and is " +
                   hold.state;
    }
    return {};
}

/// Requests that were answered by that commit come to the same answers.
std::string PowerImages::ask_again(std::size_t moment, Books& books) const
{
    for (const auto& asked : life_.asked()) {
        if (asked.moment > moment) continue;
        auto request = asked.request;
        request.epoch = books.meta().epoch;
        const auto answer = books.hold(request);
        const bool was_refused = asked.answer.outcome == HoldAnswer::Outcome::refused;
        if (!answer.replay || answer.id != asked.answer.id ||
            (was_refused && answer.outcome != HoldAnswer::Outcome::refused))
            return "another answer to the request " + request.key;
    }
    return {};
}

std::string PowerImages::go_on(std::size_t moment, const SimDisk& disk, Dice& dice,
                               CutTally& tally) const
{
    std::string trouble;
    std::string tx;
    std::size_t acknowledged = 0;
    {
        Successor successor{folder_, life_.moments()[moment].time,
                            static_cast<std::uint64_t>(dice.between(1, 1LL << 40))};
        auto failed = successor.run([&](Books& books) {
            trouble = ask_again(moment, books);
            auto request = ask(life_.rules(), micro(1), "after the cut");
            request.epoch = books.meta().epoch;
            request.legs = {life_.rules().legs().back()};
            const auto answer = books.hold(request);
            if (answer.outcome != HoldAnswer::Outcome::approved) trouble = "no more hold was taken";
            tx = answer.id.to_string();
        });
        acknowledged = disk.log().size();
        if (!failed.empty()) return failed;
        if (!trouble.empty()) return trouble;
    }
    if (!dice.odds(1, 6)) return {};
    const auto found = audit(folder_);
    if (!found.good() || !found.holds.contains(tx)) return "after it has gone on: " + found.text();
    ++tally.second_cuts;
    return cut_again(moment, disk, dice, digest_of_tables(folder_), acknowledged);
}

/// The power goes again, while the ledger is repaired or soon after.
std::string PowerImages::cut_again(std::size_t moment, const SimDisk& disk, Dice& dice,
                                   const Digest& tables, std::size_t acknowledged) const
{
    const auto point =
        static_cast<std::size_t>(dice.between(0, static_cast<std::int64_t>(disk.log().size())));
    const SimDisk again{{.image = disk.log().image_after_power_cut(point, dice)}};
    const auto left = digest_of_tables(folder_);
    // The image that the first cut left, or the empty ledger that was made in it.
    const auto& moments = life_.moments();
    const bool is_old =
        left == moments[moment].tables || (moment <= 1 && left == moments[1 - moment].tables);
    if (left != tables && (!is_old || point >= acknowledged))
        return "cut again at " + std::to_string(point) + ", it is as after neither commit";
    if (left == moments[0].tables) return {};
    const auto found = audit(folder_);
    return found.good() ? std::string{} : "cut again: " + found.text();
}

}  // namespace purse::test

// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/kill_desk.hpp"

#include <csignal>
#include <filesystem>

#include "tests/support/audit.hpp"

namespace purse::test {

namespace {
constexpr int kKilled = 128 + SIGKILL;
// An idle server signs its head after half a second; a busy machine takes its time.
constexpr std::chrono::milliseconds kIdleStep{100};
constexpr int kIdleSteps = 150;
constexpr int kQuietSteps = 8;

constexpr const char* kPolicy = R"({ "version": 1,
  "services": { "images": { "payee": "0x90F79bf6EB2c4f870365E785982E1f101E93b906" } },
  "budgets": { "team": { "caps": { "daily": "1000" } } },
  "agents": {
    "painter": { "budgets": ["team"], "caps": { "perTx": "100", "daily": "900" },
                 "hold": { "ttl": "20h" }, "overCapture": { "percent": 10 },
                 "lateSettle": "recheck", "approval": { "above": "10", "within": "10m" } },
    "poor": { "caps": { "lifetime": "1" }, "hold": { "ttl": "20h" } },
    "hasty": { "caps": { "rolling": [{ "span": "1h", "limit": "1" }], "daily": "2" },
               "hold": { "ttl": "20h" } },
    "poet": {} } }
)";

/// Time alone ends a hold, and nobody is told.
bool is_state(const std::string& acknowledged, const std::string& stored)
{
    return acknowledged == stored || (acknowledged == "open" && stored == "expired");
}
}  // namespace

void expect(bool good, const std::string& what)
{
    if (!good) throw Mistake{what};
}

std::string Acknowledged::compare(const std::string& folder) const
{
    const auto found = audit(folder);
    if (!found.good()) return found.text();
    for (const auto& [id, held] : holds) {
        const auto stored = found.holds.find(id);
        if (stored == found.holds.end()) return "acknowledged and lost: " + id;
        const auto& hold = stored->second;
        if (hold.amount != held.amount || hold.key != held.key || hold.captured != held.captured ||
            !is_state(held.state, hold.state))
            return id + " was acknowledged as " + held.state + " and is stored as " + hold.state;
    }
    for (const auto& [id, hold] : found.holds)
        if (!holds.contains(id)) return "stored, and no answer names it: " + id + " " + hold.key;
    if (found.refused != refused)
        return std::to_string(found.refused) + " refusals are stored, and " +
               std::to_string(refused) + " were acknowledged";
    return {};
}

KillDesk::KillDesk(const std::string& program, const std::string& library,
                   const std::string& folder)
    : folder_{folder},
      program_{program, folder},
      around_{library, folder, folder + "/state"}
{
    program_.write_policy(kPolicy);
    for (const auto* agent : {"painter", "poor", "poet", "hasty"}) program_.issue(agent);
}

Server& KillDesk::server(const std::string& agent)
{
    if (server_ && serves_ == agent) return *server_;
    close_server();
    server_ = std::make_unique<Server>(program_.server(agent));
    serves_ = agent;
    server_->call("pay_budget_status", {});
    return *server_;
}

void KillDesk::close_server()
{
    if (!server_) return;
    const auto code = server_->end();
    server_.reset();
    expect(code == 0, "a server that does not end in peace");
}

bool KillDesk::was_killed(Child& child)
{
    around_.disarm();
    const auto code = child.wait();
    server_.reset();
    expect(code == kKilled && around_.struck(), "a server ended by itself");
    return true;
}

/// What was answered is acknowledged, whatever happens next.
void KillDesk::hear(const Object& answer, const Object& arguments)
{
    const auto state = text_of(answer, "state");
    auto& held = known_.holds[text_of(answer, "txId")];
    if (state == "held" || state == "awaiting_approval") {
        held = {.amount = micro_of(answer, "amount"),
                .key = text_of(arguments, "idempotencyKey"),
                .state = state == "held" ? "open" : state};
    } else if (state == "settled" || state == "voided") {
        held.state = state;
        if (state == "settled") held.captured = micro_of(answer, "captured");
    }
}

bool KillDesk::strike_call(const std::string& tool, const Object& arguments)
{
    server_->ask(tool, arguments);
    const auto said = server_->answer();
    if (said && said->contains("txId")) hear(*said, arguments);
    if (!said && server_->child().output_ended()) return was_killed(server_->child());
    around_.disarm();
    if (around_.struck()) return was_killed(server_->child());
    expect(said.has_value(), "no answer to " + tool);
    return false;
}

bool KillDesk::strike_idle()
{
    int seen = 0;
    int quiet = 0;  // steps since the last sync; it has done its work when they are some
    for (int step = 0; step < kIdleSteps && quiet < kQuietSteps; ++step) {
        server_->child().read_line(kIdleStep);
        if (server_->child().output_ended()) return was_killed(server_->child());
        quiet = around_.seen(Call::sync) == seen && seen > 0 ? quiet + 1 : 0;
        seen = around_.seen(Call::sync);
    }
    around_.disarm();
    if (around_.struck()) return was_killed(server_->child());
    return false;
}

bool KillDesk::strike_command(const std::vector<std::string>& words)
{
    const auto ran = (other ? *other : program_).run(words);
    around_.disarm();
    if (ran.code == kKilled && around_.struck()) return true;
    expect(ran.code == 0, words[0] + " does not succeed: " + ran.output);
    return false;
}

KillDesk::Object KillDesk::hold_of(const std::string& amount, const std::string& its_key)
{
    return {{"service", "images"}, {"estimatedCost", amount}, {"idempotencyKey", its_key}};
}

std::string KillDesk::hear_held(const Object& answer, const std::string& its_key)
{
    expect(text_of(answer, "state") == "held", "not held: " + boost::json::serialize(answer));
    auto id = text_of(answer, "txId");
    auto& held = known_.holds[id];
    expect(held.amount == 0 || held.key == its_key, "one txId for two holds: " + id);
    held = {.amount = micro_of(answer, "amount"), .key = its_key};
    return id;
}

std::string KillDesk::take(const Object& more)
{
    const auto its_key = new_key();
    auto arguments = hold_of("0.10", its_key);
    for (const auto& [name, value] : more) arguments[name] = value;
    return hear_held(server().call("pay_preauthorize", arguments), its_key);
}

std::string KillDesk::take_waiting(const std::string& its_key)
{
    const auto answer = server().call("pay_preauthorize", hold_of("12.50", its_key));
    expect(text_of(answer, "state") == "awaiting_approval",
           "nobody is asked: " + boost::json::serialize(answer));
    auto id = text_of(answer, "txId");
    known_.holds[id] = {
        .amount = micro_of(answer, "amount"), .key = its_key, .state = "awaiting_approval"};
    return id;
}

std::string KillDesk::new_folder()
{
    auto path = folder_ + "/further-" + std::to_string(++folders_);
    std::filesystem::create_directory(path);
    return path;
}

}  // namespace purse::test

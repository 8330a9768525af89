// SPDX-License-Identifier: Apache-2.0
// The program where its surroundings fail: a full or read-only file system, no descriptors, a sync
// that fails, a clock that jumps, a neighbour that is stopped with the lock in its hand.
#include <signal.h>
#include <sys/mount.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <thread>

#include "tests/crash/kill_desk.hpp"
#include "tests/support/audit.hpp"
#include "tests/support/seeded_entropy.hpp"
#include "tests/support/temp_folder.hpp"

using namespace purse::test;
using Object = KillDesk::Object;

namespace {
struct Place : TempFolder {
    Place() : TempFolder{On::memory} {}
};

/// A desk; its ledger is audited against all that was acknowledged when a test ends.
struct Desk {
    Place place;
    KillDesk kill{PURSE_PROGRAM, PURSE_SURROUNDINGS, place.path()};

    Program& program() { return kill.program(); }
    Surroundings& around() { return kill.around(); }
    std::string compare() { return kill.known().compare(program().state()); }
};

Object hold(const std::string& key, const std::string& amount = "0.01")
{
    return KillDesk::hold_of(amount, key);
}

/// Asks for a hold; notes what is acknowledged. The reason of a refusal, or nothing.
std::string ask(KillDesk& desk, Server& server, const std::string& key,
                const std::string& amount = "0.01")
{
    const auto answer = server.call("pay_preauthorize", hold(key, amount));
    if (text_of(answer, "state") != "held") return text_of(answer, "reason");
    desk.hear_held(answer, key);
    return {};
}

bool is_stopped(pid_t pid)
{
    std::ifstream file{"/proc/" + std::to_string(pid) + "/stat"};
    std::string text{std::istreambuf_iterator<char>{file}, {}};
    const auto name_end = text.rfind(") ");
    return name_end != std::string::npos && text.substr(name_end + 2, 1) == "T";
}

void wait_until_stopped(pid_t pid)
{
    for (int i = 0; i < 2'000 && !is_stopped(pid); ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds{5});
    REQUIRE(is_stopped(pid));
}

/// A file system of its own in a folder, where this user may mount one.
class SmallDisk {
public:
    explicit SmallDisk(const std::string& folder) : folder_{folder}
    {
        std::filesystem::create_directories(folder);
        is_mounted_ = ::mount("purse-test", folder.c_str(), "tmpfs", 0, "size=1m,mode=700") == 0;
    }
    ~SmallDisk()
    {
        if (is_mounted_) ::umount2(folder_.c_str(), MNT_DETACH);
    }
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;

    bool is_mounted() const noexcept { return is_mounted_; }
    bool again(unsigned long flags, const char* options) const
    {
        return ::mount("purse-test", folder_.c_str(), "tmpfs", MS_REMOUNT | flags, options) == 0;
    }

private:
    std::string folder_;
    bool is_mounted_ = false;
};
}  // namespace

TEST_CASE("environment: on a full file system nothing is approved, and with room it goes on")
{
    const Place place;
    const SmallDisk disk{place / "state"};
    KillDesk desk{PURSE_PROGRAM, PURSE_SURROUNDINGS, place.path()};
    auto& server = desk.server();
    // Where no file system can be mounted, the calls say that it is full.
    if (!disk.is_mounted())
        desk.around().arm({.call = Call::write, .then = Then::fail, .nth = 400, .error = ENOSPC});
    std::vector<std::string> unheard;
    for (int i = 0; i < 1'000 && unheard.size() < 20; ++i) {
        const auto key = desk.new_key();
        const auto reason = ask(desk, server, key);
        if (reason.empty()) continue;
        REQUIRE(reason == "ledger_unavailable");
        unheard.push_back(key);
    }
    REQUIRE(unheard.size() == 20);
    CHECK(desk.known().holds.size() > 10);

    if (disk.is_mounted())
        REQUIRE(disk.again(0, "size=16m"));
    else
        desk.around().disarm();
    for (const auto& key : unheard) CHECK(ask(desk, server, key).empty());
    desk.close_server();
    CHECK(desk.known().compare(desk.program().state()).empty());
    CHECK(desk.program().run({"journal", "verify"}).code == 0);
}

TEST_CASE("environment: in a read-only folder nothing is approved, and commands say why")
{
    const Place place;
    const SmallDisk disk{place / "state"};
    if (!disk.is_mounted()) {
        WARN("no file system can be mounted here; store_test.cpp has a folder without rights");
        return;
    }
    KillDesk desk{PURSE_PROGRAM, PURSE_SURROUNDINGS, place.path()};
    REQUIRE(ask(desk, desk.server(), desk.new_key()).empty());
    desk.close_server();
    REQUIRE(disk.again(MS_RDONLY, "size=1m"));
    {
        Server server{desk.program().server("painter")};
        CHECK(ask(desk, server, "k-read-only") == "ledger_unavailable");
        CHECK(server.end() == 0);
    }
    CHECK(desk.program().run({"doctor"}).code != 0);
    CHECK(desk.program().run({"freeze", "all"}).code != 0);
    REQUIRE(disk.again(0, "size=1m"));
    CHECK(ask(desk, desk.server(), "k-read-only").empty());
    desk.close_server();
    CHECK(desk.known().compare(desk.program().state()).empty());
}

TEST_CASE("environment: with too few descriptors it refuses or does not begin, and never falls")
{
    Desk desk;
    int refused = 0;
    int held = 0;
    int not_begun = 0;
    for (int limit = 3; limit < 32; ++limit) {
        CAPTURE(limit);
        std::vector<std::string> words{"/bin/sh", "-c", "ulimit -n $0; exec \"$@\"",
                                       std::to_string(limit)};
        for (auto& word : desk.program().server("painter")) words.push_back(word);
        Server server{words};
        if (server.is_there()) {
            const auto reason = ask(desk.kill, server, desk.kill.new_key());
            CHECK((reason.empty() || reason == "ledger_unavailable"));
            ++(reason.empty() ? held : refused);
        } else {
            ++not_begun;
        }
        const auto code = server.end();
        REQUIRE(code.has_value());
        CHECK(*code <= 127);  // by itself, not by a signal; 127: libraries need descriptors too
        CHECK((!server.is_there() || *code == 0));
    }
    CHECK(not_begun > 0);
    CHECK(refused > 0);
    CHECK(held > 0);
    CHECK(desk.compare().empty());
}

TEST_CASE("environment: after a sync that failed it approves no more, until it begins anew")
{
    for (int nth = 1; nth <= 2; ++nth) {
        CAPTURE(nth);
        Desk desk;
        auto& server = desk.kill.server();
        const auto first = desk.kill.take();
        desk.around().arm({.call = Call::sync, .then = Then::fail, .nth = nth, .error = EIO});
        // The second, where the first sync is still good.
        for (int i = 1; i < nth; ++i) CHECK(ask(desk.kill, server, desk.kill.new_key()).empty());
        const auto doubtful = server.call("pay_preauthorize", hold("in doubt"));
        CHECK(text_of(doubtful, "reason") == "ledger_unavailable");
        CHECK(text_of(doubtful, "message").starts_with("In doubt."));
        desk.around().disarm();
        // The disk is well again, but what is on it is not known here.
        CHECK(ask(desk.kill, server, "not before it begins anew") == "ledger_unavailable");
        const auto settled = server.call("pay_settle", {{"txId", first}, {"actualCost", "0.01"}});
        CHECK(text_of(settled, "reason") == "ledger_unavailable");
        desk.kill.close_server();

        auto& next = desk.kill.server();
        CHECK(ask(desk.kill, next, "in doubt").empty());
        CHECK(ask(desk.kill, next, "in doubt").empty());
        CHECK(text_of(next.call("pay_settle", {{"txId", first}, {"outcome", "void"}}), "state") ==
              "voided");
        desk.kill.known().holds.at(first).state = "voided";
        desk.kill.close_server();
        CHECK(desk.compare().empty());
    }
}

TEST_CASE("environment: a command whose sync fails says so")
{
    Desk desk;
    desk.around().arm({.call = Call::sync, .then = Then::fail, .nth = 1, .error = EIO});
    CHECK(desk.program().run({"freeze", "all"}).code != 0);
    desk.around().disarm();
    desk.program().run({"freeze", "all"});
    CHECK(number_in(desk.program().state(), "SELECT COUNT(*) FROM freeze") == 1);
    CHECK(desk.compare().empty());
}

TEST_CASE("environment: however the clock jumps, no cap is passed and time never falls")
{
    constexpr std::int64_t kSecond = 1'000'000;
    const std::int64_t jumps[] = {1, 30, 600, 3'601, 90'000, 400 * 86'400};
    Desk desk;
    Dice dice{11};
    int held = 0;
    int refused = 0;
    for (int i = 0; i < 150; ++i) {
        CAPTURE(i);
        if (dice.odds(1, 2))
            desk.around().jump(jumps[dice.between(0, 5)] * kSecond * (dice.odds(1, 2) ? 1 : -1));
        if (dice.odds(1, 10))
            desk.kill.close_server();  // the next one knows no time but the wall's
        auto& server = desk.kill.server("hasty");
        const auto reason = ask(desk.kill, server, desk.kill.new_key(), "0.30");
        CHECK((reason.empty() || reason == "spend_limit_reached"));
        ++(reason.empty() ? held : refused);
        if (!reason.empty()) ++desk.kill.known().refused;
        const auto status = server.call("pay_budget_status", {});
        for (const auto& item : status.at("caps").as_array()) {
            const auto& cap = item.as_object();
            CHECK(micro_of(cap, "held") + micro_of(cap, "spent") <= micro_of(cap, "limit"));
        }
    }
    CHECK(held > 10);
    CHECK(refused > 10);
    desk.kill.close_server();
    CHECK(desk.compare().empty());  // the audit finds every entry's time and every rolling sum
}

TEST_CASE("environment: a process that is stopped with the lock in its hand delays, and no more")
{
    Desk desk;
    Server stopped{desk.program().server("poor")};
    Server other{desk.program().server("poor")};
    stopped.call("pay_budget_status", {});
    other.call("pay_budget_status", {});
    desk.around().arm({.call = Call::sync, .then = Then::sleep, .nth = 1});
    REQUIRE(stopped.ask("pay_preauthorize", hold("mine", "0.60")));
    wait_until_stopped(stopped.child().pid());
    // After ten seconds it is told that another process has the lock, and that nothing was done.
    const auto busy = other.call("pay_preauthorize", hold("yours", "0.60"));
    CHECK(text_of(busy, "reason") == "busy");
    CHECK(text_of(busy, "retry") == "same_request");
    // While it waits again, the first one goes on.
    REQUIRE(other.ask("pay_preauthorize", hold("yours", "0.60")));
    stopped.child().signal(SIGCONT);
    const auto first = stopped.answer();
    REQUIRE(first.has_value());
    desk.kill.hear_held(*first, "mine");
    const auto second = other.answer();
    REQUIRE(second.has_value());
    CHECK(text_of(*second, "reason") == "spend_limit_reached");
    ++desk.kill.known().refused;
    CHECK(stopped.end() == 0);
    CHECK(other.end() == 0);
    CHECK(desk.compare().empty());
}

TEST_CASE("environment: what a ledger rests on has its name on the disk before it is used")
{
    Desk desk;
    const auto fresh = desk.place / "fresh";
    std::filesystem::create_directory(fresh);
    const Program program{PURSE_PROGRAM, fresh};
    desk.around().watch(fresh);
    // The folders that were made, in what they were made in.
    desk.around().count("/fresh");
    Server server{program.server("")};
    REQUIRE(text_of(server.call("pay_preauthorize", hold("a")), "state") == "held");
    CHECK(desk.around().seen(Call::sync) >= 1);
    // The key that the first head is signed with, when the server has nothing else to do.
    REQUIRE_FALSE(std::filesystem::exists(program.state() + "/journal.key"));
    desk.around().count("/fresh/state");
    CHECK(server.end() == 0);
    REQUIRE(std::filesystem::exists(program.state() + "/journal.key"));
    CHECK(desk.around().seen(Call::sync) >= 1);
}

// SPDX-License-Identifier: Apache-2.0
// The simulated disk itself: it keeps what was synced, may lose what was not, and is good enough
// for the real store. The tests that rest on it are worth what it is worth.
#include "tests/support/sim_disk.hpp"

#include <catch2/catch.hpp>
#include <set>

#include "tests/support/audit.hpp"
#include "tests/support/fault_disk.hpp"
#include "tests/support/test_ledger.hpp"

using namespace purse;
using namespace purse::test;
using Kind = DiskEvent::Kind;

namespace {
constexpr int kDraws = 400;

/// A medium on which a file "/d/a" of three sectors of 'o' is durable.
Medium with_old_file()
{
    return Medium{{{"/d/a", std::string(1'536, 'o')}}};
}

/// Every form in which the file was found after that many power cuts; "-": it was not there.
std::set<std::string> forms(const Medium& medium, const std::string& path)
{
    Dice dice{7};
    std::set<std::string> found;
    for (int i = 0; i < kDraws; ++i) {
        const auto image = medium.after_power_cut(dice);
        const auto file = image.find(path);
        found.insert(file == image.end() ? "-" : file->second);
    }
    return found;
}

/// A ledger on the simulated disk: one hold, acknowledged at the last point.
struct OneHold {
    explicit OneHold(SimDisk::Settings settings) : disk{std::move(settings)}
    {
        purse.rules.money("daily", Window::day, 1'000'000);
        id = purse.hold(usdc("0.5"), "k").id.to_string();
        entries = purse.entries();
    }
    SimDisk disk;
    TestLedger purse{nullptr, TempFolder::On::memory};
    std::string id;
    std::int64_t entries = 0;
};
}  // namespace

TEST_CASE("sim disk: what is synced stays, what is not may be lost, in part and torn")
{
    auto medium = with_old_file();
    CHECK(medium.is_clean());
    medium.apply({.kind = Kind::write, .file = 1, .at = 0, .bytes = std::string(1'024, 'n')});
    CHECK_FALSE(medium.is_clean());
    const auto found = forms(medium, "/d/a");
    const auto form = [](std::string_view sectors) {
        std::string all;
        for (const char sector : sectors) all += std::string(512, sector);
        return all;
    };
    CHECK(found == std::set{form("ooo"), form("noo"), form("ono"), form("nno")});

    medium.apply({.kind = Kind::sync, .file = 1});
    CHECK(medium.is_clean());
    CHECK(forms(medium, "/d/a") == std::set{form("nno")});
}

TEST_CASE("sim disk: a file grows, shrinks and grows again, and old bytes do not come back")
{
    auto medium = with_old_file();
    medium.apply({.kind = Kind::truncate, .file = 1, .at = 0});
    medium.apply({.kind = Kind::write, .file = 1, .at = 1'024, .bytes = "new"});
    for (const auto& contents : forms(medium, "/d/a")) {
        const auto size = contents.size();
        CHECK((size == 0 || size == 1'027 || size == 1'536));
    }
    medium.apply({.kind = Kind::sync, .file = 1});
    CHECK(forms(medium, "/d/a") == std::set{std::string(1'024, '\0') + "new"});
}

TEST_CASE("sim disk: a name is there for good when its folder was synced")
{
    auto medium = with_old_file();
    medium.apply({.kind = Kind::create, .file = 2, .path = "/d/b"});
    medium.apply({.kind = Kind::write, .file = 2, .at = 0, .bytes = "b"});
    medium.apply({.kind = Kind::sync, .file = 2});
    CHECK(forms(medium, "/d/b") == std::set<std::string>{"-", "b"});
    medium.apply({.kind = Kind::sync_folder, .path = "/elsewhere"});
    CHECK(forms(medium, "/d/b") == std::set<std::string>{"-", "b"});
    medium.apply({.kind = Kind::sync_folder, .path = "/d"});
    CHECK(forms(medium, "/d/b") == std::set<std::string>{"b"});

    medium.apply({.kind = Kind::remove, .path = "/d/b"});
    medium.apply({.kind = Kind::create, .file = 3, .path = "/d/b"});
    CHECK(forms(medium, "/d/b") == std::set<std::string>{"-", "b", ""});
    medium.apply({.kind = Kind::sync_folder, .path = "/d"});
    CHECK(forms(medium, "/d/b") == std::set<std::string>{""});
}

TEST_CASE("sim disk: the power is cut at any point, and what was acknowledged is there")
{
    DiskLog log;
    std::size_t acknowledged = 0;
    std::string folder;
    std::string id;
    {
        OneHold world{{.seed = 3}};
        acknowledged = world.disk.log().size();
        folder = world.purse.folder.path();
        id = world.id;
        world.purse.give_back(TxId::parse(id).value());
        log = world.disk.log();
    }
    REQUIRE(acknowledged < log.size());
    Dice dice{5};
    int with_end = 0;
    for (auto point = acknowledged; point <= log.size(); ++point) {
        const SimDisk disk{{.image = log.image_after_power_cut(point, dice)}};
        const auto found = audit(folder);
        CAPTURE(point);
        REQUIRE(found.text() == "");
        REQUIRE(found.holds.contains(id));
        if (found.holds.at(id).state == "voided") ++with_end;
    }
    CHECK(with_end > 0);
    CHECK(with_end < static_cast<int>(log.size() - acknowledged + 1));
}

TEST_CASE("sim disk: one that only says that it has synced loses what was acknowledged")
{
    OneHold world{{.seed = 3, .syncs = SimDisk::Syncs::ignored}};
    CHECK(world.disk.syncs() > 0);
    Dice dice{5};
    int lost = 0;
    for (int i = 0; i < 50; ++i) {
        const SimDisk disk{{.image = world.disk.image_now(dice)}};
        if (!audit(world.purse.folder.path()).holds.contains(world.id)) ++lost;
    }
    CHECK(lost > 0);
}

TEST_CASE("sim disk: without power everything fails, and after the restart it goes on")
{
    OneHold world{{.seed = 3}};
    Dice dice{5};
    const auto image = world.disk.cut_power(dice);
    CHECK_THROWS_AS(world.purse.hold("0.1"), StoreError);
    CHECK_THROWS_AS((world.purse.reopen(), world.purse.hold("0.1")), StoreError);
    world.disk.restart_from(image);
    world.purse.reopen();
    CHECK(world.purse.hold(usdc("0.5"), "k").id.to_string() == world.id);
    CHECK(world.purse.hold("0.5").outcome == HoldAnswer::Outcome::approved);
    CHECK(world.purse.hold("0.1").outcome == HoldAnswer::Outcome::refused);
    CHECK(audit(world.purse.folder.path()).text() == "");
}

TEST_CASE("sim disk: several connections share it, checkpoints and all")
{
    const SimDisk disk{{.seed = 3}};
    const TempFolder folder{TempFolder::On::memory};
    FakeClock clock;
    SeededEntropy entropy;
    Rules rules;
    rules.money("daily", Window::day, 200);
    const sqlite::SqliteStore::Settings settings{
        .folder = folder.path(), .checkpoint_frames = 20, .idle_checkpoint_frames = 5};
    sqlite::SqliteStore stores[]{sqlite::SqliteStore{settings}, sqlite::SqliteStore{settings}};
    Ledger ledgers[]{{stores[0], clock, entropy, nullptr}, {stores[1], clock, entropy, nullptr}};
    int approved = 0;
    for (int i = 0; i < 210; ++i) {
        auto& ledger = ledgers[i % 2];
        ledger.transact([&](Books& books) {
            auto request = ask(rules, micro(1));
            request.epoch = books.meta().epoch;
            if (books.hold(request).outcome == HoldAnswer::Outcome::approved) ++approved;
        });
        if (i % 7 == 0) ledger.idle();
    }
    CHECK(approved == 200);
    const auto found = audit(folder.path());
    CHECK(found.text() == "");
    CHECK(found.holds.size() == 200);
}

TEST_CASE("sim disk: the same seed gives the same history and the same image")
{
    const auto history = [](std::uint64_t seed) {
        OneHold world{{.seed = seed}};
        std::string all;
        const auto prefix = world.purse.folder.path().size();
        for (const auto& event : world.disk.log().events())
            all += std::to_string(static_cast<int>(event.kind)) + ' ' + std::to_string(event.file) +
                   ' ' + (event.path.empty() ? "" : event.path.substr(prefix)) + ' ' +
                   std::to_string(event.at) + ' ' + event.bytes + '\n';
        Dice dice{9};
        for (const auto& [path, contents] : world.disk.image_now(dice))
            all += path.substr(prefix) + contents;
        return all;
    };
    CHECK(history(1) == history(1));
    CHECK(history(1) != history(2));
}

TEST_CASE("sim disk: a disk that fails stands on it")
{
    OneHold world{{.seed = 3}};
    {
        FaultDisk faults;
        world.purse.reopen();
        faults.fail(FaultDisk::Call::sync, 1, SQLITE_IOERR_FSYNC);
        CHECK_THROWS_AS(world.purse.hold("0.1"), StoreError);
        world.purse.reopen();  // with the faults gone, the connection must be too
    }
    world.purse.reopen();
    CHECK(audit(world.purse.folder.path()).text() == "");
    CHECK(world.purse.hold("0.1").outcome == HoldAnswer::Outcome::approved);
}

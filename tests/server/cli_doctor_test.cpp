// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/file.h>
#include <unistd.h>

#include <boost/json/parse.hpp>
#include <filesystem>

#include "server/cli/credential.hpp"
#include "server/cli/doctor.hpp"
#include "tests/support/cli_desk.hpp"

using namespace purse;
using namespace purse::server::cli;
using purse::test::CliDesk;
using purse::test::has;
namespace fs = std::filesystem;

namespace {
int examine_now(CliDesk& desk, DoctorOptions options = {.lock_patience = Span{50'000}})
{
    desk.close();
    return desk.run(examine, options);
}

/// A healthy purse with an agent's credential in the settings.
void set_up(CliDesk& desk, CredentialIssueOptions options = {.agent = "painter"})
{
    desk.apply();
    REQUIRE(desk.run(issue_credential, options) == kDone);
    desk.settings.credential = desk.out.substr(0, desk.out.size() - 1);
}

std::string credential_id(CliDesk& desk)
{
    std::string id;
    desk.app().look([&](Books& books) { id = books.rows().credentials().at(0).id; });
    return id;
}
}  // namespace

TEST_CASE("The doctor finds nothing on a healthy set-up, and leaves nothing behind")
{
    CliDesk desk;
    SECTION("before the first call")
    {
        CHECK(examine_now(desk) == kDone);
        CHECK(has(desk.out, "is not there yet; the first call makes it"));
        CHECK_FALSE(fs::exists(desk.settings.state_folder));
    }
    SECTION("with a ledger, quick and deep")
    {
        set_up(desk);
        CHECK(examine_now(desk) == kDone);
        CHECK_FALSE(has(desk.out, "FAIL"));
        CHECK_FALSE(has(desk.out, desk.settings.credential));
        CHECK(examine_now(desk, {.depth = Depth::deep}) == kDone);
        CHECK(has(desk.out, "SQLite finds no damage in the whole file"));
        REQUIRE(examine_now(desk, {.form = Form::json}) == kDone);
        CHECK(boost::json::parse(desk.out).at("ok") == true);
    }
}

TEST_CASE("The doctor on a broken state folder")
{
    CliDesk desk;
    SECTION("a file stands in its place")
    {
        desk.settings.state_folder = desk.write("state", "?");
        CHECK(examine_now(desk) == kNo);
        CHECK(has(desk.out, "state is not a folder"));
        CHECK(has(desk.out, "mend: move it away"));
    }
    SECTION("it cannot be made")
    {
        desk.settings.state_folder = desk.write("file", "?") + "/state";
        CHECK(examine_now(desk) == kNo);
        CHECK(has(desk.out, "cannot be made"));
    }
    SECTION("others may look")
    {
        set_up(desk);
        fs::permissions(desk.settings.state_folder, fs::perms{0755});
        CHECK(examine_now(desk) == kDone);
        CHECK(has(desk.out, "is open to others (mode 755)"));
        CHECK(has(desk.out, "mend: chmod 700 "));
    }
    SECTION("on a shared file system")
    {
        CHECK(judge_file_system(NFS_SUPER_MAGIC).health == Health::fail);
        CHECK(judge_file_system(static_cast<long>(0xff534d42)).health == Health::fail);
        CHECK(judge_file_system(TMPFS_MAGIC).health == Health::warn);
        CHECK(judge_file_system(EXT4_SUPER_MAGIC).health == Health::ok);
        CHECK(judge_file_system(42).health == Health::warn);
    }
}

TEST_CASE("The doctor on a broken ledger")
{
    CliDesk desk;
    set_up(desk);
    SECTION("its lock is held")
    {
        desk.close();
        const int fd =
            ::open((desk.settings.state_folder + "/ledger.lock").c_str(), O_RDWR | O_CLOEXEC);
        REQUIRE(::flock(fd, LOCK_EX) == 0);
        CHECK(examine_now(desk) == kNo);
        CHECK(has(desk.out, "FAIL  lock"));
        CHECK(has(desk.out, "has held the ledger's lock for 50ms"));
        ::close(fd);
    }
    SECTION("it is no ledger")
    {
        desk.close();
        fs::remove(desk.settings.ledger_file() + "-wal");
        desk.write("state/ledger.db", std::string(4096, '?'));
        CHECK(examine_now(desk) == kNo);
        CHECK(has(desk.out, "FAIL  ledger"));
        CHECK(has(desk.out, "restore a backup"));
    }
    SECTION("it is newer than this program")
    {
        desk.tamper("UPDATE meta SET schema_version = 99");
        CHECK(examine_now(desk) == kNo);
        CHECK(has(desk.out, "schema version 99"));
        CHECK(has(desk.out, "mend: run the newest purse"));
    }
    SECTION("its journal was edited")
    {
        desk.tamper("UPDATE journal SET body = replace(body, 'painter', 'pointer') WHERE seq = 2");
        CHECK(examine_now(desk) == kNo);
        CHECK(has(desk.out, "entry 2 does not match its hash"));
    }
    SECTION("its time is ahead of the clock")
    {
        desk.tamper("UPDATE meta SET last_time = last_time + 7200000000");
        CHECK(examine_now(desk) == kNo);
        CHECK(has(desk.out, "FAIL  clock"));
    }
    SECTION("its page lists are damaged: only the deep look finds it")
    {
        desk.tamper(
            "CREATE TABLE filler (x INTEGER CHECK (x > 0)); INSERT INTO filler VALUES (1);"
            "PRAGMA ignore_check_constraints = 1; UPDATE filler SET x = -1");
        CHECK(examine_now(desk) == kDone);
        CHECK(examine_now(desk, {.depth = Depth::deep}) == kNo);
        CHECK(has(desk.out, "FAIL  file contents"));
    }
}

TEST_CASE("The doctor on a broken journal key")
{
    CliDesk desk;
    set_up(desk);
    const auto key = desk.settings.head_key_file();
    SECTION("gone")
    {
        fs::remove(key);
        CHECK(examine_now(desk) == kNo);
        CHECK(has(desk.out, "is gone, though it has signed heads"));
        CHECK_FALSE(fs::exists(key));
    }
    SECTION("open to others")
    {
        fs::permissions(key, fs::perms{0644});
        CHECK(examine_now(desk) == kNo);
        CHECK(has(desk.out, "mend: chmod 600 " + key));
    }
    SECTION("another one")
    {
        CliDesk other;
        other.apply();
        fs::copy(other.settings.head_key_file(), key, fs::copy_options::overwrite_existing);
        CHECK(examine_now(desk) == kNo);
        CHECK(has(desk.out, "is not the key that signed the last head"));
    }
    SECTION("no key")
    {
        desk.write("state/journal.key", "hello");
        CHECK(examine_now(desk) == kNo);
        CHECK(has(desk.out, "is not an Ed25519 key"));
    }
}

TEST_CASE("The doctor on a broken policy file")
{
    CliDesk desk;
    set_up(desk);
    SECTION("missing")
    {
        desk.settings.policy_file = desk.folder / "nowhere.jsonc";
        CHECK(examine_now(desk) == kNo);
        CHECK(has(desk.out, "FAIL  policy file"));
    }
    SECTION("with mistakes")
    {
        desk.settings.policy_file = desk.write("policy.jsonc", R"({"version": 2})");
        CHECK(examine_now(desk) == kNo);
        CHECK(has(desk.out, "has 1 mistake, the first: $.version"));
        CHECK(has(desk.out, "purse policy check "));
    }
    SECTION("not in force")
    {
        desk.settings.policy_file =
            desk.write("policy.jsonc", R"({"version": 1, "agents": {"painter": {}}})");
        CHECK(examine_now(desk) == kDone);
        CHECK(has(desk.out, "warn  policy"));
        CHECK(has(desk.out, "not the policy file"));
    }
}

TEST_CASE("The doctor on a credential that will be refused")
{
    CliDesk desk;
    SECTION("misshapen")
    {
        set_up(desk);
        desk.settings.credential = "\"purse_painter_abc\"";
        CHECK(examine_now(desk) == kNo);
        CHECK(has(desk.out, "does not have the form"));
    }
    SECTION("of another ledger")
    {
        CliDesk other;
        set_up(other);
        set_up(desk);
        desk.settings.credential = other.settings.credential;
        CHECK(examine_now(desk) == kNo);
        CHECK(has(desk.out, "this ledger does not know it"));
        CHECK_FALSE(has(desk.out, desk.settings.credential));
    }
    SECTION("revoked")
    {
        set_up(desk);
        desk.run(revoke_credential, credential_id(desk));
        CHECK(examine_now(desk) == kNo);
        CHECK(has(desk.out, "was revoked at"));
    }
    SECTION("expired")
    {
        set_up(desk);
        desk.tamper("UPDATE credential SET expires_at = issued_at + 1");
        CHECK(examine_now(desk) == kNo);
        CHECK(has(desk.out, "expired at"));
    }
    SECTION("about to expire")
    {
        set_up(desk, {.agent = "painter", .expires = Span::days(2)});
        CHECK(examine_now(desk) == kDone);
        CHECK(has(desk.out, "warn  credential"));
        CHECK(has(desk.out, "purse credential rotate cred_"));
    }
    SECTION("of an agent that left the policy")
    {
        set_up(desk);
        desk.apply(R"({"version": 1, "agents": {"poet": {}}})");
        CHECK(examine_now(desk) == kNo);
        CHECK(has(desk.out, "the policy in force has no such agent"));
    }
}

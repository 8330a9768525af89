// SPDX-License-Identifier: Apache-2.0
// What the operator does, and what happens to the files themselves, each to be struck at its
// commit.
#include <sqlite3.h>

#include <filesystem>
#include <fstream>

#include "tests/crash/kill_desk.hpp"

namespace purse::test {

namespace {
constexpr const char* kLive = " AND revoked_at = 9223372036854775807";
constexpr const char* kFrozen = "SELECT COUNT(*) FROM freeze WHERE target = 'agent/poet'";

std::int64_t number(KillDesk& desk, const std::string& sql)
{
    return number_in(desk.program().state(), sql);
}

std::int64_t live_credentials(KillDesk& desk)
{
    return number(desk,
                  std::string{"SELECT COUNT(*) FROM credential WHERE agent = 'poet'"} + kLive);
}

/// A new credential of the poet; its public id is in desk.key.
void issue(KillDesk& desk)
{
    desk.close_server();
    desk.program().issue("poet");
    desk.key = text_in(desk.program().state(),
                       std::string{"SELECT id FROM credential WHERE agent = 'poet'"} + kLive +
                           " ORDER BY issued_at DESC LIMIT 1");
    desk.count = live_credentials(desk);
}

std::string reason_of_poet(KillDesk& desk)
{
    const auto answer = desk.server("poet").call("pay_budget_status", {});
    return text_of(answer, "reason");
}

KillAct command(const std::string& name, std::function<void(KillDesk&)> prepare,
                std::function<std::vector<std::string>(KillDesk&)> line,
                std::function<void(KillDesk&)> look)
{
    // The command is run again whatever became of it: done twice is as done once.
    return {.name = name,
            .prepare =
                [prepare](KillDesk& desk) {
                    desk.close_server();
                    prepare(desk);
                },
            .strike = [line](KillDesk& desk) { return desk.strike_command(line(desk)); },
            .resolve =
                [line, look](KillDesk& desk) {
                    desk.program().run(line(desk));
                    look(desk);
                }};
}

KillAct policy_change()
{
    return command(
        "policy change",
        [](KillDesk& desk) {
            desk.count = number(desk, "SELECT COUNT(*) FROM policy");
            std::ofstream{desk.program().policy_file(), std::ios::app} << "// change " << desk.count
                                                                       << '\n';
        },
        [](KillDesk&) { return std::vector<std::string>{"policy", "apply"}; },
        [](KillDesk& desk) {
            expect(number(desk, "SELECT COUNT(*) FROM policy") == desk.count + 1 &&
                       number(desk, "SELECT policy_version FROM meta") == desk.count + 1,
                   "a policy that was applied twice or never");
        });
}

KillAct freeze()
{
    return command(
        "freeze", [](KillDesk&) {},
        [](KillDesk&) { return std::vector<std::string>{"freeze", "agent", "poet"}; },
        [](KillDesk& desk) {
            expect(number(desk, kFrozen) == 1, "not frozen");
            expect(desk.program().run({"unfreeze", "agent", "poet"}).code == 0, "not unfrozen");
        });
}

KillAct unfreeze()
{
    return command(
        "unfreeze",
        [](KillDesk& desk) {
            expect(desk.program().run({"freeze", "agent", "poet"}).code == 0, "not frozen");
        },
        [](KillDesk&) { return std::vector<std::string>{"unfreeze", "agent", "poet"}; },
        [](KillDesk& desk) { expect(number(desk, kFrozen) == 0, "still frozen"); });
}

KillAct credential_issued()
{
    return {.name = "credential issued",
            .prepare =
                [](KillDesk& desk) {
                    desk.close_server();
                    desk.count = live_credentials(desk);
                },
            .strike =
                [](KillDesk& desk) { return desk.strike_command({"credential", "issue", "poet"}); },
            .resolve =
                [](KillDesk& desk) {
                    // Whose secret nobody has seen may be there; the next one is, and works.
                    const auto before = live_credentials(desk);
                    expect(before == desk.count || before == desk.count + 1, "too many secrets");
                    desk.program().issue("poet");
                    expect(live_credentials(desk) == before + 1, "an issued credential is lost");
                    expect(reason_of_poet(desk).empty(), "a new credential that does not work");
                }};
}

KillAct credential_revoked()
{
    return command(
        "credential revoked", issue,
        [](KillDesk& desk) { return std::vector<std::string>{"credential", "revoke", desk.key}; },
        [](KillDesk& desk) {
            expect(live_credentials(desk) == desk.count - 1, "not revoked, or not it alone");
            expect(reason_of_poet(desk) == "credential_revoked", "a revoked credential is served");
        });
}

KillAct credential_ends()
{
    return command(
        "credential given an end", issue,
        [](KillDesk& desk) {
            return std::vector<std::string>{"credential", "expire", desk.key, "--in", "1h"};
        },
        [](KillDesk& desk) {
            expect(number(desk, "SELECT COUNT(*) FROM credential WHERE id = '" + desk.key +
                                    "' AND expires_at != 9223372036854775807") == 1,
                   "a credential without its end");
        });
}

KillAct credential_rotated()
{
    return {
        .name = "credential rotated",
        .prepare = issue,
        .strike =
            [](KillDesk& desk) { return desk.strike_command({"credential", "rotate", desk.key}); },
        .resolve =
            [](KillDesk& desk) {
                expect(live_credentials(desk) == desk.count, "rotated by half");
                desk.program().run({"credential", "rotate", desk.key});
                expect(live_credentials(desk) == desk.count, "rotated twice");
                expect(reason_of_poet(desk) == "credential_revoked", "the old one is served");
            }};
}

KillAct operator_link()
{
    return {.name = "operator's link issued",
            .prepare =
                [](KillDesk& desk) {
                    desk.close_server();
                    desk.count = number(desk, "SELECT COUNT(*) FROM operator_key");
                },
            .strike = [](KillDesk& desk) { return desk.strike_command({"operator", "login"}); },
            .resolve =
                [](KillDesk& desk) {
                    const auto before = number(desk, "SELECT COUNT(*) FROM operator_key");
                    expect(before == desk.count || before == desk.count + 1, "too many links");
                    expect(desk.program().run({"operator", "login"}).code == 0, "no link");
                    expect(number(desk, "SELECT COUNT(*) FROM operator_key") == before + 1,
                           "an issued link is lost");
                }};
}

/// A desk in a folder of its own, without a policy: the sandbox.
void open_other(KillDesk& desk, Program& program, const Acknowledged& known)
{
    desk.close_server();
    desk.other = std::make_unique<Program>(program);
    desk.other_known = known;
    desk.around().watch(program.state());
}

void close_other(KillDesk& desk)
{
    const auto trouble = desk.other_known.compare(desk.other->state());
    std::filesystem::remove_all(desk.other->desk());
    desk.other.reset();
    desk.around().watch(desk.program().state());
    expect(trouble.empty(), trouble);
}

/// The first call of a server on the other desk, and its end, with which the head is signed.
bool strike_first_call(KillDesk& desk, const std::string& agent)
{
    Server server{desk.other->server(agent)};
    server.ask("pay_preauthorize", KillDesk::hold_of("0.05", desk.key));
    const auto said = server.answer();
    desk.tx = said ? text_of(*said, "txId") : std::string{};
    const auto code = server.end();
    desk.around().disarm();
    expect(code == 0 || desk.around().struck(), "a server ended by itself");
    return code != 0;
}

void resolve_first_call(KillDesk& desk, const std::string& agent)
{
    {
        Server server{desk.other->server(agent)};
        const auto arguments = KillDesk::hold_of("0.05", desk.key);
        const auto first = server.call("pay_preauthorize", arguments);
        const auto again = server.call("pay_preauthorize", arguments);
        const auto id = text_of(first, "txId");
        expect(!id.empty() && text_of(again, "txId") == id, "not held once");
        expect(desk.tx.empty() || desk.tx == id, "acknowledged and lost: " + desk.tx);
        desk.other_known.holds[id] = {.amount = micro_of(first, "amount"), .key = desk.key};
        expect(server.end() == 0, "a server that does not end in peace");
    }
    expect(desk.other->run({"journal", "verify"}).code == 0, "the journal does not hold");
    close_other(desk);
}

KillAct new_ledger()
{
    return {.name = "new ledger, by a call",
            .prepare =
                [](KillDesk& desk) {
                    desk.key = desk.new_key();
                    Program fresh{desk.program().server("").front(), desk.new_folder()};
                    open_other(desk, fresh, {});
                },
            .strike = [](KillDesk& desk) { return strike_first_call(desk, ""); },
            .resolve = [](KillDesk& desk) { resolve_first_call(desk, ""); }};
}

/// Makes the ledger, the journal's key and a signed head in one go.
KillAct new_ledger_by_command()
{
    return {.name = "new ledger and key, by a command",
            .prepare =
                [](KillDesk& desk) {
                    Program fresh{desk.program().server("").front(), desk.new_folder()};
                    open_other(desk, fresh, {});
                },
            .strike = [](KillDesk& desk) { return desk.strike_command({"freeze", "all"}); },
            .resolve =
                [](KillDesk& desk) {
                    desk.other->run({"freeze", "all"});
                    expect(number_in(desk.other->state(), "SELECT COUNT(*) FROM freeze") == 1,
                           "not frozen");
                    expect(number_in(desk.other->state(), "SELECT COUNT(*) FROM journal") == 1,
                           "frozen twice");
                    expect(desk.other->run({"journal", "verify"}).code == 0,
                           "the journal does not hold");
                    close_other(desk);
                }};
}

/// As the version before the journal's tree left it, but for its signed heads.
void make_old(const std::string& folder)
{
    sqlite3* db = nullptr;
    sqlite3_open_v2((folder + "/ledger.db").c_str(), &db, SQLITE_OPEN_READWRITE, nullptr);
    sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    const int code = sqlite3_exec(db,
                                  "BEGIN; ALTER TABLE meta DROP COLUMN tree_size;"
                                  "ALTER TABLE meta DROP COLUMN tree;"
                                  "DELETE FROM head; ALTER TABLE head DROP COLUMN root;"
                                  "ALTER TABLE head DROP COLUMN path; DROP TABLE shadow;"
                                  "DROP TABLE webhook; DROP TABLE webhook_letter;"
                                  "DROP TABLE webhook_mark;"
                                  "UPDATE meta SET schema_version = 4, signed_seq = 0; COMMIT",
                                  nullptr, nullptr, nullptr);
    const std::string trouble = sqlite3_errmsg(db);
    sqlite3_close(db);
    expect(code == SQLITE_OK, "no old ledger: " + trouble);
}

KillAct migration()
{
    return {.name = "migration of an old file",
            .prepare =
                [](KillDesk& desk) {
                    desk.close_server();
                    desk.key = desk.new_key();
                    Program old{desk.program().server("").front(), desk.new_folder()};
                    std::filesystem::copy(desk.program().state(), old.state());
                    std::filesystem::copy(desk.program().policy_file(), old.policy_file());
                    std::filesystem::copy(desk.program().credential_file("painter"),
                                          old.credential_file("painter"));
                    make_old(old.state());
                    open_other(desk, old, desk.known());
                },
            .strike = [](KillDesk& desk) { return strike_first_call(desk, "painter"); },
            .resolve = [](KillDesk& desk) { resolve_first_call(desk, "painter"); }};
}

/// Enough commits that an idle server folds the log: it does from 256 frames on, and a commit has
/// some five.
void fill_log(KillDesk& desk)
{
    for (int i = 0; i < 40; ++i) {
        const auto id = desk.take();
        desk.server().call("pay_settle", {{"txId", id}, {"outcome", "void"}});
        desk.known().holds.at(id).state = "voided";
    }
}

KillAct idle_fold()
{
    return {.name = "log folded into the file, idle",
            .prepare = fill_log,
            .strike = [](KillDesk& desk) { return desk.strike_idle(); },
            .resolve = [](KillDesk& desk) { desk.tx = desk.take(); },
            .file = "ledger.db"};
}

KillAct head_signed()
{
    return {.name = "journal head signed, idle",
            .prepare = [](KillDesk& desk) { desk.tx = desk.take(); },
            .strike = [](KillDesk& desk) { return desk.strike_idle(); },
            .resolve =
                [](KillDesk& desk) {
                    desk.close_server();
                    desk.server();
                    desk.close_server();
                    expect(desk.program().run({"journal", "verify"}).code == 0,
                           "the journal does not hold");
                },
            .file = "ledger.db-wal"};
}
}  // namespace

std::vector<KillAct> operators_acts()
{
    return {policy_change(),      freeze(),          unfreeze(),
            credential_issued(),  credential_ends(), credential_revoked(),
            credential_rotated(), operator_link()};
}

std::vector<KillAct> files_acts()
{
    return {new_ledger(), new_ledger_by_command(), migration(), idle_fold(), head_signed()};
}

}  // namespace purse::test

// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/program.hpp"

#include <sqlite3.h>

#include <fstream>
#include <stdexcept>
#include <utility>

#include "ledger/money.hpp"

namespace purse::test {

Program::Program(std::string program, std::string desk)
    : program_{std::move(program)},
      desk_{std::move(desk)}
{
}

void Program::write_policy(const std::string& text) const
{
    std::ofstream{policy_file()} << text;
}

Ran Program::run(std::vector<std::string> words) const
{
    words.insert(words.begin(), {program_, "--log", "off", "--state", state()});
    if (std::ifstream{policy_file()}) words.insert(words.end(), {"--policy", policy_file()});
    Child child{words};
    child.close_input();
    Ran result;
    while (const auto line = child.read_line()) result.output += *line + "\n";
    result.code = child.wait();
    return result;
}

void Program::issue(const std::string& agent) const
{
    const auto issued = run({"credential", "issue", agent});
    if (issued.code != 0) throw std::runtime_error{"no credential: " + issued.output};
    std::ofstream{credential_file(agent)} << issued.output;
}

std::vector<std::string> Program::server(const std::string& agent) const
{
    std::vector<std::string> words{program_, "--log", "off", "--state", state()};
    if (!agent.empty())
        words.insert(words.end(),
                     {"--policy", policy_file(), "--credential-file", credential_file(agent)});
    words.emplace_back("serve");
    return words;
}

Server::Server(const std::vector<std::string>& command) : child_{command}
{
    child_.write(R"({"jsonrpc":"2.0","id":0,"method":"initialize","params":{)"
                 R"("protocolVersion":"2025-06-18","capabilities":{},)"
                 R"("clientInfo":{"name":"surroundings","version":"1"}}})"
                 "\n"
                 R"({"jsonrpc":"2.0","method":"notifications/initialized"})"
                 "\n");
    is_there_ = child_.read_line().has_value();
}

bool Server::ask(const std::string& tool, const Object& arguments)
{
    return child_.write(boost::json::serialize(
                            Object{{"jsonrpc", "2.0"},
                                   {"id", ++last_},
                                   {"method", "tools/call"},
                                   {"params", Object{{"name", tool}, {"arguments", arguments}}}}) +
                        "\n");
}

std::optional<Server::Object> Server::answer(std::chrono::milliseconds patience)
{
    while (const auto line = child_.read_line(patience)) {
        const auto message = boost::json::parse(*line).as_object();
        const auto* id = message.if_contains("id");
        if (id == nullptr || *id != last_ || message.contains("method")) continue;
        const auto* result = message.if_contains("result");
        if (result == nullptr) throw std::runtime_error{"no result: " + *line};
        return result->at("structuredContent").as_object();
    }
    return std::nullopt;
}

Server::Object Server::call(const std::string& tool, const Object& arguments)
{
    if (!ask(tool, arguments)) throw std::runtime_error{"a server that does not read"};
    auto said = answer();
    if (!said) throw std::runtime_error{"a server that does not answer " + tool};
    return std::move(*said);
}

std::optional<int> Server::end()
{
    child_.close_input();
    return child_.wait();
}

std::string text_of(const boost::json::object& answer, const char* name)
{
    const auto* value = answer.if_contains(name);
    return value != nullptr && value->is_string() ? std::string{value->as_string()} : std::string{};
}

std::int64_t micro_of(const boost::json::object& answer, const char* name)
{
    return Money::parse(text_of(answer, name)).value().micro();
}

std::string text_in(const std::string& folder, const std::string& sql)
{
    sqlite3* db = nullptr;
    sqlite3_open_v2((folder + "/ledger.db").c_str(), &db, SQLITE_OPEN_READWRITE, nullptr);
    // Closing as the last one must not fold the log into the file.
    sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    sqlite3_busy_timeout(db, 5'000);
    sqlite3_stmt* row = nullptr;
    std::optional<std::string> found;
    if (sqlite3_prepare_v2(db, sql.c_str(), -1, &row, nullptr) == SQLITE_OK &&
        sqlite3_step(row) == SQLITE_ROW)
        found = reinterpret_cast<const char*>(sqlite3_column_text(row, 0));
    const std::string trouble = sqlite3_errmsg(db);
    sqlite3_finalize(row);
    sqlite3_close(db);
    if (!found) throw std::runtime_error{trouble + " at " + sql};
    return *found;
}

std::int64_t number_in(const std::string& folder, const std::string& sql)
{
    return std::stoll(text_in(folder, sql));
}

}  // namespace purse::test

// SPDX-License-Identifier: Apache-2.0
// A state folder of a test's own with the commands on it, and what they printed.
#pragma once

#include <fstream>
#include <memory>
#include <optional>
#include <regex>
#include <sstream>
#include <string>

#include "ledger/sqlite/connection.hpp"
#include "policy/decision.hpp"
#include "server/app.hpp"
#include "server/cli/output.hpp"
#include "server/cli/rules.hpp"
#include "tests/support/temp_folder.hpp"

namespace purse::test {

inline constexpr const char* kPolicy = R"({
  "version": 1,
  "services": { "images": { "payee": "0x90F79bf6EB2c4f870365E785982E1f101E93b906" } },
  "budgets": { "team": { "caps": { "daily": "200" } } },
  "agents": {
    "painter": { "budgets": ["team"], "description": "Makes pictures",
                 "caps": { "perTx": "5", "daily": "1", "perTask": "2",
                           "count": [{ "span": "1m", "limit": 30 }] },
                 "overCapture": { "percent": 10 } },
    "poet": { "budgets": ["team"] }
  }
})";

class CliDesk {
public:
    CliDesk() { settings.state_folder = folder / "state"; }

    TempFolder folder;
    server::Settings settings;
    std::string out;
    std::string err;

    server::App& app()
    {
        if (!app_) app_ = std::make_unique<server::App>(settings);
        return *app_;
    }
    /// As when the process ends; settings changed since count from here on.
    void close() { app_.reset(); }

    /// Runs a command as the command line does; what it printed is in `out` and `err`.
    template <typename Command, typename... Options>
    int run(Command command, const Options&... options)
    {
        std::ostringstream printed;
        std::ostringstream troubles;
        server::cli::Output output{printed, troubles, {}};
        const int code = server::cli::guarded(output, settings,
                                              [&] { return command(app(), options..., output); });
        out = printed.str();
        err = troubles.str();
        return code;
    }

    std::string write(const std::string& name, std::string_view text)
    {
        auto path = folder / name;
        std::ofstream{path} << text;
        return path;
    }
    /// kPolicy in a file of the settings, and in force.
    void apply(std::string_view text = kPolicy)
    {
        settings.policy_file = write("policy.jsonc", text);
        close();
        if (!app().adopt_policy()) throw std::runtime_error{"the test's policy has mistakes"};
    }

    /// Takes a hold as the tools do.
    HoldAnswer hold(const std::string& agent, std::string_view amount, Span ttl = Span::minutes(10))
    {
        HoldAnswer answer;
        app().change([&](Books& books) {
            const auto rules = server::rules_in(books).value().value();
            Purchase what{
                .service = "images", .amount = Money::parse(amount).value(), .task = "t1"};
            auto decision =
                policy::decide(*rules.document, {.freezes = rules.freezes},
                               {.agent = agent, .what = what, .ttl = ttl, .now = books.now()});
            HoldRequest request{.epoch = books.meta().epoch,
                                .who = {.agent = agent},
                                .what = decision.what,
                                .ttl = decision.ttl,
                                .max_capture = decision.max_capture,
                                .legs = decision.legs,
                                .refusals = decision.refusals};
            answer = books.hold(request);
        });
        return answer;
    }
    void settle(const HoldAnswer& held, const std::string& agent, std::string_view actual)
    {
        app().change([&](Books& books) {
            books.settle({.epoch = books.meta().epoch,
                          .who = {.agent = agent},
                          .id = held.id,
                          .actual = Money::parse(actual).value(),
                          .limit_of = [](std::string_view, std::string_view) { return kNoLimit; }});
        });
    }

    /// Changes the ledger's file behind its back.
    void tamper(const std::string& sql)
    {
        close();
        sqlite::Connection connection{settings.ledger_file()};
        connection.execute(sql.c_str());
    }

private:
    std::unique_ptr<server::App> app_;
};

/// The text with everything that differs from run to run replaced by a word.
inline std::string masked(std::string text, const CliDesk& desk)
{
    for (auto at = text.find(desk.folder.path()); at != std::string::npos;
         at = text.find(desk.folder.path()))
        text.replace(at, desk.folder.path().size(), "DIR");
    text = std::regex_replace(text, std::regex{R"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC)"}, "TIME");
    text = std::regex_replace(text, std::regex{"tx_[0-9a-z]{26}"}, "TXID");
    return std::regex_replace(text, std::regex{R"(in \d+ (s|min|h|d)\b)"}, "SOON");
}

inline bool has(const std::string& text, std::string_view part)
{
    return text.find(part) != std::string::npos;
}

}  // namespace purse::test

// SPDX-License-Identifier: Apache-2.0
// The command line itself: what is written where, and which exit code it gives.
#include <catch2/catch.hpp>

#include <iostream>

#include "server/cli/cli.hpp"
#include "tests/support/cli_desk.hpp"

using namespace purse;
using purse::test::CliDesk;
using purse::test::has;

namespace {
struct Said {
    int code = -1;
    std::string out;
    std::string err;
};

Said purse_says(std::vector<std::string> words)
{
    words.insert(words.begin(), "purse");
    std::vector<char*> argv;
    for (auto& word : words) argv.push_back(word.data());
    std::ostringstream out;
    std::ostringstream err;
    auto* const real_out = std::cout.rdbuf(out.rdbuf());
    auto* const real_err = std::cerr.rdbuf(err.rdbuf());
    const int code = server::cli::run(static_cast<int>(argv.size()), argv.data());
    std::cout.rdbuf(real_out);
    std::cerr.rdbuf(real_err);
    return {code, out.str(), err.str()};
}
}  // namespace

TEST_CASE("Settings stand before or after the command")
{
    CliDesk desk;
    const auto file = desk.write("p.jsonc", test::kPolicy);
    const auto& state = desk.settings.state_folder;
    CHECK(purse_says({"--state", state, "policy", "apply", file}).code == 0);
    CHECK(purse_says({"policy", "--state", state, "show", "--policy", file}).code == 0);
    const auto issued = purse_says(
        {"credential", "issue", "painter", "--expires", "30d", "--state", state, "--policy", file});
    CHECK(issued.code == 0);
    CHECK(issued.out.starts_with("purse_painter_"));
    CHECK(purse_says({"status", "--state", state, "--json"}).out.starts_with("{\"state\":"));
    CHECK(purse_says({"journal", "tail", "-n", "1", "--state=" + state})
              .out.find("credential_issued") != std::string::npos);
    CHECK(purse_says({"policy", "show", "--version", "1", "--state", state}).out == test::kPolicy);
}

TEST_CASE("A name that is also a command is a name")
{
    CliDesk desk;
    const auto said = purse_says({"agent", "show", "status", "--state", desk.settings.state_folder,
                                  "--policy", desk.write("p.jsonc", test::kPolicy)});
    CHECK(said.code == 1);
    CHECK(has(said.err, "no agent \"status\""));
}

TEST_CASE("A wrong command line says what is wrong and where help is")
{
    for (const auto& [words, part] : std::vector<std::pair<std::vector<std::string>, const char*>>{
             {{"bogus"}, "bogus"},
             {{"status", "--bogus"}, "--bogus"},
             {{"agent"}, "`purse agent --help`"},
             {{"agent", "show"}, "NAME is required"},
             {{"credential", "expire", "cred_1", "--in", "5"}, "is not a span such as"},
             {{"journal", "tail", "-n", "-3"}, "-n"},
             {{"policy", "show", "--version", "0"}, "--version"},
             {{"policy", "replay", "x", "--fail-on", "some"}, "--fail-on"},
             {{"policy", "replay", "x", "--from", "soon"}, "is not a time such as"},
             {{"policy", "suggest", "--headroom", "-1"}, "--headroom"},
             {{"--log", "loud", "status"}, "known are debug"}}) {
        const auto said = purse_says(words);
        CHECK(said.code == 2);
        CHECK(said.out.empty());
        CHECK(said.err.starts_with("purse: "));
        CHECK(has(said.err, part));
    }
}

TEST_CASE("Help and version go to standard output")
{
    CHECK(purse_says({"--version"}).out.starts_with("purse "));
    const auto help = purse_says({"--help"});
    CHECK(help.code == 0);
    CHECK(has(help.out, "First steps:"));
    CHECK(has(purse_says({"credential", "rotate", "--help"}).out, "--grace"));
}

TEST_CASE("The doctor speaks about settings that cannot be used")
{
    CliDesk desk;
    const auto said = purse_says({"doctor", "--credential-file", desk.folder / "none"});
    CHECK(said.code == 1);
    CHECK(has(said.out, "FAIL  settings"));
    CHECK(has(said.out, "mend: "));
}

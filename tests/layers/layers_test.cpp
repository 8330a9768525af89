// SPDX-License-Identifier: Apache-2.0
// One arrow: server -> tools -> { policy, wallet } -> ledger.
#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "tests/layers/sources.hpp"

using namespace purse::test;

namespace {
const std::map<std::string, std::set<std::string>> kArrows{
    {"audit", {"audit"}},  // shares no code with what it judges
    {"ledger", {"ledger"}},
    {"policy", {"policy", "ledger"}},
    {"wallet", {"wallet", "ledger"}},
    {"web", {"web"}},
    {"tools", {"tools", "policy", "wallet", "ledger", "web"}},
    {"server", {"server", "tools", "policy", "wallet", "ledger", "web", "audit"}},
};

/// What is wrong with this file's includes; empty: nothing.
std::vector<std::string> mistakes_of(const Source& source)
{
    std::vector<std::string> mistakes;
    for (std::size_t i = 0; i < source.lines.size(); ++i) {
        const auto path = included(source.lines[i]);
        if (path.empty()) continue;
        const auto where = source.path + ":" + std::to_string(i + 1) + ": " + path;
        const auto room = path.substr(0, path.find('/'));
        if (path.find("..") != std::string::npos || path.find('/') == std::string::npos)
            mistakes.push_back(where + " is not a path from the root");
        else if (!kArrows.at(source.room()).contains(room))
            mistakes.push_back(where + " goes against the arrow");
        const bool is_adapter = path.starts_with("ledger/sqlite/") ||
                                path.starts_with("ledger/system/") ||
                                path.starts_with("wallet/rpc/http_transport.");
        const bool may_name_adapters =
            source.is_in("server/app.") || source.is_in("server/cli/") ||
            source.is_in("server/wallet/wallet_files.") || source.is_in("ledger/sqlite/") ||
            source.is_in("ledger/system/") || source.is_in("wallet/rpc/http_transport.");
        if (is_adapter && !may_name_adapters) mistakes.push_back(where + " names an adapter");
    }
    return mistakes;
}

Source made_up(std::string path, std::string line)
{
    return {.path = std::move(path), .text = line, .lines = {line}};
}
}  // namespace

TEST_CASE("layers: every include follows the arrow")
{
    const auto sources = room_sources();
    CHECK(sources.size() > 40);
    for (const auto& source : sources)
        for (const auto& mistake : mistakes_of(source)) FAIL_CHECK(mistake);
}

TEST_CASE("layers: the test knows a wrong arrow when it sees one")
{
    const auto wrong = [](const char* path, const char* include) {
        return !mistakes_of(made_up(path, std::string{"#include \""} + include + "\"")).empty();
    };
    CHECK(wrong("ledger/a.cpp", "policy/b.hpp"));
    CHECK(wrong("audit/a.cpp", "ledger/money.hpp"));
    CHECK(wrong("tools/a.cpp", "audit/audit.hpp"));
    CHECK(wrong("policy/a.cpp", "wallet/b.hpp"));
    CHECK(wrong("wallet/a.cpp", "policy/b.hpp"));
    CHECK(wrong("policy/a.cpp", "tools/b.hpp"));
    CHECK(wrong("tools/a.cpp", "server/b.hpp"));
    CHECK(wrong("tools/a.cpp", "tests/b.hpp"));
    CHECK(wrong("tools/a.cpp", "b.hpp"));
    CHECK(wrong("tools/a.cpp", "../ledger/b.hpp"));
    CHECK(wrong("tools/a.cpp", "ledger/sqlite/store.hpp"));
    CHECK(wrong("ledger/books.cpp", "ledger/system/clock.hpp"));
    CHECK(wrong("server/stdio/stdio.cpp", "ledger/sqlite/store.hpp"));
    CHECK(wrong("wallet/nodes.cpp", "wallet/rpc/http_transport.hpp"));
    CHECK_FALSE(wrong("server/app.cpp", "wallet/rpc/http_transport.hpp"));
    CHECK_FALSE(wrong("server/app.cpp", "ledger/sqlite/store.hpp"));
    CHECK_FALSE(wrong("server/cli/doctor.cpp", "ledger/sqlite/store.hpp"));
    CHECK_FALSE(wrong("tools/a.cpp", "policy/b.hpp"));
    CHECK(included("  #  include \"a/b.hpp\" // c") == "a/b.hpp");
    CHECK(included("#include <vector>").empty());
    CHECK(included("// #include \"a/b.hpp\"").empty());
}

// SPDX-License-Identifier: Apache-2.0
// The protocol with the test tools behind it, and chance and time that tests own.
#pragma once

#include "fake_clock.hpp"
#include "seeded_entropy.hpp"
#include "server/mcp/protocol.hpp"
#include "server/toolbox_catalog.hpp"
#include "test_toolbox.hpp"

namespace purse::test {

struct TestProtocol {
    server::Log log{server::LogLevel::off};
    FakeClock clock;
    SeededEntropy entropy{1};
    TestToolbox toolbox;
    server::ToolboxCatalog catalog{toolbox, "0.0.0"};
    server::Protocol protocol{{.catalog = catalog, .entropy = entropy, .clock = clock, .log = log}};
};

}  // namespace purse::test

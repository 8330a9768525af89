// SPDX-License-Identifier: Apache-2.0
#include "server/cli/first_steps.hpp"

namespace purse::server::cli {

std::string_view first_steps() noexcept
{
    return R"(First steps:
  1. Add purse to your MCP host as a stdio server: the command is `purse`, without arguments.
     It works at once: a sandbox with small caps (5 USDC a day), and no real money moves.
  2. Ask your agent: "What is my budget?"  Then watch:      purse status
  3. Write your own policy, and look for mistakes:          purse policy check policy.jsonc
     Put it in force:                                       purse policy apply policy.jsonc
  4. Make a secret for an agent of it:                      purse credential issue AGENT
     and give it to that agent's server as PURSE_CREDENTIAL.
  5. If anything is odd:                                    purse doctor

Settings such as --state DIR may stand before or after the command. Each command has --help.
)";
}

}  // namespace purse::server::cli

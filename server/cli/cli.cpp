// SPDX-License-Identifier: Apache-2.0
#include "server/cli/cli.hpp"

#include <CLI/CLI.hpp>
#include <unistd.h>

#include <iostream>

#include "server/app.hpp"
#include "server/version.hpp"

namespace purse::server::cli {

int run(int argc, char** argv)
{
    CLI::App commands{"A purse for LLM agents: hard spending caps over MCP"};
    Flags flags;
    commands.add_option("--state", flags.state, "Folder of the ledger");
    commands.add_option("--policy", flags.policy, "Policy document");
    commands.add_option("--credential-file", flags.credential_file, "File with the credential");
    commands.add_option("--log", flags.log_level, "debug, info, warn, error or off");
    commands.set_version_flag("--version", std::string{"purse "} + kVersion);
    CLI11_PARSE(commands, argc, argv);

    const auto settings = settle_settings(flags, process_environment);
    if (!settings) {
        std::cerr << "purse: " << settings.error() << '\n';
        return 2;
    }
    if (::isatty(STDIN_FILENO) != 0) {
        std::cout << commands.help();
        return 0;
    }
    App app{*settings};
    return app.serve_stdio();
}

}  // namespace purse::server::cli

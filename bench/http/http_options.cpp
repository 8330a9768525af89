// SPDX-License-Identifier: Apache-2.0
#include "bench/http/http_options.hpp"

#include <map>

namespace purse::bench {

namespace {

constexpr unsigned kStreamsMax = 100'000;

const std::map<std::string, Protocol> kProtocols{
    {"--legacy", Protocol::legacy}, {"--modern", Protocol::modern}, {"--raw", Protocol::raw}};
const std::map<std::string, HttpOperation> kOperations{{"pairs", HttpOperation::pair},
                                                       {"status", HttpOperation::status}};
const std::vector<std::string> kStops{"--legacy",  "--modern",  "--raw",
                                      "--prepare", "--streams", "--health"};

void parse_one(Words& words, const std::string& option, HttpOptions& options)
{
    if (option == "--only") {
        const auto operation = kOperations.find(words.value_of(option));
        if (operation == kOperations.end())
            throw std::invalid_argument("--only takes pairs or status");
        options.operations = {operation->second};
        return;
    }
    const auto protocol = kProtocols.find(option);
    if (protocol != kProtocols.end()) {
        Target target{
            .spec = {.name = words.value_of(option), .end_by = EndBy::signal},
            .protocol = protocol->second,
            .health = {},
        };
        target.spec.command = words.command(kStops);
        options.targets.push_back(std::move(target));
        return;
    }
    if (options.targets.empty()) throw std::invalid_argument("unknown option " + option);
    auto& target = options.targets.back();
    if (option == "--prepare")
        target.spec.prepare = words.command(kStops);
    else if (option == "--streams")
        target.streams = static_cast<unsigned>(words.number_of(option, kStreamsMax));
    else if (option == "--health")
        target.health = words.value_of(option);
    else
        throw std::invalid_argument("unknown option " + option);
}

}  // namespace

HttpOptions parse_http_options(const std::vector<std::string>& arguments)
{
    HttpOptions options;
    Words words(arguments);
    while (!words.empty()) {
        const auto option = words.next();
        if (!parse_common(words, option, options.common)) parse_one(words, option, options);
    }
    if (options.common.folder.empty()) throw std::invalid_argument("--folder is missing");
    if (options.targets.empty()) throw std::invalid_argument("no server is given");
    return options;
}

std::string http_usage()
{
    return "purse_http_bench --folder DIR [--policy FILE] [--rounds 3] [--milliseconds 3000]\n"
           "  [--warm-up 300] [--depths 1,8,64] [--only pairs|status]\n"
           "  --legacy|--modern|--raw NAME COMMAND... [--prepare COMMAND...] [--streams N]\n"
           "  [--health PATH] [--legacy ...]\n"
           "--legacy speaks MCP 2025-11-25 with sessions, --modern 2026-07-28, --raw none at all.\n"
           "{port} in a command is the port to listen on, {state} the server's state folder, "
           "which\n"
           "it also finds in PURSE_STATE; what --prepare prints becomes the bearer credential.\n";
}

}  // namespace purse::bench

// SPDX-License-Identifier: Apache-2.0
#include "bench/options.hpp"

#include <sstream>
#include <stdexcept>

namespace purse::bench {

namespace {

const std::vector<std::string> kStops{"--server", "--prepare"};

std::vector<unsigned> depths_of(const std::string& list)
{
    std::vector<unsigned> result;
    std::istringstream in(list);
    for (std::string item; std::getline(in, item, ',');)
        result.push_back(static_cast<unsigned>(Words::number("--depths", item, 1000)));
    for (const auto depth : result)
        if (depth == 0) throw std::invalid_argument("--depths must be at least 1");
    return result;
}

void parse_one(Words& words, const std::string& option, Options& options)
{
    if (option == "--starts")
        options.starts = static_cast<int>(words.number_of(option, 1000));
    else if (option == "--keyed")
        options.keyed = true;
    else if (option == "--history")
        options.history = words.number_of(option, 1'000'000'000);
    else if (option == "--history-of")
        options.history_of = words.value_of(option);
    else if (option == "--history-folder")
        options.history_folder = words.value_of(option);
    else if (option == "--server") {
        ServerSpec spec{.name = words.value_of(option), .command = {}, .prepare = {}};
        spec.command = words.command(kStops);
        options.servers.push_back(std::move(spec));
    } else if (option == "--prepare" && !options.servers.empty()) {
        options.servers.back().prepare = words.command(kStops);
    } else {
        throw std::invalid_argument("unknown option " + option);
    }
}

}  // namespace

bool parse_common(Words& words, const std::string& option, Options& options)
{
    constexpr std::uint64_t kHour = 3'600'000;
    if (option == "--folder")
        options.folder = words.value_of(option);
    else if (option == "--policy")
        options.policy = words.value_of(option);
    else if (option == "--rounds")
        options.rounds = static_cast<int>(words.number_of(option, 100));
    else if (option == "--milliseconds")
        options.duration = std::chrono::milliseconds(words.number_of(option, kHour));
    else if (option == "--warm-up")
        options.warm_up = std::chrono::milliseconds(words.number_of(option, kHour));
    else if (option == "--depths")
        options.depths = depths_of(words.value_of(option));
    else
        return false;
    return true;
}

Options parse_options(const std::vector<std::string>& arguments)
{
    Options options;
    Words words(arguments);
    while (!words.empty()) {
        const auto option = words.next();
        if (!parse_common(words, option, options)) parse_one(words, option, options);
    }
    if (options.folder.empty()) throw std::invalid_argument("--folder is missing");
    if (options.servers.empty()) throw std::invalid_argument("no --server is given");
    if (options.history_folder.empty()) options.history_folder = options.folder + "/history";
    return options;
}

std::string usage()
{
    return "purse_bench --folder DIR [--policy FILE] [--rounds 3] [--starts 20]\n"
           "  [--milliseconds 3000] [--warm-up 300] [--depths 1,8,64] [--keyed]\n"
           "  [--history HOLDS --history-of NAME [--history-folder DIR]]\n"
           "  --server NAME COMMAND... [--prepare COMMAND...] [--server ...]\n"
           "The first server is the reference. {state} in a command is its state folder, which it\n"
           "also finds in PURSE_STATE; what --prepare prints becomes PURSE_CREDENTIAL.\n";
}

}  // namespace purse::bench

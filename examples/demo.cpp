// SPDX-License-Identifier: Apache-2.0
// The demo: agents shop with the real program, and a reader watches. It is a test as well:
// it ends with 1 when anything went otherwise than the story says.
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <thread>
#include <vector>

#include "examples/demo_story.hpp"

namespace {
namespace fs = std::filesystem;
using purse::demo::Agent;
using purse::demo::Place;
using purse::demo::Stage;

struct Options {
    fs::path purse = fs::read_symlink("/proc/self/exe").parent_path() / "purse";
    fs::path policy = PURSE_DEMO_POLICY;
    fs::path wallet;  // its document: settlements are paid over that chain
    fs::path folder;  // to keep the state in; empty: a fresh one
    bool keep = false;
};

std::optional<Options> options_from(const std::vector<std::string_view>& words)
{
    Options options;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (words[i] == "--keep")
            options.keep = true;
        else if (words[i] == "--purse" && i + 1 < words.size())
            options.purse = words[++i];
        else if (words[i] == "--policy" && i + 1 < words.size())
            options.policy = words[++i];
        else if (words[i] == "--wallet" && i + 1 < words.size())
            options.wallet = words[++i];
        else if (words[i] == "--folder" && i + 1 < words.size())
            options.folder = words[++i];
        else
            return std::nullopt;
    }
    return options;
}

fs::path fresh_folder()
{
    auto pattern = (fs::temp_directory_path() / "purse-demo-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error{"cannot make " + pattern};
    return pattern;
}

/// Nothing of the reader's own settings may reach the purses of the demo.
void forget_settings()
{
    for (const auto* name :
         {"PURSE_STATE", "PURSE_POLICY", "PURSE_CREDENTIAL", "PURSE_CREDENTIAL_FILE", "PURSE_LOG",
          "PURSE_WALLET", "PURSE_WALLET_PASSWORD", "PURSE_WALLET_PASSWORD_FILE"})
        ::unsetenv(name);
}

/// Every purse of the demo pays from this wallet. The first look at the chain comes before the
/// first hold, which needs to know that there is money.
void open_wallet(const Options& options, const Place& place)
{
    if (options.wallet.empty()) return;
    ::setenv("PURSE_WALLET", options.wallet.c_str(), 1);
    const auto looked = purse::demo::operate(place, {"payout", "run", "--once"});
    if (looked.code != 0) throw std::runtime_error{"the wallet cannot be used: " + looked.err};
}

/// The story counts on one day's counters: it does not begin just before the UTC day ends.
void wait_out_midnight()
{
    using namespace std::chrono;
    const auto now = system_clock::now();
    const auto left = ceil<days>(now) - now;
    if (left < seconds{20}) std::this_thread::sleep_for(left + milliseconds{10});
}

void play(Stage& stage, const Place& place)
{
    using namespace purse::demo;
    hand_out_credentials(stage, place);
    Agent analyst{place, "analyst"};
    four_paid_services(stage, analyst);
    a_price_above_the_ceiling(stage, analyst);
    a_stranger_wants_money(stage, analyst);
    a_call_repeated_for_ever(stage, analyst);
    a_bill_above_the_hold(stage, analyst);
    a_call_that_never_returns(stage, analyst);
    a_person_is_asked(stage, place, analyst);
    the_operator_stops_an_agent(stage, place, analyst);
    ten_agents_at_once(stage, place);
    stage.check(analyst.leave() == 0, "the analyst's session has ended in good order");
    what_the_operator_sees(stage, place);
}

int run(const Options& options)
{
    ::umask(077);  // the folder will hold secrets
    forget_settings();
    const bool colours = ::isatty(STDOUT_FILENO) != 0 && std::getenv("NO_COLOR") == nullptr;
    Stage stage{colours};
    const auto folder = options.folder.empty() ? fresh_folder() : options.folder;
    const Place place{.purse = options.purse, .policy = options.policy, .folder = folder};
    std::cout << "Agents go shopping. What the purse says is what a user reads in the chat: real "
                 "answers of\n  "
              << options.purse.string() << "\nunder the policy\n  " << options.policy.string()
              << "\nWho else speaks is made up, and "
              << (options.wallet.empty() ? "no real money moves"
                                         : "the USDC move on a chain of this machine's own")
              << ". Lines marked (checked) are this demo's own tests.\n";
    wait_out_midnight();
    bool broke_off = false;
    try {
        open_wallet(options, place);
        play(stage, place);
    } catch (const std::exception& error) {
        broke_off = true;
        stage.check(false, std::string{"the story broke off: "} + error.what());
    }
    const bool good = stage.failures() == 0 && !broke_off;
    const bool keeps = options.keep || !options.folder.empty();
    if (good && !keeps) fs::remove_all(folder);
    std::cout << '\n'
              << (good ? "All went as told: " : "NOT all went as told: ")
              << stage.checks() - stage.failures() << " of " << stage.checks()
              << " checks hold.\nThe state was in " << folder.string()
              << (good && !keeps ? " (removed; --keep keeps it)." : ", and is still there.")
              << '\n';
    return good ? 0 : 1;
}
}  // namespace

int main(int argc, char** argv)
{
    try {
        const auto options = options_from({argv + 1, argv + argc});
        if (!options) {
            std::cerr
                << "usage: purse-demo [--keep] [--purse PROGRAM] [--policy FILE] [--wallet FILE] "
                   "[--folder DIR]\n";
            return 2;
        }
        return run(*options);
    } catch (const std::exception& error) {
        std::cerr << "purse-demo: " << error.what() << '\n';
        return 1;
    }
}

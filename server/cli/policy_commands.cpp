// SPDX-License-Identifier: Apache-2.0
#include "server/cli/policy_commands.hpp"

#include <CLI/CLI.hpp>
#include <map>
#include <memory>

#include "server/cli/moment.hpp"
#include "server/cli/policy_replay.hpp"
#include "server/cli/policy_shadow.hpp"
#include "server/cli/policy_suggest.hpp"

namespace purse::server::cli {

namespace {
using Run = std::function<int(App&, Output&)>;
// More is no headroom but no cap.
constexpr std::int64_t kHeadroomMax = 1'000;

template <typename Options>
void add_stretch(CLI::App* verb, Options& options)
{
    verb->add_option("--from", options.from, "Requests from there on: 2026-11-20, or 7d for ago")
        ->type_name("TIME")
        ->check(check_moment);
    verb->add_option("--to", options.to, "Requests before that")
        ->type_name("TIME")
        ->check(check_moment);
    verb->add_flag_callback(
        "--json", [&options] { options.form = Form::json; }, "Print JSON, for programs");
}

const std::map<std::string, FailOn>& fail_on_words()
{
    static const std::map<std::string, FailOn> kWords{{"changed", FailOn::changed},
                                                      {"refused", FailOn::refused},
                                                      {"allowed", FailOn::allowed},
                                                      {"never", FailOn::never}};
    return kWords;
}

void add_replay(CLI::App* policy, Run& chosen)
{
    struct Line {
        PolicyReplayOptions options;
        std::string fail_on = "changed";
    };
    auto line = std::make_shared<Line>();
    auto* verb = policy->add_subcommand(
        "replay", "Try a document on the past: what it would have refused or allowed");
    verb->add_option("FILE", line->options.file, "Default: the policy file of the settings");
    add_stretch(verb, line->options);
    verb->add_option("--agent", line->options.agent, "Tell about this agent only");
    verb->add_option("--fail-on", line->fail_on,
                     "Exit code 1 when there are such differences; default: changed")
        ->type_name("WHAT")
        ->check(CLI::IsMember(fail_on_words()));
    verb->final_callback([&chosen, line] {
        chosen = [line](App& app, Output& output) {
            auto options = line->options;
            options.fail_on = fail_on_words().at(line->fail_on);
            if (options.file.empty()) options.file = app.settings().policy_file;
            return replay_policy(app, options, output);
        };
    });
}

void add_shadow(CLI::App* policy, Run& chosen)
{
    auto options = std::make_shared<PolicyShadowOptions>();
    auto* verb = policy->add_subcommand(
        "shadow", "Try a document beside the one in force; without FILE: what came of it");
    auto* file = verb->add_option("FILE", options->file, "The document to try");
    auto* off = verb->add_flag_callback(
        "--off", [options] { options->what = PolicyShadowOptions::Do::end; }, "Try none any more");
    off->excludes(file);
    verb->add_flag_callback(
        "--json", [options] { options->form = Form::json; }, "Print JSON, for programs");
    verb->final_callback([&chosen, options] {
        chosen = [options](App& app, Output& output) {
            if (!options->file.empty()) options->what = PolicyShadowOptions::Do::start;
            return shadow_policy(app, *options, output);
        };
    });
}

void add_suggest(CLI::App* policy, Run& chosen)
{
    auto options = std::make_shared<PolicySuggestOptions>();
    auto* verb = policy->add_subcommand(
        "suggest", "Print a document with caps drawn from what was spent, with the reasons");
    add_stretch(verb, *options);
    verb->add_option("--headroom", options->headroom, "Percent on top; default 25")
        ->type_name("PERCENT")
        ->check(CLI::Range(std::int64_t{0}, kHeadroomMax));
    verb->final_callback([&chosen, options] {
        chosen = [options](App& app, Output& output) {
            return suggest_policy(app, *options, output);
        };
    });
}
}  // namespace

void add_policy_trials(CLI::App* policy, std::function<int(App&, Output&)>& chosen)
{
    add_replay(policy, chosen);
    add_shadow(policy, chosen);
    add_suggest(policy, chosen);
}

}  // namespace purse::server::cli

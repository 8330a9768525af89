// SPDX-License-Identifier: Apache-2.0
#include "server/cli/webhook_commands.hpp"

#include <CLI/CLI.hpp>
#include <memory>

#include "ledger/calendar.hpp"
#include "server/cli/webhook.hpp"

namespace purse::server::cli {

namespace {
using Run = std::function<int(App&, Output&)>;

// What is given empty, by a script's empty variable, must not mean everything.
std::string check_given(const std::string& text)
{
    return text.empty() ? "is empty" : "";
}

CLI::App* add_verb(CLI::App& family, const char* name, const char* about, Run& chosen, Run run)
{
    auto* verb = family.add_subcommand(name, about);
    verb->final_callback([&chosen, run = std::move(run)] { chosen = run; });
    return verb;
}

void add_add(CLI::App& family, Run& chosen)
{
    auto options = std::make_shared<WebhookAddOptions>();
    auto* verb = add_verb(
        family, "add", "Tell a URL; its secret is printed once", chosen,
        [options](App& app, Output& output) { return add_webhook(app, *options, output); });
    verb->add_option("URL", options->url, "https, or http on this machine")->required();
    verb->add_option("--events", options->events,
                     "Which, as in decision.refused,payout.*; default: all")
        ->type_name("LIST")
        ->check(check_given);
    verb->add_option("--agent", options->agent, "Only what is of this agent")->check(check_given);
    verb->add_option("--note", options->note, "For people");
    verb->add_flag("--insecure-http", options->insecure_http, "Plain http to other machines");
}

void add_rotate(CLI::App& family, Run& chosen)
{
    struct Said {
        std::string id;
        std::string grace = "24h";
    };
    auto said = std::make_shared<Said>();
    auto* verb = add_verb(family, "rotate", "Sign with a new secret, for a while with the old too",
                          chosen, [said](App& app, Output& output) {
                              return rotate_webhook(
                                  app, {.id = said->id, .grace = *parse_span(said->grace)}, output);
                          });
    verb->add_option("ID", said->id, "wh_...")->required();
    verb->add_option("--grace", said->grace, "How long the old one signs too; default 24h")
        ->check([](const std::string& text) {
            return parse_span(text) ? std::string{}
                                    : "\"" + text + "\" is not a span such as 90s, 2m, 12h or 30d";
        });
}

struct Verb {
    const char* name;
    const char* about;
    int (*run)(App&, const WebhookOptions&, Output&);
    enum class Id { none, optional, required } id;
    bool has_json;
};

void add_simple(CLI::App& family, Run& chosen, const Verb& verb)
{
    struct Said {
        WebhookOptions options;
        bool json = false;
    };
    auto said = std::make_shared<Said>();
    auto* command = add_verb(family, verb.name, verb.about, chosen,
                             [said, run = verb.run](App& app, Output& output) {
                                 said->options.form = said->json ? Form::json : Form::words;
                                 return run(app, said->options, output);
                             });
    if (verb.id != Verb::Id::none)
        command->add_option("ID", said->options.id, "wh_...")
            ->check(check_given)
            ->required(verb.id == Verb::Id::required);
    if (verb.has_json) command->add_flag("--json", said->json, "Print JSON, for programs");
}
}  // namespace

void add_webhooks(CLI::App& root, Run& chosen)
{
    auto* family = root.add_subcommand("webhook", "Tell other programs what the journal says");
    family->require_subcommand(1);
    add_add(*family, chosen);
    using enum Verb::Id;
    for (const auto& verb :
         {Verb{"list", "All, and how delivery stands", &list_webhooks, none, true},
          Verb{"remove", "End one", &remove_webhook, required, false},
          Verb{"test", "Send a ping, and say what came back", &test_webhook, required, false},
          Verb{"dead", "Messages that were given up", &list_dead, optional, true},
          Verb{"retry", "Try again all that waits or is dead; turn on", &retry_webhook, required,
               false}})
        add_simple(*family, chosen, verb);
    add_rotate(*family, chosen);
    add_verb(*family, "events", "The names of all events", chosen,
             [](App&, Output& output) { return list_events(output); });
    add_verb(*family, "deliver", "Deliver what waits, then end; for use without a server", chosen,
             [](App& app, Output& output) { return deliver_webhooks(app, output); });
}

}  // namespace purse::server::cli

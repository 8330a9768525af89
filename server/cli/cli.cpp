// SPDX-License-Identifier: Apache-2.0
#include "server/cli/cli.hpp"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <functional>
#include <iostream>
#include <thread>

#include "ledger/calendar.hpp"
#include "server/app.hpp"
#include "server/cli/agent.hpp"
#include "server/cli/approvals.hpp"
#include "server/cli/audit.hpp"
#include "server/cli/credential.hpp"
#include "server/cli/doctor.hpp"
#include "server/cli/first_steps.hpp"
#include "server/cli/freeze.hpp"
#include "server/cli/journal.hpp"
#include "server/cli/journal_commands.hpp"
#include "server/cli/operator.hpp"
#include "server/cli/payout.hpp"
#include "server/cli/policy.hpp"
#include "server/cli/policy_commands.hpp"
#include "server/cli/reconcile.hpp"
#include "server/cli/rules.hpp"
#include "server/cli/status.hpp"
#include "server/cli/user.hpp"
#include "server/cli/wallet_commands.hpp"
#include "server/cli/webhook_commands.hpp"
#include "server/version.hpp"

namespace purse::server::cli {

namespace {
constexpr std::chrono::milliseconds kFollowEvery{500};
constexpr std::int64_t kTailMax = 1'000'000'000;

using Run = std::function<int(App&, Output&)>;

/// What the command line says: filled while it is read, run after.
struct Line {
    Flags flags;
    bool json = false;
    bool all = false;
    bool deep = false;
    bool follow = false;
    bool is_doctor = false;
    bool stdio = false;
    bool once = false;
    std::string state;
    std::string payee;
    HttpFlags http;
    std::string name;
    std::string note;
    std::string expires;
    std::string span;
    std::int64_t count = 10;
    std::int64_t version = 0;
    Run run;  ///< empty: no command was given

    Form form() const { return json ? Form::json : Form::words; }
};

std::string check_span(const std::string& text)
{
    return parse_span(text) ? std::string{}
                            : "\"" + text + "\" is not a span such as 90s, 2m, 12h or 30d";
}

// An empty variable of a script must not turn into another way to serve.
std::string check_given(const std::string& text)
{
    return text.empty() ? "is empty" : "";
}

std::optional<Span> span_of(const std::string& text)
{
    return parse_span(text);
}

/// A command that does something; `run` is called after all is read.
CLI::App* leaf(CLI::App* parent, const char* name, const char* about, std::function<void()> chosen)
{
    auto* command = parent->add_subcommand(name, about);
    command->final_callback(std::move(chosen));
    return command;
}

/// A word that needs another: purse agent ...
CLI::App* family(CLI::App& root, const char* name, const char* about)
{
    auto* command = root.add_subcommand(name, about);
    command->require_subcommand(1);
    return command;
}

void add_json(CLI::App* command, Line& line)
{
    command->add_flag("--json", line.json, "Print JSON, for programs");
}

int serve_line(const Line& line, App& app, Output& output)
{
    ServeSettings what{.stdio = line.stdio || line.http.address.empty(), .http = {}};
    if (!line.http.address.empty()) {
        auto http = settle_http(line.http);
        if (!http) return complain(output, kWrong, http.error());
        what.http = *std::move(http);
    }
    const bool has_page = what.http && what.http->operator_page == Switch::on;
    return app.serve(what, [&, has_page](const std::string& address) {
        // Standard output belongs to the protocol where it is served there too. One write: programs
        // wait for the first line.
        auto words = "purse serves MCP at " + address + "/mcp\n";
        if (has_page)
            words += "the operator page is at " + address +
                     "/operator/; `purse operator login` prints a link that signs in\n";
        output.err << words << std::flush;
    });
}

void add_serve(CLI::App& root, Line& line)
{
    auto* serve =
        leaf(&root, "serve", "Serve MCP on standard input and output, or over HTTP", [&line] {
            line.run = [&line](App& app, Output& output) { return serve_line(line, app, output); };
        });
    serve->add_option("--http", line.http.address, "Listen for HTTP, such as 127.0.0.1:8377")
        ->type_name("ADDRESS")
        ->check(check_given);
    serve->add_flag("--stdio", line.stdio, "Serve standard input and output beside HTTP");
    serve->add_option("--tls-cert", line.http.tls_certificate, "Certificate chain, PEM")
        ->type_name("FILE")
        ->check(check_given);
    serve->add_option("--tls-key", line.http.tls_key, "Its private key, PEM")
        ->type_name("FILE")
        ->check(check_given);
    serve->add_option("--public-url", line.http.public_url, "The URL clients use, behind a proxy")
        ->type_name("URL")
        ->check(check_given);
    serve->add_option("--allow-host", line.http.allow_hosts, "Take this Host header too")
        ->type_name("NAME");
    serve->add_option("--allow-origin", line.http.allow_origins, "Take browser pages from there")
        ->type_name("ORIGIN");
    serve->add_option("--legacy-sse", line.http.legacy_sse,
                      "on or off: HTTP+SSE of MCP 2024-11-05; default: on for loopback alone");
    serve->add_option("--operator-page", line.http.operator_page,
                      "on or off: the operator page at /operator; default: on");
    serve->add_flag("--insecure-http", line.http.insecure_http,
                    "Plain HTTP beyond this machine, behind a proxy that does TLS");
    serve->add_flag("--open-metrics", line.http.open_metrics, "/metrics for other machines too");
}

void add_status(CLI::App& root, Line& line)
{
    auto* status =
        leaf(&root, "status", "Show budgets, caps, holds and debts at a glance", [&line] {
            line.run = [&line](App& app, Output& output) {
                return show_status(
                    app, {.form = line.form(), .scope = line.all ? Scope::all : Scope::used},
                    output);
            };
        });
    status->add_flag("--all", line.all, "Show unused budgets of a large policy too");
    add_json(status, line);
}

void add_approvals(CLI::App& root, Line& line)
{
    auto* approvals = family(root, "approvals", "Payments that wait for a person's approval");
    auto* list = leaf(approvals, "list", "Those that wait, the first to time out first", [&line] {
        line.run = [&line](App& app, Output& output) {
            return list_approvals(app,
                                  {.scope = line.all ? ApprovalScope::all : ApprovalScope::waiting,
                                   .form = line.form()},
                                  output);
        };
    });
    list->add_flag("--all", line.all, "Show the latest decided ones, too");
    add_json(list, line);

    struct Verb {
        const char* name;
        const char* about;
        int (*run)(App&, const ApprovalRulingOptions&, Output&);
    };
    for (const auto& verb :
         {Verb{"approve", "Let one be paid, once, up to its amount", &approve_payment},
          Verb{"deny", "Refuse one for good", &deny_payment}}) {
        auto* rule = leaf(approvals, verb.name, verb.about, [&line, run = verb.run] {
            line.run = [&line, run](App& app, Output& output) {
                return run(app, {.tx_id = line.name, .note = line.note, .by = user_name()}, output);
            };
        });
        rule->add_option("TXID", line.name, "tx_...")->required();
        rule->add_option("--note", line.note, "For the agent's user, and the record");
    }
}

void add_agent(CLI::App& root, Line& line)
{
    auto* agent = family(root, "agent", "Show who may spend");
    add_json(leaf(agent, "list", "All agents of the policy",
                  [&line] {
                      line.run = [&line](App& app, Output& output) {
                          return list_agents(app, {.form = line.form()}, output);
                      };
                  }),
             line);
    auto* show = leaf(agent, "show", "One agent: caps, what is used, credentials, holds", [&line] {
        line.run = [&line](App& app, Output& output) {
            return show_agent(app, {.name = line.name, .form = line.form()}, output);
        };
    });
    show->add_option("NAME", line.name, "The agent's name")->required();
    add_json(show, line);
}

void add_credential_ends(CLI::App* credential, Line& line)
{
    auto* revoke = leaf(credential, "revoke", "End a credential at once", [&line] {
        line.run = [&line](App& app, Output& output) {
            return revoke_credential(app, line.name, output);
        };
    });
    revoke->add_option("ID", line.name, "cred_...")->required();

    auto* expire = leaf(credential, "expire", "Set when a credential ends", [&line] {
        line.run = [&line](App& app, Output& output) {
            return expire_credential(app, {.id = line.name, .in = *span_of(line.span)}, output);
        };
    });
    expire->add_option("ID", line.name, "cred_...")->required();
    expire->add_option("--in", line.span, "From now: 90s, 2m, 12h, 30d")
        ->required()
        ->check(check_span);

    auto* rotate =
        leaf(credential, "rotate", "Make a new one for the same agent, end the old", [&line] {
            line.run = [&line](App& app, Output& output) {
                return rotate_credential(app,
                                         {.id = line.name,
                                          .grace = span_of(line.span),
                                          .expires = span_of(line.expires)},
                                         output);
            };
        });
    rotate->add_option("ID", line.name, "The old one: cred_...")->required();
    rotate
        ->add_option("--grace", line.span, "How long the old one still works; default: not at all")
        ->check(check_span);
    rotate->add_option("--expires", line.expires, "Life of the new one; default: the old one's")
        ->check(check_span);
}

void add_credential(CLI::App& root, Line& line)
{
    auto* credential = family(root, "credential", "Make, list and end agents' secrets");
    auto* issue = leaf(credential, "issue", "Make one; its secret is printed once", [&line] {
        line.run = [&line](App& app, Output& output) {
            return issue_credential(
                app, {.agent = line.name, .expires = span_of(line.expires), .note = line.note},
                output);
        };
    });
    issue->add_option("AGENT", line.name, "An agent of the policy")->required();
    issue->add_option("--expires", line.expires, "Life: 12h, 30d; default: for ever")
        ->check(check_span);
    issue->add_option("--note", line.note, "For people");

    auto* list =
        leaf(credential, "list", "All credentials, also ended ones; never their secrets", [&line] {
            line.run = [&line](App& app, Output& output) {
                return list_credentials(app, {.agent = line.name, .form = line.form()}, output);
            };
        });
    list->add_option("--agent", line.name, "Only this agent's");
    add_json(list, line);
    add_credential_ends(credential, line);
}

void add_policy(CLI::App& root, Line& line)
{
    auto* policy = family(root, "policy", "Check, apply and show policy documents");
    const auto file_of = [](const Line& said, const App& app) {
        return said.name.empty() ? app.settings().policy_file : said.name;
    };
    auto* check = leaf(policy, "check", "Find every mistake of a document; touches no ledger",
                       [&line, file_of] {
                           line.run = [&line, file_of](App& app, Output& output) {
                               return check_policy(file_of(line, app), output);
                           };
                       });
    check->add_option("FILE", line.name, "Default: the policy file of the settings");
    auto* apply =
        leaf(policy, "apply", "Put a document in force, whole or not at all", [&line, file_of] {
            line.run = [&line, file_of](App& app, Output& output) {
                return apply_policy(app, file_of(line, app), output);
            };
        });
    apply->add_option("FILE", line.name, "Default: the policy file of the settings");
    auto* show = leaf(policy, "show", "Print a document as it is stored", [&line] {
        line.run = [&line](App& app, Output& output) {
            const auto version = line.version > 0 ? std::optional{line.version} : std::nullopt;
            return show_policy(app, {.version = version, .form = line.form()}, output);
        };
    });
    show->add_option("--version", line.version, "Which; default: the one in force")
        ->check(CLI::PositiveNumber);
    add_json(show, line);
    add_policy_trials(policy, line.run);
}

struct FreezeVerb {
    const char* name;
    const char* about;
    int (*run)(App&, const FreezeOptions&, Output&);
    bool takes_note;
};

void add_freeze(CLI::App& root, Line& line, const FreezeVerb& verb)
{
    auto* freeze_it = family(root, verb.name, verb.about);
    const auto add = [&](const char* name, const char* about, FreezeWhat what) {
        auto* target = leaf(freeze_it, name, about, [&line, verb, what] {
            line.run = [&line, verb, what](App& app, Output& output) {
                return verb.run(app, {.what = what, .name = line.name, .note = line.note}, output);
            };
        });
        if (what != FreezeWhat::all) target->add_option("NAME", line.name, "Its name")->required();
        if (verb.takes_note) target->add_option("--note", line.note, "Why, for people");
    };
    add("agent", "One agent", FreezeWhat::agent);
    add("budget", "A shared budget: every agent that is charged to it", FreezeWhat::budget);
    add("all", "Everything", FreezeWhat::all);
}

void add_journal(CLI::App& root, Line& line)
{
    auto* journal = family(root, "journal", "Read and prove the record of every decision");
    auto* tail = leaf(journal, "tail", "The last entries", [&line] {
        line.run = [&line](App& app, Output& output) {
            JournalTailOptions options{.count = line.count, .form = line.form()};
            if (line.follow)
                options.pause = [] {
                    std::this_thread::sleep_for(kFollowEvery);
                    return true;
                };
            return tail_journal(app, options, output);
        };
    });
    tail->add_option("-n", line.count, "How many; default 10")
        ->check(CLI::Range(std::int64_t{0}, kTailMax));
    tail->add_flag("-f,--follow", line.follow, "Go on with each new entry");
    add_json(tail, line);
    add_journal_proofs(*journal, line.run);
}

void add_audit(CLI::App& root, Line& line)
{
    auto* audit =
        leaf(&root, "audit", "Recompute every balance, cap and window from the journal", [&line] {
            line.run = [&line](App& app, Output& output) {
                return audit_books(app, {.file = line.name, .form = line.form()}, output);
            };
        });
    audit
        ->add_option("FILE", line.name,
                     "A whole export, audited without the ledger. -: standard input. Default: the "
                     "ledger, with all its tables")
        ->check(check_given);
    add_json(audit, line);
}

void add_payout_verb(CLI::App* payout, Line& line, const char* name, const char* about,
                     int (*run)(App&, const PayoutOptions&, Output&))
{
    auto* verb = leaf(payout, name, about, [&line, run] {
        line.run = [&line, run](App& app, Output& output) {
            return run(app, {.id = line.count, .note = line.note, .form = line.form()}, output);
        };
    });
    verb->add_option("PAYOUT", line.count, "Its number")->required()->check(CLI::PositiveNumber);
    if (run == show_payout) add_json(verb, line);
    if (run == hold_payout) verb->add_option("--note", line.note, "Why, for people");
}

void add_payouts(CLI::App& root, Line& line)
{
    auto* payout = family(root, "payout", "What is on its way to payees over a chain");
    auto* list = leaf(payout, "list", "Payouts, the latest first", [&line] {
        line.run = [&line](App& app, Output& output) {
            return list_payouts(app,
                                {.state = line.state,
                                 .payee = line.payee,
                                 .count = line.version,
                                 .form = line.form()},
                                output);
        };
    });
    list->add_option("--only", line.state, "Only those in this state")
        ->check(CLI::IsMember(
            {"queued", "signed", "sent", "included", "final", "held", "expired", "canceled"}));
    list->add_option("--payee", line.payee, "Only to this address")->type_name("ADDRESS");
    list->add_option("-n", line.version, "The latest so many; default: all")
        ->check(CLI::PositiveNumber);
    add_json(list, line);
    add_payout_verb(payout, line, "show", "One payout and its transactions", show_payout);
    add_payout_verb(payout, line, "hold", "Keep one from being sent", hold_payout);
    add_payout_verb(payout, line, "retry", "Let a held one go on", retry_payout);
    auto* run = leaf(payout, "run", "Pay in this process, when no server does", [&line] {
        line.run = [&line](App& app, Output& output) {
            const auto until = line.once ? PayoutWorker::Until::idle : PayoutWorker::Until::stopped;
            return run_payouts(app, until, output);
        };
    });
    run->add_flag("--once", line.once, "Until nothing is on its way");
    auto* audit = leaf(&root, "reconcile", "Compare the chain with the ledger", [&line] {
        line.run = [&line](App& app, Output& output) {
            ReconcileOptions options{.from_block = {}, .form = line.form()};
            if (line.version > 0) options.from_block = line.version;
            return reconcile(app, options, output);
        };
    });
    audit->add_option("--from-block", line.version, "Where to begin; default: the first block seen")
        ->check(CLI::PositiveNumber);
    add_json(audit, line);
}

void add_operator(CLI::App& root, Line& line)
{
    auto* person = family(root, "operator", "Sign in to the operator page");
    auto* login = leaf(person, "login", "Print a link that signs in once", [&line] {
        line.run = [&line](App& app, Output& output) {
            return login_operator(app, {.url = line.name}, output);
        };
    });
    login->add_option("--url", line.name, "The server's address; default: a running one's")
        ->type_name("URL")
        ->check(check_given);
    add_json(leaf(person, "sessions", "Who is signed in",
                  [&line] {
                      line.run = [&line](App& app, Output& output) {
                          return list_operator_sessions(app, {.form = line.form()}, output);
                      };
                  }),
             line);
    auto* logout = leaf(person, "logout", "End a session at once", [&line] {
        line.run = [&line](App& app, Output& output) {
            return logout_operator(app, {.id = line.name, .all = line.all}, output);
        };
    });
    logout->add_option("ID", line.name, "op_...");
    logout->add_flag("--all", line.all, "All of them");
}

void add_doctor(CLI::App& root, Line& line)
{
    auto* doctor =
        leaf(&root, "doctor", "Say what is wrong with this set-up and how to mend it", [&line] {
            line.is_doctor = true;
            line.run = [&line](App& app, Output& output) {
                return examine(
                    app, {.form = line.form(), .depth = line.deep ? Depth::deep : Depth::quick},
                    output);
            };
        });
    doctor->add_flag("--deep", line.deep, "Read the whole ledger file too");
    add_json(doctor, line);
}

void add_all(CLI::App& root, Line& line)
{
    root.add_option("--state", line.flags.state, "Folder of the ledger")->type_name("DIR");
    root.add_option("--policy", line.flags.policy, "Policy document")->type_name("FILE");
    root.add_option("--wallet", line.flags.wallet, "The wallet's document")->type_name("FILE");
    root.add_option("--credential-file", line.flags.credential_file, "File with the agent's secret")
        ->type_name("FILE");
    root.add_option("--log", line.flags.log_level, "debug, info, warn, error or off")
        ->type_name("LEVEL");
    root.set_version_flag("--version", std::string{"purse "} + kVersion);
    root.fallthrough();  // before the commands are made: settings may stand after them too
    root.require_subcommand(0, 1);
    root.footer("Settings such as --state may stand here too: purse --help lists them.");
    add_serve(root, line);
    add_status(root, line);
    add_agent(root, line);
    add_approvals(root, line);
    add_credential(root, line);
    add_policy(root, line);
    add_freeze(root, line,
               {"freeze", "Stop spending at once, also in live sessions", freeze, true});
    add_freeze(root, line, {"unfreeze", "Let spending go on", unfreeze, false});
    add_journal(root, line);
    add_audit(root, line);
    add_operator(root, line);
    add_payouts(root, line);
    add_wallet(root, line.run);
    add_webhooks(root, line.run);
    add_doctor(root, line);
    // The commands have taken over the short one.
    root.footer(std::string{first_steps()});
}

/// "purse credential": as far as the command line was understood.
std::string understood(const CLI::App& root)
{
    const auto chosen = root.get_subcommands();
    return root.get_name() + (chosen.empty() ? "" : " " + understood(*chosen.front()));
}

int run_line(const Line& line, Output& output)
{
    const auto settings = settle_settings(line.flags, process_environment);
    if (!settings) {
        if (line.is_doctor) return report_settings_trouble(settings.error(), line.form(), output);
        return complain(output, kWrong, settings.error());
    }
    return guarded(output, *settings, [&] {
        App app{*settings};
        return line.run(app, output);
    });
}
}  // namespace

int run(int argc, char** argv)
{
    const auto screen = ::isatty(STDOUT_FILENO) != 0 ? Screen::terminal : Screen::other;
    Output output{std::cout, std::cerr, style_of(screen, process_environment)};
    CLI::App root{"A purse for LLM agents: hard spending caps over MCP", "purse"};
    Line line;
    add_all(root, line);
    try {
        root.parse(argc, argv);
    } catch (const CLI::Success& asked) {  // --help, --version
        root.exit(asked, std::cout, std::cerr);
        return kDone;
    } catch (const CLI::ParseError& error) {
        return complain(output, kWrong,
                        std::string{error.what()} + "\n`" + understood(root) + " --help` says how");
    }
    if (!line.run) {
        if (::isatty(STDIN_FILENO) != 0) {
            std::cout << root.help();
            return kDone;
        }
        line.run = [](App& app, Output&) { return app.serve_stdio(); };
    }
    try {
        return run_line(line, output);
    } catch (const std::exception& error) {
        return complain(output, kNo, error.what());
    }
}

}  // namespace purse::server::cli

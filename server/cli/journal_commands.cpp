// SPDX-License-Identifier: Apache-2.0
#include "server/cli/journal_commands.hpp"

#include <CLI/CLI.hpp>
#include <memory>

#include "server/cli/journal.hpp"
#include "server/cli/journal_check.hpp"
#include "server/cli/journal_export.hpp"

namespace purse::server::cli {

namespace {
using Run = std::function<int(App&, Output&)>;

CLI::App* add_verb(CLI::App& journal, const char* name, const char* about, Run& chosen, Run run)
{
    auto* verb = journal.add_subcommand(name, about);
    verb->final_callback([&chosen, run = std::move(run)] { chosen = run; });
    return verb;
}

// What is given empty, by a script's empty variable, must not mean everything.
std::string check_given(const std::string& text)
{
    return text.empty() ? "is empty" : "";
}

void add_export(CLI::App& journal, Run& chosen)
{
    auto options = std::make_shared<JournalExportOptions>();
    auto* verb = add_verb(
        journal, "export", "Entries with all that proves them, or a table of them", chosen,
        [options](App& app, Output& output) { return export_journal(app, *options, output); });
    verb->add_option("--format", options->format,
                     "jsonl (default): can be verified; csv: a table; otel: OpenTelemetry "
                     "log records. Those two prove nothing")
        ->check(CLI::IsMember({"jsonl", "csv", "otel"}));
    verb->add_option("--from", options->from, "The first: an entry's number, a day or a time (UTC)")
        ->check(check_given);
    verb->add_option("--to", options->to, "The last: an entry's number; or what is before a time")
        ->check(check_given);
    verb->add_option("--agent", options->agent, "Only this agent's")->check(check_given);
    verb->add_option("--task", options->task, "Only this task's")->check(check_given);
    verb->add_option("-o,--output", options->file, "Default: standard output")
        ->type_name("FILE")
        ->check(check_given);
}

void add_prove(CLI::App& journal, Run& chosen)
{
    auto options = std::make_shared<JournalProveOptions>();
    auto* verb = add_verb(
        journal, "prove", "One payment's entries, proved; or that history goes on", chosen,
        [options](App& app, Output& output) {
            if (options->tx.empty() && options->since == 0)
                return complain(output, kWrong, "name a payment (tx_...), or --since an entry");
            return prove_journal(app, *options, output);
        });
    verb->add_option("TXID", options->tx, "The payment: tx_...")->check(check_given);
    verb->add_option("--since", options->since, "Prove too that nothing up to this entry changed")
        ->check(CLI::PositiveNumber);
    verb->add_option("-o,--output", options->file, "Default: standard output")
        ->type_name("FILE")
        ->check(check_given);
}

void add_verify(CLI::App& journal, Run& chosen)
{
    auto options = std::make_shared<JournalCheckOptions>();
    auto* verb = add_verb(journal, "verify",
                          "Check every hash and signature, of this ledger or of an export", chosen,
                          [options](App& app, Output& output) {
                              if (options->file.empty()) return verify_journal(app, output);
                              return check_export(*options, output);
                          });
    auto* file = verb->add_option("FILE", options->file,
                                  "An export or a proof; needs no ledger. -: standard input")
                     ->check(check_given);
    verb->add_option("--key", options->key,
                     "The key that must have signed it: 64 hexadecimal "
                     "digits, or a file that holds them")
        ->type_name("HEX|FILE")
        ->check(check_given)
        ->needs(file);
    verb->add_option("--after", options->after,
                     "An older export or proof: nothing that it covers may have changed")
        ->type_name("OLD")
        ->check(check_given)
        ->needs(file);
}
}  // namespace

void add_journal_proofs(CLI::App& journal, std::function<int(App&, Output&)>& chosen)
{
    add_verify(journal, chosen);
    add_export(journal, chosen);
    add_prove(journal, chosen);
}

}  // namespace purse::server::cli

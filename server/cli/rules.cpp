// SPDX-License-Identifier: Apache-2.0
#include "server/cli/rules.hpp"

#include <sstream>

#include "policy/sandbox.hpp"
#include "server/cli/state_files.hpp"
#include "server/cli/text.hpp"
#include "server/policy_file.hpp"
#include "tools/policy_text.hpp"

namespace purse::server::cli {

namespace {
std::string_view remedy_of(const StoreError& error)
{
    switch (error.kind()) {
        case StoreError::Kind::busy: return "\nnothing was done; try again";
        case StoreError::Kind::in_doubt:
            return "\nthe ledger's file or disk is in trouble; `purse doctor` says more";
        case StoreError::Kind::failed: break;
    }
    return "\nnothing was done; `purse doctor` says more";
}
using Way = void (App::*)(const std::function<void(Books&)>&);

int transact(App& app, Way way, Output& output, const std::function<int(Books&, Output&)>& run)
{
    std::ostringstream out;
    std::ostringstream err;
    Output later{out, err, output.style};
    int code = kDone;
    (app.*way)([&](Books& books) { code = run(books, later); });
    output.out << out.str();
    output.err << err.str();
    return code;
}
}  // namespace

std::expected<Rules, std::string> rules_to_come(const Settings& settings)
{
    Rules rules{.source = settings.policy_file};
    std::string words{policy::sandbox_text()};
    if (settings.policy_file.empty()) {
        rules.source = "built-in sandbox";
    } else {
        auto text = PolicyFile::read(settings.policy_file);
        if (!text) return std::unexpected{text.error()};
        words = std::move(text->text);
    }
    auto document = tools::check_policy_text(words);
    if (!document)
        return std::unexpected{"the policy " + rules.source + " has mistakes:\n" +
                               to_string(document.error())};
    rules.document = std::move(*document);
    rules.sha256 = to_hex(as_bytes(sha256({words})));
    return rules;
}

std::optional<std::string> difference(const Settings& settings, const Rules& in_force)
{
    if (settings.policy_file.empty()) return std::nullopt;
    const auto text = PolicyFile::read(settings.policy_file);
    if (!text)
        return text.error() + "; the policy in force is version " +
               std::to_string(in_force.version) + " from " + in_force.source;
    if (to_hex(as_bytes(sha256({text->text}))) == in_force.sha256) return std::nullopt;
    return "the policy file " + settings.policy_file +
           " is not what is in force; a server that follows it takes it up at its next call, "
           "`purse policy apply` at once";
}

int complain_no_ledger(Output& output, const Settings& settings)
{
    return complain(
        output, kNo,
        "there is no ledger in " + settings.state_folder +
            " yet\nit is made at an agent's first call, or by `purse policy apply FILE`; "
            "another folder is given with --state DIR or PURSE_STATE");
}

int look(App& app, Output& output, const std::function<int(Books&, Output&)>& run)
{
    return transact(app, &App::look, output, run);
}

int change(App& app, Output& output, const std::function<int(Books&, Output&)>& run)
{
    return transact(app, &App::change, output, run);
}

int guarded(Output& output, const Settings& settings, const std::function<int()>& run)
{
    try {
        return run();
    } catch (const StoreError& error) {
        return complain(output, kNo,
                        "the ledger in " + settings.state_folder + ": " + error.what() +
                            std::string{remedy_of(error)});
    }
}

}  // namespace purse::server::cli

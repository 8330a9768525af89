// SPDX-License-Identifier: Apache-2.0
#include "server/cli/journal.hpp"

#include <algorithm>

#include "ledger/journal_verifier.hpp"
#include "server/cli/rules.hpp"
#include "server/cli/state_files.hpp"
#include "server/cli/text.hpp"
#include "server/entry_words.hpp"
#include "server/otel.hpp"

namespace purse::server::cli {

namespace {
// Entries read in one transaction: some milliseconds in which nobody else decides.
constexpr std::size_t kPage = 2'000;

std::string line_of(const JournalRow& row, EntryForm form)
{
    if (form == EntryForm::otel) return otel_line(row);
    return form == EntryForm::json ? row.body : entry_in_words(row);
}

/// The entries from `from` on, at most a page.
std::vector<JournalRow> page(App& app, std::int64_t from)
{
    std::vector<JournalRow> rows;
    app.look([&](Books& books) { rows = books.rows().journal(from, kPage); });
    return rows;
}

/// What was read in one transaction.
struct Page {
    std::vector<JournalRow> rows;
    std::vector<HeadRow> heads;
    Meta meta;
};

Page verified_page(App& app, std::int64_t from)
{
    Page next;
    app.look([&](Books& books) {
        next.rows = books.rows().journal(from, kPage);
        next.heads = books.rows().heads(from, kPage);
        next.meta = books.meta();
    });
    return next;
}

int report(const JournalVerifier& verifier, const Page& last, Output& output)
{
    auto& out = output.out;
    if (const auto& fault = verifier.fault()) {
        out << painted(output.style, Colour::red, "The journal does not hold") << ": entry "
            << fault->seq << ' ' << fault->what << ".\nThe "
            << counted(fault->seq - 1, "entry", "entries") << " before it hold";
        if (verifier.signed_seq() > 0)
            out << "; the last good signed head is at entry " << verifier.signed_seq();
        out << ".\n";
        return complain(output, kNo,
                        "keep a copy of the state folder as it is; compare it with a backup");
    }
    out << painted(output.style, Colour::green, "The journal holds") << ": "
        << counted(verifier.last_seq(), "entry", "entries") << ", "
        << counted(verifier.heads(), "signed head", "signed heads") << ".\n";
    const auto tail = last.meta.seq - verifier.signed_seq();
    if (verifier.heads() > 0)
        out << "Signed up to entry " << verifier.signed_seq() << " with key "
            << to_hex(verifier.key()) << ".\n";
    out << (tail == 0
                ? std::string{"No entries wait for a head.\n"}
                : counted(tail, "entry is", "entries are") + " not under a signed head yet.\n");
    return kDone;
}
}  // namespace

int tail_journal(App& app, const JournalTailOptions& options, Output& output)
{
    if (!has_ledger(app.settings())) return complain_no_ledger(output, app.settings());
    std::int64_t last = 0;
    app.look([&](Books& books) { last = books.meta().seq; });
    auto next = std::max<std::int64_t>(1, last - options.count + 1);
    for (;;) {
        const auto rows = page(app, next);
        for (const auto& row : rows) output.out << line_of(row, options.form) << '\n';
        output.out.flush();
        if (!rows.empty()) next = rows.back().seq + 1;
        if (!output.out) return kNo;  // nobody reads any more
        if (rows.size() == kPage) continue;
        if (!options.pause || !options.pause()) return kDone;
    }
}

int verify_journal(App& app, Output& output)
{
    if (!has_ledger(app.settings())) return complain_no_ledger(output, app.settings());
    const auto key = head_key_of(app.settings());
    if (!key) return complain(output, kNo, key.error() + "; `purse doctor` says more");
    JournalVerifier verifier{{.key = *key}};
    for (;;) {
        const auto next = verified_page(app, verifier.last_seq() + 1);
        const bool good = verifier.feed(next.rows, next.heads);
        if (good && next.rows.size() == kPage) continue;
        if (good) verifier.finish(next.meta);
        return report(verifier, next, output);
    }
}

}  // namespace purse::server::cli

// SPDX-License-Identifier: Apache-2.0
#include "server/cli/journal_export.hpp"

#include <charconv>
#include <fstream>

#include "ledger/calendar.hpp"
#include "ledger/journal_export.hpp"
#include "server/cli/journal_source.hpp"
#include "server/cli/journal_table.hpp"
#include "server/cli/rules.hpp"
#include "server/cli/state_files.hpp"
#include "server/cli/text.hpp"
#include "server/operator/hold_story.hpp"
#include "server/otel.hpp"

namespace purse::server::cli {

namespace {
/// Where the lines go: a file, or standard output.
class Target {
public:
    Target(const std::string& file, Output& output) : name_{file}, output_{output}
    {
        if (!file.empty()) file_.open(file, std::ios::binary | std::ios::trunc);
    }
    std::ostream& stream() { return name_.empty() ? output_.out : file_; }
    bool is_good() { return static_cast<bool>(stream()); }

    /// Says what was written where; standard output says it itself.
    int done(std::int64_t entries)
    {
        stream().flush();
        if (!is_good()) return complain_unwritten();
        if (!name_.empty())
            hint(output_, counted(entries, "entry", "entries") + " written to " + name_);
        return kDone;
    }
    int complain_unwritten()
    {
        return complain(output_, kNo,
                        (name_.empty() ? std::string{"standard output"} : name_) +
                            " cannot be written; what it has is not complete");
    }

private:
    std::string name_;
    Output& output_;
    std::ofstream file_;
};

/// Entries of an agent, of a task, or both. An entry without a task of its own has its hold's.
class Filter {
public:
    Filter(const std::string& agent, const std::string& task) : agent_{agent}, task_{task} {}

    bool is_empty() const { return agent_.empty() && task_.empty(); }
    bool passes(Books& books, const JournalRow& row) const
    {
        if (is_empty()) return true;
        const auto document = json::parse(row.body);
        if (!document) return false;
        const auto& root = document->root();
        if (!agent_.empty() && root.text_of("agent") != agent_) return false;
        return task_.empty() || task_of(books, root) == task_;
    }

private:
    static std::string task_of(Books& books, const json::Value& root)
    {
        if (const auto task = root.text_of("task"); !task.empty()) return std::string{task};
        const auto id = TxId::parse(root.text_of("txId"));
        const auto row = id ? books.rows().hold(id->seq) : std::nullopt;
        return row && row->hold.id == *id ? row->hold.what.task : std::string{};
    }

    const std::string& agent_;
    const std::string& task_;
};

// "2026-11-25" or what to_rfc3339() writes, with or without fractions of a second.
std::optional<Instant> time_of(const std::string& text)
{
    if (const auto at = from_rfc3339(text)) return at;
    if (const auto at = from_rfc3339(text + "T00:00:00.000000Z")) return at;
    if (text.ends_with('Z')) return from_rfc3339(text.substr(0, text.size() - 1) + ".000000Z");
    return std::nullopt;
}

enum class Bound { first, last };

/// The entry that a bound of the command line means; nothing when it cannot be read.
std::optional<std::int64_t> entry_at(App& app, const std::string& text, Bound bound,
                                     std::int64_t last)
{
    if (text.empty()) return bound == Bound::first ? 1 : last;
    std::int64_t seq = 0;
    const auto* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, seq);
    if (error == std::errc{} && stop == end && seq > 0) return std::min(seq, last + 1);
    const auto at = time_of(text);
    if (!at) return std::nullopt;
    app.look([&](Books& books) { seq = first_entry_at(books, *at); });
    return bound == Bound::first ? std::min(seq, last + 1) : std::min(seq - 1, last);
}

int complain_bound(Output& output, const char* option, const std::string& text)
{
    return complain(output, kWrong,
                    std::string{option} + " is \"" + printable(text) +
                        "\": give an entry's number, a day (2026-11-25) or a time in UTC "
                        "(2026-11-25T12:00:00Z)");
}

/// Hands on wanted entries of from..to, block by block, until `each` says that it is enough.
using Each = std::function<bool(const JournalSource::Slice& slice)>;
void walk(const JournalSource& source, const ExportHeader& range, const Filter& filter,
          const Each& each)
{
    const auto wanted = [&](Books& books, const JournalRow& row) {
        return row.seq >= range.from && row.seq <= range.to && filter.passes(books, row);
    };
    if (range.to < range.from) return;
    const auto last = (range.to - 1) / MerkleBlocks::kLeaves;
    for (auto number = (range.from - 1) / MerkleBlocks::kLeaves; number <= last; ++number)
        if (!each(source.block(number, wanted))) return;
}

/// Entries in a form that proves nothing: a table, or log records.
struct PlainForm {
    std::string header;
    std::string (*line)(const JournalRow&);
};
std::string otel_with_end(const JournalRow& row)
{
    return otel_line(row) + '\n';
}

int write_plain(const JournalSource& source, const ExportHeader& range, const Filter& filter,
                const PlainForm& form, Target& target)
{
    std::int64_t count = 0;
    target.stream() << form.header;
    walk(source, range, filter, [&](const JournalSource::Slice& slice) {
        for (std::size_t i = 0; i < slice.rows.size(); ++i) {
            if (slice.wanted[i] == 0) continue;
            target.stream() << form.line(slice.rows[i]);
            ++count;
        }
        return target.is_good();
    });
    return target.done(count);
}

class Proved {
public:
    Proved(App& app, const JournalSource& source, Target& target)
        : app_{app},
          source_{source},
          target_{target}
    {
    }

    int write_whole(const ExportHeader& header)
    {
        auto writer = begin(header);
        for (std::int64_t number = 0; number < source_.blocks() && target_.is_good(); ++number) {
            const auto slice = source_.block_with_heads(number);
            auto head = slice.heads.begin();
            for (const auto& row : slice.rows) {
                writer.add(row.body);
                if (head != slice.heads.end() && head->seq == row.seq) writer.add(*head++);
            }
        }
        return end(writer);
    }

    int write_part(const ExportHeader& header, const JournalSource::Proofs& proofs,
                   const Filter& filter)
    {
        auto writer = begin(header);
        walk(source_, header, filter, [&](const JournalSource::Slice& slice) {
            const auto levels = JournalSource::levels_of(slice);
            for (std::size_t i = 0; i < slice.rows.size(); ++i)
                if (slice.wanted[i] != 0)
                    writer.add(slice.rows[i].body,
                               proofs.blocks.path(slice.rows[i].seq - 1, levels));
            return target_.is_good();
        });
        return end(writer);
    }

    int write_some(const ExportHeader& header, const JournalSource::Proofs& proofs,
                   const std::vector<std::int64_t>& entries)
    {
        auto writer = begin(header);
        for (const auto seq : entries) {
            const auto slice = source_.block((seq - 1) / MerkleBlocks::kLeaves);
            const auto place = static_cast<std::size_t>((seq - 1) % MerkleBlocks::kLeaves);
            writer.add(slice.rows.at(place).body,
                       proofs.blocks.path(seq - 1, JournalSource::levels_of(slice)));
        }
        return end(writer);
    }

private:
    ExportWriter begin(const ExportHeader& header)
    {
        return {
            header, [this](std::string_view line) { target_.stream() << line; },
            [this](std::string_view text) { return sign_with_head_key(app_.settings(), text); }};
    }
    int end(ExportWriter& writer)
    {
        if (!target_.is_good()) return target_.complain_unwritten();
        writer.finish();
        return target_.done(writer.entries());
    }

    App& app_;
    const JournalSource& source_;
    Target& target_;
};
}  // namespace

int export_journal(App& app, const JournalExportOptions& options, Output& output)
{
    if (!has_ledger(app.settings())) return complain_no_ledger(output, app.settings());
    const auto source = JournalSource::open(app);
    if (!source) return complain(output, kNo, source.error());
    const auto from = entry_at(app, options.from, Bound::first, source->size());
    if (!from) return complain_bound(output, "--from", options.from);
    const auto to = entry_at(app, options.to, Bound::last, source->size());
    if (!to) return complain_bound(output, "--to", options.to);
    const ExportHeader header{.head = source->head(),
                              .from = *from,
                              .to = std::max(std::min(*to, source->size()), *from - 1),
                              .agent = options.agent,
                              .task = options.task};
    const Filter filter{options.agent, options.task};
    Target target{options.file, output};
    if (!target.is_good()) return target.complain_unwritten();
    if (options.format == "csv")
        return write_plain(*source, header, filter, {table_header(), table_row}, target);
    if (options.format == "otel")
        return write_plain(*source, header, filter, {{}, otel_with_end}, target);
    Proved proved{app, *source, target};
    if (header.is_whole()) return proved.write_whole(header);
    const auto proofs = source->proofs();
    if (!proofs) return complain(output, kNo, proofs.error());
    return proved.write_part(header, *proofs, filter);
}

int prove_journal(App& app, const JournalProveOptions& options, Output& output)
{
    if (!has_ledger(app.settings())) return complain_no_ledger(output, app.settings());
    std::vector<std::int64_t> entries;
    if (!options.tx.empty()) {
        const auto id = TxId::parse(options.tx);
        std::optional<HoldStory> story;
        if (id) app.change([&](Books& books) { story = hold_story(books, *id); });
        if (!story) return complain(output, kNo, "there is no payment " + printable(options.tx));
        for (const auto& row : story->entries) entries.push_back(row.seq);
    }
    const auto source = JournalSource::open(app);
    if (!source) return complain(output, kNo, source.error());
    if (options.since > source->size())
        return complain(output, kNo,
                        "--since " + std::to_string(options.since) + " is beyond the last entry, " +
                            std::to_string(source->size()));
    const auto proofs = source->proofs(options.since);
    if (!proofs) return complain(output, kNo, proofs.error());
    ExportHeader header{.head = source->head(), .from = 1, .to = source->size(), .tx = options.tx};
    if (options.tx.empty()) header.to = 0;
    if (options.since > 0) {
        header.since = {.size = options.since, .root = proofs->older_root};
        header.since_path = proofs->blocks.consistency(options.since, [&](std::int64_t number) {
            return JournalSource::levels_of(source->block(number));
        });
    }
    Target target{options.file, output};
    if (!target.is_good()) return target.complain_unwritten();
    return Proved{app, *source, target}.write_some(header, *proofs, entries);
}

}  // namespace purse::server::cli

// SPDX-License-Identifier: Apache-2.0
#include "ledger/journal_export.hpp"

#include <charconv>
#include <utility>

#include "ledger/journal.hpp"
#include "ledger/json.hpp"

namespace purse {

namespace {
constexpr std::string_view kBody = R"({"body":)";
constexpr std::string_view kChain = R"(,"chain":")";
constexpr std::string_view kPath = R"(","path":")";
constexpr std::string_view kClose = R"("})";
constexpr std::size_t kHex = 2 * sizeof(Digest);
// What a line beside the entries may hold: a header has some twenty values.
constexpr json::ParseOptions kLineOptions{.depth_max = 4, .values_max = 64};

std::string hex(const Digest& digest)
{
    return to_hex(as_bytes(digest));
}

std::string hex(const std::vector<Digest>& digests)
{
    std::string bytes;
    for (const auto& digest : digests) bytes += as_bytes(digest);
    return to_hex(bytes);
}

// Members of a line that is read; what is missing or wrong shows when the line is written again.
std::int64_t number_in(const json::Value& object, std::string_view name)
{
    const auto* member = object.find(name);
    return member == nullptr ? 0 : member->integer().value_or(0);
}

std::string bytes_in(const json::Value& object, std::string_view name)
{
    return from_hex(object.text_of(name)).value_or("");
}

Digest digest_in(const json::Value& object, std::string_view name)
{
    return to_digest(bytes_in(object, name)).value_or(Digest{});
}

std::string head_json(const HeadRow& head)
{
    EntryWriter entry;
    entry.time("at", head.signed_at).text("chain", hex(head.hash)).text("key", to_hex(head.key));
    if (head.root) entry.text("root", hex(*head.root));
    entry.number("seq", head.seq).text("signature", to_hex(head.signature));
    return entry.take();
}

HeadRow head_in(const json::Value& object)
{
    return {.seq = number_in(object, "seq"),
            .hash = digest_in(object, "chain"),
            .signed_at = from_rfc3339(object.text_of("at")).value_or(Instant{}),
            .key = bytes_in(object, "key"),
            .signature = bytes_in(object, "signature"),
            .root = to_digest(bytes_in(object, "root"))};
}

/// The line, read by `read` and written again, when that gives the same line.
template <typename Line, typename Read>
std::optional<Line> exactly(std::string_view line, Read read)
{
    const auto document = json::parse(line, kLineOptions);
    if (!document || !document->root().is(json::Kind::object)) return std::nullopt;
    auto value = read(document->root());
    if (to_line(value) != line) return std::nullopt;
    return value;
}

const json::Value& member(const json::Value& root, std::string_view name)
{
    const auto* found = root.find(name);
    return found == nullptr ? root : *found;
}
}  // namespace

std::string end_text(const ExportEnd& end)
{
    return std::string{kExportFormat} + " end\n" + hex(end.header) + "\n" +
           std::to_string(end.entries) + "\n" + std::to_string(end.heads) + "\n" + hex(end.chain) +
           "\n";
}

namespace {
std::string header_json(const ExportHeader& header)
{
    EntryWriter entry;
    entry.text_if("agent", header.agent).text("format", kExportFormat);
    entry.number("from", header.from).text("hash", "SHA-256").json("head", head_json(header.head));
    entry.text("signatures", "Ed25519");
    if (header.since.size != 0) {
        entry.number("since", header.since.size).text("sincePath", hex(header.since_path));
        entry.text("sinceRoot", hex(header.since.root));
    }
    entry.text_if("task", header.task).number("to", header.to).text("tree", "RFC 9162");
    entry.text_if("txId", header.tx);
    return entry.take();
}
}  // namespace

std::string header_text(const ExportHeader& header)
{
    return std::string{kExportFormat} + "\n" + hex(sha256({header_json(header)})) + "\n";
}

std::string to_line(const ExportHeader& header)
{
    EntryWriter entry;
    entry.json("header", header_json(header)).text("signature", to_hex(header.signature));
    return entry.take();
}

std::string to_line(const ExportHead& head)
{
    EntryWriter entry;
    entry.number("after", head.after).json("head", head_json(head.head));
    return entry.take();
}

std::string to_line(const ExportEnd& end)
{
    EntryWriter inner;
    inner.text("chain", hex(end.chain)).number("entries", end.entries);
    inner.text("header", hex(end.header)).number("heads", end.heads);
    inner.text("signature", to_hex(end.signature));
    return EntryWriter{}.json("end", inner.take()).take();
}

std::string entry_line(std::string_view body, const Digest& chain)
{
    std::string line;
    line.reserve(kBody.size() + body.size() + kChain.size() + kHex + kClose.size());
    line.append(kBody).append(body).append(kChain).append(hex(chain)).append(kClose);
    return line;
}

std::string entry_line(std::string_view body, const Digest& chain, const std::vector<Digest>& path)
{
    std::string line;
    line.append(kBody).append(body).append(kChain).append(hex(chain));
    line.append(kPath).append(hex(path)).append(kClose);
    return line;
}

std::optional<ExportHeader> header_of(std::string_view line)
{
    return exactly<ExportHeader>(line, [](const json::Value& all) {
        const auto& root = member(all, "header");
        ExportHeader header{
            .head = head_in(member(root, "head")),
            .from = number_in(root, "from"),
            .to = number_in(root, "to"),
            .agent = std::string{root.text_of("agent")},
            .task = std::string{root.text_of("task")},
            .tx = std::string{root.text_of("txId")},
            .since = {.size = number_in(root, "since"), .root = digest_in(root, "sinceRoot")}};
        header.signature = bytes_in(all, "signature");
        header.since_path = to_digests(bytes_in(root, "sincePath"));
        return header;
    });
}

std::optional<ExportHead> head_of(std::string_view line)
{
    return exactly<ExportHead>(line, [](const json::Value& root) {
        return ExportHead{.head = head_in(member(root, "head")), .after = number_in(root, "after")};
    });
}

std::optional<ExportEnd> end_of(std::string_view line)
{
    return exactly<ExportEnd>(line, [](const json::Value& root) {
        const auto& end = member(root, "end");
        return ExportEnd{.chain = digest_in(end, "chain"),
                         .entries = number_in(end, "entries"),
                         .heads = number_in(end, "heads"),
                         .header = digest_in(end, "header"),
                         .signature = bytes_in(end, "signature")};
    });
}

std::optional<EntryParts> entry_of(std::string_view line)
{
    if (!line.starts_with(kBody) || !line.ends_with(kClose)) return std::nullopt;
    line.remove_prefix(kBody.size());
    line.remove_suffix(kClose.size());
    EntryParts parts;
    // From the end: beside the body there are only digits and names.
    const auto quote = line.rfind('"');
    if (quote == std::string_view::npos) return std::nullopt;
    auto last = line.substr(quote + 1);
    line = line.substr(0, quote + 1);
    if (line.ends_with(kPath)) {
        parts.path = last;
        line.remove_suffix(kPath.size());
        if (line.size() < kHex) return std::nullopt;
        last = line.substr(line.size() - kHex);
        line.remove_suffix(kHex);
    }
    if (last.size() != kHex || !line.ends_with(kChain)) return std::nullopt;
    parts.chain = last;
    parts.body = line.substr(0, line.size() - kChain.size());
    return parts;
}

namespace {
/// Walks over a canonical object: where values end, and no more than that.
class Walk {
public:
    explicit Walk(std::string_view text) : text_{text} {}

    bool take(char sign)
    {
        if (at_ >= text_.size() || text_[at_] != sign) return false;
        ++at_;
        return true;
    }
    bool is_done() const { return at_ == text_.size(); }

    /// A string with its quotes; empty when there is none.
    std::string_view string()
    {
        const auto start = at_;
        if (!take('"')) return {};
        for (auto end = text_.find('"', at_); end != std::string_view::npos;
             end = text_.find('"', end + 1)) {
            // A quote after an odd number of backslashes belongs to the text.
            auto before = end;
            while (text_[before - 1] == '\\') --before;
            if ((end - before) % 2 != 0) continue;
            at_ = end + 1;
            return text_.substr(start, at_ - start);
        }
        return {};
    }

    /// Any value; empty when there is none.
    std::string_view value()
    {
        const auto start = at_;
        if (at_ < text_.size() && text_[at_] == '"') return string();
        std::size_t depth = 0;
        while (at_ < text_.size()) {
            const char sign = text_[at_];
            if (sign == '"') {
                if (string().empty()) return {};
                continue;
            }
            if (depth == 0 && (sign == ',' || sign == '}' || sign == ']')) break;
            if (sign == '{' || sign == '[') ++depth;
            if (sign == '}' || sign == ']') --depth;
            ++at_;
        }
        return text_.substr(start, at_ - start);
    }

private:
    std::string_view text_;
    std::size_t at_ = 0;
};

bool read_number(std::string_view text, std::int64_t& value)
{
    const auto* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    return error == std::errc{} && stop == end;
}
}  // namespace

std::optional<EntryPlace> place_of(std::string_view body)
{
    Walk walk{body};
    EntryPlace place;
    if (!walk.take('{')) return std::nullopt;
    do {
        const auto name = walk.string();
        if (name.empty() || !walk.take(':')) return std::nullopt;
        const auto value = walk.value();
        if (value.empty()) return std::nullopt;
        if (name == R"("agent")") place.agent = value;
        if (name == R"("at")" && value.size() > 2) place.at = value.substr(1, value.size() - 2);
        if (name == R"("seq")" && !read_number(value, place.seq)) return std::nullopt;
    } while (walk.take(','));
    if (!walk.take('}') || !walk.is_done()) return std::nullopt;
    if (place.at.empty() || place.seq < 1) return std::nullopt;
    return place;
}

ExportWriter::ExportWriter(ExportHeader header, Sink sink, Sign sign)
    : sink_{std::move(sink)},
      sign_{std::move(sign)}
{
    header.signature = sign_(header_text(header));
    auto line = to_line(header);
    end_.header = sha256({line});
    put(std::move(line));
}

void ExportWriter::put(std::string line)
{
    line += '\n';
    sink_(line);
}

void ExportWriter::add(std::string_view body)
{
    end_.chain = chain_hash(end_.chain, body);
    ++end_.entries;
    put(entry_line(body, end_.chain));
}

void ExportWriter::add(std::string_view body, const std::vector<Digest>& path)
{
    end_.chain = chain_hash(end_.chain, body);
    ++end_.entries;
    put(entry_line(body, end_.chain, path));
}

void ExportWriter::add(const HeadRow& head)
{
    ++end_.heads;
    put(to_line(ExportHead{.head = head, .after = std::exchange(last_head_, head.seq)}));
}

void ExportWriter::finish()
{
    end_.signature = sign_(end_text(end_));
    put(to_line(end_));
}

}  // namespace purse

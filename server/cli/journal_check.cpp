// SPDX-License-Identifier: Apache-2.0
#include "server/cli/journal_check.hpp"

#include <algorithm>
#include <expected>
#include <fstream>
#include <iostream>
#include <utility>
#include <vector>

#include "ledger/calendar.hpp"
#include "ledger/export_verifier.hpp"
#include "server/cli/text.hpp"

namespace purse::server::cli {

namespace {
constexpr std::size_t kReadBytes = 1U << 20U;
// The longest line by far is that of an entry with hundreds of caps.
constexpr std::size_t kLineBytesMax = 8U << 20U;
constexpr std::size_t kKeyBytes = 32;

/// Feeds a stream, line by line. False: it could not be read.
bool feed(std::istream& file, ExportVerifier& verifier)
{
    std::vector<char> buffer(kReadBytes);
    std::size_t held = 0;
    for (;;) {
        if (held == buffer.size()) {
            if (buffer.size() >= kLineBytesMax) break;  // the rest is no line
            buffer.resize(buffer.size() * 2);
        }
        file.read(buffer.data() + held, static_cast<std::streamsize>(buffer.size() - held));
        const auto got = static_cast<std::size_t>(file.gcount());
        if (got == 0) break;
        std::string_view text{buffer.data(), held + got};
        for (auto end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
            if (!verifier.take(text.substr(0, end))) return true;
            text.remove_prefix(end + 1);
        }
        held = text.size();
        std::copy(text.begin(), text.end(), buffer.begin());
    }
    if (file.bad()) return false;
    verifier.finish({buffer.data(), held});
    return true;
}

bool read(const std::string& name, ExportVerifier& verifier)
{
    if (name == "-") return feed(std::cin, verifier);
    std::ifstream file{name, std::ios::binary};
    return file && feed(file, verifier);
}

int complain_unread(Output& output, const std::string& name)
{
    return complain(output, kWrong, printable(name) + " cannot be read");
}

std::string place_in(const ExportVerifier::Fault& fault)
{
    auto words = "line " + std::to_string(fault.line);
    if (fault.seq > 0) words += ", entry " + std::to_string(fault.seq) + ",";
    return words;
}

int report_fault(const std::string& name, const ExportVerifier& verifier, Output& output)
{
    const auto& fault = *verifier.fault();
    output.out << painted(output.style, Colour::red, printable(name) + " does not hold") << ": "
               << place_in(fault) << ' ' << fault.what << ".\n";
    if (verifier.entries() > 0)
        output.out << "The " << counted(verifier.entries(), "entry", "entries")
                   << " before it hold, up to entry " << verifier.last_seq() << ".\n";
    return kNo;
}

void report_reach(const ExportVerifier& verifier, Output& output)
{
    const auto& header = *verifier.header();
    if (header.is_whole()) {
        output.out << "It is the whole journal up to entry " << header.head.seq << ", with "
                   << counted(verifier.heads_checked(), "signed head", "signed heads") << ".\n";
        return;
    }
    if (header.has_filter())
        output.out << "Each entry is in the signed journal. That none is left out is only what the "
                      "key's owner says.\n";
    else if (verifier.entries() > 0)
        output.out << "They are all entries from " << header.from << " to " << header.to
                   << " of the signed journal.\n";
    if (header.since.size > 0)
        output.out << "The journal goes on from entry " << header.since.size << ", root "
                   << to_hex(as_bytes(header.since.root)) << ".\n";
}

int report_good(const JournalCheckOptions& options, const ExportVerifier& verifier, Output& output)
{
    const auto& head = verifier.header()->head;
    output.out << painted(output.style, Colour::green, printable(options.file) + " holds") << ": "
               << counted(verifier.entries(), "entry", "entries") << ".\n";
    report_reach(verifier, output);
    if (!options.after.empty())
        output.out << "Nothing that " << printable(options.after) << " covers was rewritten.\n";
    output.out << "Signed at entry " << head.seq << ", " << to_words(head.signed_at)
               << ", with key " << to_hex(head.key) << ".\n";
    if (options.key.empty())
        hint(output,
             "the key is the file's own; compare it with what the operator has published, "
             "or give it with --key");
    return kDone;
}

std::expected<std::string, std::string> key_of(const std::string& given)
{
    if (given.empty()) return std::string{};
    auto text = given;
    if (std::ifstream file{given}; file) {
        text.assign(2 * kKeyBytes + 2, '\0');
        file.read(text.data(), static_cast<std::streamsize>(text.size()));
        text.resize(static_cast<std::size_t>(file.gcount()));
        text.erase(std::find_if(text.begin(), text.end(),
                                [](char sign) { return sign == '\n' || sign == '\r'; }),
                   text.end());
    }
    auto key = from_hex(text);
    if (!key || key->size() != kKeyBytes)
        return std::unexpected{"--key is neither 64 hexadecimal digits nor a file that holds them"};
    return *std::move(key);
}
}  // namespace

int check_export(const JournalCheckOptions& options, Output& output)
{
    auto key = key_of(options.key);
    if (!key) return complain(output, kWrong, key.error());
    ExportVerifier::Wanted wanted{.key = *key};
    if (!options.after.empty()) {
        ExportVerifier older{{.key = *key, .remembers_heads = true}};
        if (!read(options.after, older)) return complain_unread(output, options.after);
        if (older.fault()) return report_fault(options.after, older, output);
        wanted.key = older.header()->head.key;  // a history has one key
        wanted.known = older.heads();
    }
    ExportVerifier verifier{std::move(wanted)};
    if (!read(options.file, verifier)) return complain_unread(output, options.file);
    if (verifier.fault()) return report_fault(options.file, verifier, output);
    return report_good(options, verifier, output);
}

}  // namespace purse::server::cli

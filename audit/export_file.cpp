// SPDX-License-Identifier: Apache-2.0
// An export without its ledger: lines as docs/audit.md describes them.
#include <boost/json/parse.hpp>
#include <vector>

#include "audit/audit.hpp"
#include "audit/hashes.hpp"
#include "audit/words.hpp"

namespace purse::auditor {

namespace {
constexpr std::size_t kLineBytesMax = 8U << 20;  // an entry with the largest policy, quoted
constexpr std::size_t kChainDigits = 64;

class Export {
public:
    Export(Findings& findings, Rules rules) : findings_{findings}, replay_{findings, rules} {}

    void add(const std::string& line)
    {
        if (is_over_) throw Unreadable{"goes on after its last line"};
        if (line.starts_with(R"({"body":)")) return entry(line);
        const auto value = boost::json::parse(line).as_object();
        if (const auto* header = value.if_contains("header")) return begin(header->as_object());
        if (const auto* head = value.if_contains("head")) return check(head->as_object());
        if (const auto* end = value.if_contains("end")) return finish(end->as_object());
        throw Unreadable{"has a line of another kind"};
    }

    void close()
    {
        if (!is_over_) findings_.wrong(0, "the file has no last line: it was cut off");
    }

private:
    static void begin(const boost::json::object& header)
    {
        const bool is_part = required_number(header, "from") != 1 || header.contains("agent") ||
                             header.contains("task") || header.contains("txId") ||
                             header.contains("since");
        if (is_part)
            throw Unreadable{
                "is a part of a journal; balances need a whole export, from its first entry"};
    }

    void entry(const std::string& line)
    {
        // The body's own bytes are what is hashed.
        constexpr std::string_view kBefore = R"({"body":)";
        constexpr std::string_view kBetween = R"(,"chain":")";
        constexpr std::string_view kAfter = R"("})";
        const auto tail = kBetween.size() + kChainDigits + kAfter.size();
        const std::string_view text{line};
        if (text.size() < kBefore.size() + tail || !text.ends_with(kAfter) ||
            text.substr(text.size() - tail, kBetween.size()) != kBetween)
            throw Unreadable{"has an entry of another form"};
        const auto body = text.substr(kBefore.size(), text.size() - kBefore.size() - tail);
        const auto chain = text.substr(text.size() - kAfter.size() - kChainDigits, kChainDigits);
        const auto leaf = leaf_of(body);
        chain_ = link_of(chain_, leaf);
        tree_.add(leaf);
        if (hex_of(chain_) != chain) findings_.wrong(findings_.entries + 1, "breaks the chain");
        replay_.add(findings_.entries + 1, body);
    }

    void check(const boost::json::object& object)
    {
        const Head head{.seq = required_number(object, "seq"),
                        .chain = bytes_of_hex(required_text(object, "chain")),
                        .root = bytes_of_hex(text_of(object, "root")),
                        .at = required_text(object, "at"),
                        .key = bytes_of_hex(required_text(object, "key")),
                        .signature = bytes_of_hex(required_text(object, "signature"))};
        ++findings_.heads;
        if (!is_signed(head))
            findings_.wrong(head.seq, "has a head whose signature is not its key's");
        if (head.seq != findings_.entries || head.chain != chain_)
            findings_.wrong(head.seq, "has a signed head of another chain");
        if (!head.root.empty() && head.root != tree_.root())
            findings_.wrong(head.seq, "has a signed head of another tree");
    }

    void finish(const boost::json::object& end)
    {
        is_over_ = true;
        if (required_number(end, "entries") != findings_.entries)
            findings_.wrong(0, "the file's last line counts other entries");
        if (required_number(end, "heads") != findings_.heads)
            findings_.wrong(0, "the file's last line counts other heads");
    }

    Findings& findings_;
    Replay replay_;
    std::string chain_ = std::string(32, '\0');
    Tree tree_;
    bool is_over_ = false;
};
}  // namespace

Findings audit_export(std::istream& lines, Rules rules)
{
    Findings findings;
    Export file{findings, rules};
    std::vector<char> line(kLineBytesMax);
    std::int64_t number = 0;
    try {
        while (lines.getline(line.data(), kLineBytesMax)) {
            ++number;
            file.add(line.data());
        }
        if (!lines.eof()) {
            ++number;
            throw Unreadable{"is longer than any entry"};
        }
        file.close();
    } catch (const std::exception& error) {
        findings.wrong(0, "line " + std::to_string(number) + " " + error.what());
    }
    return findings;
}

}  // namespace purse::auditor

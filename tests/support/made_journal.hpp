// SPDX-License-Identifier: Apache-2.0
// A journal made up for tests, and exports of it as lines that a test can spoil.
#pragma once

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "ledger/export_verifier.hpp"
#include "ledger/journal.hpp"
#include "ledger/journal_export.hpp"

namespace purse::test {

class MadeJournal {
public:
    explicit MadeJournal(const HeadSigner& signer) : signer_{signer} {}

    /// The next entry, of one of two agents; `mark` tells journals apart.
    void add(const std::string& mark)
    {
        const auto seq = static_cast<std::int64_t>(bodies.size()) + 1;
        EntryWriter entry;
        entry.text("agent", seq % 3 == 0 ? "poet" : "painter").text("amount", "0.02");
        entry.time("at", {seq * 1'000'000});
        entry.json("caps", R"([{"budget":"agent/a","at":"x","seq":7,"limit":5}])");
        entry.text("kind", "hold").text("purpose", "a \"seq\":9, }]{[ \\ " + mark);
        add_body(entry.number("seq", seq).text_if("task", mark).take());
    }
    /// An entry that another journal has.
    void add_body(std::string body)
    {
        bodies.push_back(std::move(body));
        const auto leaf = leaf_hash(bodies.back());
        chain_ = link_hash(chain_, leaf);
        tree_.push(leaf);
        leaves_.push_back(leaf);
    }
    void sign()
    {
        HeadClaim claim{.seq = tree_.size(), .hash = chain_, .at = {tree_.size() * 1'000'000}};
        claim.root = tree_.root();
        heads.push_back({.seq = claim.seq,
                         .hash = claim.hash,
                         .signed_at = claim.at,
                         .key = signer_.public_key(),
                         .signature = signer_.sign(head_text(claim)),
                         .root = claim.root});
    }

    std::vector<std::string> whole() const
    {
        std::vector<std::string> lines;
        const auto last = heads.back().seq;
        auto writer = to(lines, {.head = heads.back(), .from = 1, .to = last});
        auto head = heads.begin();
        for (std::int64_t seq = 1; seq <= last; ++seq) {
            writer.add(bodies.at(static_cast<std::size_t>(seq - 1)));
            if (head->seq == seq) writer.add(*head++);
        }
        writer.finish();
        return lines;
    }
    /// The entries of an agent (empty: of all) from `from` to `to`, with their paths.
    std::vector<std::string> part(std::int64_t from, std::int64_t to_seq, const std::string& agent,
                                  std::int64_t since = 0) const
    {
        std::vector<std::string> lines;
        const auto end = leaves_.begin() + static_cast<std::ptrdiff_t>(heads.back().seq);
        const MerkleLevels tree{{leaves_.begin(), end}};
        ExportHeader header{.head = heads.back(), .from = from, .to = to_seq, .agent = agent};
        if (since > 0) {
            MerkleFrontier begun;
            for (std::int64_t i = 0; i < since; ++i)
                begun.push(leaves_[static_cast<std::size_t>(i)]);
            header.since = {since, begun.root()};
            header.since_path = consistency_path(
                since, tree.size(), [&](int level, std::int64_t i) { return tree.node(level, i); });
        }
        auto writer = to(lines, header);
        for (auto seq = from; seq <= to_seq; ++seq) {
            const auto& body = bodies.at(static_cast<std::size_t>(seq - 1));
            if (agent.empty() || body.find("\"agent\":\"" + agent + "\"") != std::string::npos)
                writer.add(body, tree.path(seq - 1));
        }
        writer.finish();
        return lines;
    }

    std::vector<std::string> bodies;
    std::vector<HeadRow> heads;

private:
    ExportWriter to(std::vector<std::string>& lines, const ExportHeader& header) const
    {
        return {header,
                [&lines](std::string_view line) {
                    lines.emplace_back(line.substr(0, line.size() - 1));
                },
                [this](std::string_view text) { return signer_.sign(text); }};
    }

    const HeadSigner& signer_;
    Digest chain_{};
    MerkleFrontier tree_;
    std::vector<Digest> leaves_;
};

inline std::string text_of(const std::vector<std::string>& lines)
{
    std::string text;
    for (const auto& line : lines) text += line + '\n';
    return text;
}

/// Takes a text through a verifier, as it would be read from a file.
inline ExportVerifier verified(std::string_view text, ExportVerifier::Wanted wanted)
{
    ExportVerifier verifier{std::move(wanted)};
    for (auto end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
        if (!verifier.take(text.substr(0, end))) return verifier;
        text.remove_prefix(end + 1);
    }
    verifier.finish(text);
    return verifier;
}

}  // namespace purse::test

// SPDX-License-Identifier: Apache-2.0
#include "server/replay/suggestion.hpp"

#include <algorithm>

namespace purse::server::replay {

namespace {
class Drawing {
public:
    Drawing(const Past& past, const SuggestOptions& options)
        : past_{past},
          options_{options},
          habits_{*options.catalogue, {.from = options.from, .to = options.to}}
    {
    }

    std::expected<Suggestion, std::string> draw()
    {
        past_.journal([&](const auto& rows) { return habits_.feed(rows); });
        if (habits_.agents().empty())
            return std::unexpected{
                "nothing was bought in that time, so there is nothing to "
                "draw a policy from"};
        auto measured = measure(Refused::leave_out);
        if (!measured) return std::unexpected{measured.error()};
        auto proof = replayed(text_of({}), {});
        // What was refused then and fits now takes room that others had. Where that makes a
        // difference, room for it is needed too.
        if (proof && refuses(*proof)) {
            measured = measure(Refused::decide_anew);
            if (measured) proof = replayed(text_of({}), {});
        }
        if (!proof) return std::unexpected{proof.error()};
        auto text = text_of(heading(*proof));
        return Suggestion{
            .text = std::move(text), .habits = std::move(habits_), .proof = *std::move(proof)};
    }

private:
    static bool refuses(const Report& report)
    {
        return report[Change::refused].count + report[Change::settle_refused].count > 0;
    }

    std::string text_of(std::vector<std::string> heading) const
    {
        return draft(*options_.catalogue, habits_,
                     {.kind = Draft::proposal,
                      .headroom = options_.headroom,
                      .heading = std::move(heading)});
    }

    std::expected<Report, std::string> replayed(const std::string& text, Options how)
    {
        auto document = policy::parse_document(text);
        if (!document)
            return std::unexpected{"so many agents and services do not fit into one document: " +
                                   to_string(document.error().front())};
        document_ = *std::move(document);
        how.from = options_.from;
        how.to = options_.to;
        const auto scratch = past_.scratch();
        Replay replay{*scratch, past_.entropy, document_, std::move(how)};
        past_.journal([&](const auto& rows) { return replay.feed(rows); });
        return replay.finish();
    }

    /// Finds the peaks: on books that count everything and refuse nothing for it.
    std::expected<Report, std::string> measure(Refused refused)
    {
        const auto text =
            draft(*options_.catalogue, habits_,
                  {.kind = Draft::measuring, .headroom = options_.headroom, .heading = {}});
        return replayed(text, {.agent = {},
                               .refused = refused,
                               .charged = [this](Books& books, const std::string& agent) {
                                   note_peaks(books, agent);
                               }});
    }

    void note_peaks(Books& books, const std::string& name)
    {
        const auto habit = habits_.agents().find(name);
        const auto* agent = document_->agent(name);
        if (habit == habits_.agents().end() || agent == nullptr) return;
        for (const auto& charge : agent->charges) {
            const auto& rule = *charge.rule;
            if (std::ranges::find(kMeasured, rule.kind) == std::end(kMeasured)) continue;
            const auto state = books.state({.rule = &rule, .scope = {}});
            auto& peak = habit->second.peaks[rule.kind];
            if (state.held + state.spent > peak.used)
                peak = {.used = state.held + state.spent, .at = books.now()};
        }
    }

    std::vector<std::string> heading(const Report& proof) const
    {
        std::vector<std::string> lines{
            "Drawn from " + std::to_string(proof.requests.count) + " requests from " +
                to_words(proof.first) + " to " + to_words(proof.last) + ".",
            "What is held counts until it is settled, so a day can need more than was paid.",
            "Shared budgets, approvals, hours and all other rules are yours to add."};
        if (!refuses(proof)) {
            lines.emplace_back("Replayed over the same requests it refuses none that was allowed.");
            return lines;
        }
        lines.push_back("Replayed over the same requests it refuses " +
                        std::to_string(proof[Change::refused].count) + " of them and " +
                        std::to_string(proof[Change::settle_refused].count) +
                        " settles: services have changed since.");
        return lines;
    }

    const Past& past_;
    const SuggestOptions& options_;
    Habits habits_;
    std::shared_ptr<const policy::Document> document_;
};
}  // namespace

std::expected<Suggestion, std::string> suggest(const Past& past, const SuggestOptions& options)
{
    return Drawing{past, options}.draw();
}

}  // namespace purse::server::replay

// SPDX-License-Identifier: Apache-2.0
#include "ledger/receipts.hpp"

#include "ledger/journal_export.hpp"

namespace purse {

namespace {
// Entries of one instant that are looked through for an end: those of the largest commit.
constexpr std::size_t kEntriesOfInstantMax = 4'096;

bool proves_its_entry(const HeadRow& head)
{
    return head.root && head.path.size() == path_length(head.seq - 1, head.seq) * sizeof(Digest);
}
}  // namespace

Receipts::Receipts(Books& books, const HeadSigner* signer) : books_{books}, signer_{signer}
{
    books_.keeps_paths_ = true;
}

std::optional<Receipt> Receipts::of(std::int64_t seq)
{
    if (seq == 0) return std::nullopt;
    Receipt receipt{.seq = seq, .proof = {}, .why_not = {}};
    try {
        if (signer_ != nullptr && seq == books_.meta_.seq && seq > books_.first_seq_) sign();
        const auto heads = books_.tx_.heads(seq, 1);
        const bool is_known =
            !heads.empty() && heads.front().seq == seq && proves_its_entry(heads.front());
        if (signer_ != nullptr && is_known) receipt.proof = proof(heads.front());
    } catch (const StoreError&) {
        throw;
    } catch (const std::exception&) {
        // A key that cannot be read must not undo a decision.
    }
    if (receipt.proof.empty())
        receipt.why_not =
            "A receipt is made with the first answer to a request, when it is asked for then. The "
            "operator can prove this entry at any time: purse journal prove.";
    return receipt;
}

void Receipts::sign()
{
    auto& books = books_;
    if (!books.has_whole_tree() || books.meta_.signed_seq == books.meta_.seq) return;
    books.sign_head(*signer_, books.last_path_);
}

std::string Receipts::proof(const HeadRow& head)
{
    const auto rows = books_.tx_.journal(head.seq, 1);
    std::string text;
    ExportWriter writer{{.head = head, .from = head.seq, .to = head.seq},
                        [&text](std::string_view line) { text += line; },
                        [this](std::string_view line) { return signer_->sign(line); }};
    // The first entry of a journal is the whole of it, and then the form has no path.
    if (head.seq == 1) {
        writer.add(rows.front().body);
        writer.add(head);
    } else {
        writer.add(rows.front().body, to_digests(head.path));
    }
    writer.finish();
    return text;
}

std::int64_t Receipts::end_of(const Hold& hold)
{
    if (!has_ended(hold.state)) return 0;
    const auto id = "\"txId\":\"" + hold.id.to_string() + "\"";
    const auto rows =
        books_.tx_.journal(first_entry_at(books_, hold.ended_at), kEntriesOfInstantMax);
    std::int64_t found = 0;
    for (const auto& row : rows) {
        if (row.at != hold.ended_at) break;
        // The last: one that was taken and ended at the same instant has its end behind it.
        if (row.body.find(id) != std::string::npos) found = row.seq;
    }
    return found;
}

}  // namespace purse

// SPDX-License-Identifier: Apache-2.0
// Proofs that a caller takes away with an answer: the answer's journal entry, and how it leads to a
// head that is signed at this very entry. The form is that of an export of one entry
// (docs/audit.md), so `purse journal verify` checks it, years later and without the ledger.
#pragma once

#include <optional>
#include <string>

#include "ledger/books.hpp"

namespace purse {

struct Receipt {
    std::int64_t seq = 0;  ///< the journal entry
    std::string proof;     ///< JSON Lines; empty: none can be given, see `why_not`
    std::string why_not;   ///< a sentence
};

class Receipts {
public:
    /// Before the decision: what proves an entry is known only when it is written. `signer` may be
    /// nullptr: then no receipt is proved.
    Receipts(Books& books, const HeadSigner* signer);

    /// Of the entry that was written last, which is signed for it; or of an earlier one for which
    /// a receipt was given before. `seq` 0: nothing was written, so nothing.
    std::optional<Receipt> of(std::int64_t seq);
    /// The entry with which a hold ended; 0: it has not.
    std::int64_t end_of(const Hold& hold);

private:
    void sign();
    std::string proof(const HeadRow& head);

    Books& books_;
    const HeadSigner* signer_;
};

}  // namespace purse

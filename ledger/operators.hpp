// SPDX-License-Identifier: Apache-2.0
// The ledger's rules for who may sign in as the operator: a link that works once becomes a session
// of limited life. Secrets have 256 random bits; only their SHA-256 comes here.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/entropy.hpp"
#include "ledger/store.hpp"

namespace purse {

class Books;

/// A link is opened on the machine that printed it, or sent over a chat: minutes are enough.
inline constexpr Span kOperatorLinkLife = Span::minutes(10);
/// A working day. Then a new link is asked for.
inline constexpr Span kOperatorSessionLife = Span::hours(12);
/// A session that nobody uses ends before that.
inline constexpr Span kOperatorSessionIdle = Span::hours(2);
/// When a session was used is stored no more often than this: reading needs no commit to disk.
inline constexpr Span kOperatorSeenStep = Span::minutes(5);

/// A secret for a link or a session, 52 base-32 characters, and what is stored of it.
struct OperatorSecret {
    std::string secret;
    Digest hash{};
};
OperatorSecret make_operator_secret(Entropy& entropy);
/// As OperatorKeyRow::hash holds it.
Digest operator_secret_hash(std::string_view secret);
/// Whether the text has the form of a secret; proves nothing.
bool is_operator_secret(std::string_view text) noexcept;

/// What is wrong with a link.
enum class LinkTrouble : std::uint8_t { unknown, used, expired };

/// One transaction's view of the operator's links and sessions.
class Operators {
public:
    explicit Operators(Books& books) : books_{books} {}

    /// A link that signs in once, for kOperatorLinkLife. `note` says who asked for it.
    OperatorKeyRow issue_link(const Digest& hash, std::string_view note, Entropy& entropy);
    /// Makes a session of a link, which then is used up.
    std::expected<OperatorKeyRow, LinkTrouble> take_link(const Digest& link, const Digest& session);
    /// The session of a secret; nothing when it has ended, is too old or was idle for too long.
    std::optional<OperatorKeyRow> session(const Digest& hash);
    /// Whether it stands, without counting as use.
    bool is_live(const Digest& hash);
    /// Those that stand, the latest first; bounded.
    std::vector<OperatorKeyRow> sessions();
    /// Ends the live session of that id; `by` as of the operator's entries. False: there is none.
    bool sign_out(std::string_view id, std::string_view by = {});

private:
    bool stands(const OperatorKeyRow& row) const;
    void write(std::string_view kind, const OperatorKeyRow& row, std::string_view by = {});

    Books& books_;
};

}  // namespace purse

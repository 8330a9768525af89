// SPDX-License-Identifier: Apache-2.0
// The ledger's rules for webhooks: who is told of what. Each change is an entry of the journal;
// neither their secrets nor more of their URLs than the operator may show are in it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ledger/entropy.hpp"
#include "ledger/store.hpp"

namespace purse {

class Books;

/// Each has a thread and a connection of its own while it is delivered to.
inline constexpr std::size_t kWebhooksMax = 16;
/// Random bytes of a secret; the standard wants 24 to 64.
inline constexpr std::size_t kWebhookSecretBytes = 32;

std::string make_webhook_secret(Entropy& entropy);

/// One transaction's view of the webhooks.
class Webhooks {
public:
    explicit Webhooks(Books& books);

    struct Wish {
        std::string url;
        std::string where;  ///< as much of it as may be shown
        std::string events;
        std::string agent;
        std::string note;
        std::string secret;  ///< raw
        std::string by;      ///< who asks for it
    };
    /// Tells of what comes after this. Nothing: there are kWebhooksMax already.
    std::optional<WebhookRow> add(const Wish& wish, Entropy& entropy);
    /// With all that was not delivered. False: there is none of that id.
    bool remove(std::string_view id, std::string_view by);

    struct NewSecret {
        std::string secret;  ///< raw
        Instant old_until;   ///< the old one signs too until then
        std::string by;
    };
    bool rotate(std::string_view id, const NewSecret& key);

    /// Its receiver wants no more. False: there is none of that id, or it is off.
    bool turn_off(std::string_view id, std::string_view why);
    /// Tries everything again that waits or is dead, and is told again where it was off. The
    /// number of letters; nothing: there is none of that id.
    std::optional<std::int64_t> retry(std::string_view id, std::string_view by);

private:
    void write(std::string_view kind, const WebhookRow& row, std::string_view by,
               std::string_view where = {}, std::string_view reason = {});

    Books& books_;
    WebhookRows& rows_;
};

}  // namespace purse

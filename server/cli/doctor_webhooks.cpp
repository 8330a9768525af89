// SPDX-License-Identifier: Apache-2.0
// The doctor on webhooks: do their receivers take what they are sent?
#include "server/cli/doctor.hpp"
#include "server/cli/text.hpp"
#include "server/cli/webhook.hpp"

namespace purse::server::cli {

namespace {
Finding judge(const WebhookStanding& one)
{
    const auto& row = one.row;
    const auto check = "webhook " + row.id;
    const auto again = "mend the receiver, then `purse webhook retry " + row.id + "`";
    const auto state = state_of(one);
    if (state == "off")
        return {Health::warn, check, "its receiver has said that it wants no more (410)",
                again + ", or `purse webhook remove " + row.id + "`"};
    if (one.dead > 0)
        return {Health::warn, check,
                counted(one.dead, "message was", "messages were") +
                    " given up; `purse webhook dead` lists them",
                again};
    if (state == "down")
        return {Health::warn, check,
                "its receiver seems to be down: " + printable(row.progress.trouble),
                "`purse webhook test " + row.id + "` says what comes back"};
    return {Health::ok,
            check,
            counted(row.progress.delivered, "message", "messages") + " delivered, " +
                std::to_string(one.waiting) + " to be tried again",
            {}};
}
}  // namespace

void examine_webhooks(App& app, Reach ledger, Findings& findings)
{
    if (ledger != Reach::open) return;
    std::vector<WebhookStanding> all;
    app.look([&](Books& books) { all = webhook_standings(books); });
    for (const auto& one : all) findings.push_back(judge(one));
}

}  // namespace purse::server::cli

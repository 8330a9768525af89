// SPDX-License-Identifier: Apache-2.0
// purse webhook ...: who is told of what the journal says. A secret stands alone on standard
// output, once; of a URL no more is ever shown than its scheme, host and port.
#pragma once

#include <string>

#include "server/app.hpp"
#include "server/cli/output.hpp"

namespace purse::server::cli {

struct WebhookAddOptions {
    std::string url;
    std::string events = "*";
    std::string agent{};  ///< empty: all
    std::string note{};
    bool insecure_http = false;
};
int add_webhook(App& app, const WebhookAddOptions& options, Output& output);

struct WebhookOptions {
    std::string id{};  ///< empty, where it may be: all
    Form form = Form::words;
};
int list_webhooks(App& app, const WebhookOptions& options, Output& output);
int remove_webhook(App& app, const WebhookOptions& options, Output& output);
/// Sends a message that means nothing, and says what came back.
int test_webhook(App& app, const WebhookOptions& options, Output& output);
/// Messages that were given up.
int list_dead(App& app, const WebhookOptions& options, Output& output);
/// Tries them again, and whatever waits; turns on one that its receiver had turned off.
int retry_webhook(App& app, const WebhookOptions& options, Output& output);
/// The names of all events.
int list_events(Output& output);

struct WebhookRotateOptions {
    std::string id;
    Span grace = Span::hours(24);  ///< how long the old secret signs too
};
int rotate_webhook(App& app, const WebhookRotateOptions& options, Output& output);

/// Delivers what can be delivered now, where no server does. Exit code 1 when something waits.
int deliver_webhooks(App& app, Output& output);

}  // namespace purse::server::cli

// SPDX-License-Identifier: Apache-2.0
// The composition root: the one place that names adapters. Building it touches nothing;
// the ledger is opened by the first call that needs it.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "ledger/books.hpp"
#include "server/log.hpp"
#include "server/serve.hpp"
#include "server/settings.hpp"
#include "server/wallet/payout_worker.hpp"
#include "wallet/rpc/http_poster.hpp"

namespace purse::server {

/// The process's environment.
std::optional<std::string> process_environment(const char* name);

class App {
public:
    explicit App(Settings settings);
    ~App();
    App(const App&) = delete;
    App& operator=(const App&) = delete;

    const Settings& settings() const noexcept { return settings_; }

    /// Serves MCP until a signal asks, or, on standard input, until that ends; returns the exit
    /// code. `announce` is told the address once it is listened on. Throws std::runtime_error when
    /// it cannot be.
    int serve(ServeSettings what, const std::function<void(const std::string&)>& announce);
    int serve_stdio() { return serve({.stdio = true, .http = {}}, {}); }

    /// Pays what is owed over the chain, in this process, until a signal asks or until nothing is
    /// on its way; returns the exit code.
    int pay(PayoutWorker::Until until);

    /// A way to a webhook's URL; an error's text when there is none.
    static std::expected<std::unique_ptr<HttpPoster>, std::string> open_webhook(
        const std::string& url);
    /// Lets servers on this ledger see that there are webhooks to deliver to.
    void announce_webhooks();
    /// Lets servers on this ledger see that there is a shadow policy to follow.
    void announce_shadow();
    /// Delivers what can be delivered now; false: another process is at it.
    bool deliver_webhooks();

    /// Runs one transaction for a command that changes something; the journal's head is signed
    /// with it. Throws StoreError.
    void change(const std::function<void(Books&)>& run);
    /// The same for a command that only looks.
    void look(const std::function<void(Books&)>& run);
    /// The ledger's time.
    Instant now() const;
    Entropy& entropy() noexcept;
    /// Books for trying things out: of nobody else, and gone with the store.
    static std::unique_ptr<Store> scratch();
    const Clock& clock() const noexcept;

    /// Puts the policy file (when one is set) in force, as a server does, so that commands and
    /// servers see the same rules. The version in force; 0: there is none. An error's text when
    /// the file cannot be used.
    std::expected<std::int64_t, std::string> adopt_policy();

private:
    struct Parts;
    struct Service;

    Settings settings_;
    std::unique_ptr<Parts> parts_;
};

}  // namespace purse::server

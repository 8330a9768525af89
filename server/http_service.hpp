// SPDX-License-Identifier: Apache-2.0
// A door on an HTTP server, running on a thread of its own. What it serves is the caller's.
#pragma once

#include <memory>
#include <string>
#include <thread>

#include "server/door/door.hpp"
#include "server/http/server.hpp"
#include "server/operator/page.hpp"
#include "server/serve.hpp"

namespace purse::server {

class HttpService {
public:
    struct Ports {
        Protocol& protocol;
        Registrar& registrar;
        LedgerProbe& ledger;
        Metrics& metrics;
        Entropy& entropy;
        const Clock& clock;
        Log& log;
        tools::Till& till;
        Rail rail = Rail::book;
    };
    /// Binds and listens. `session_key`: secret. Throws std::runtime_error for the operator.
    HttpService(const Ports& ports, HttpSettings settings, std::string session_key);
    ~HttpService();
    HttpService(const HttpService&) = delete;
    HttpService& operator=(const HttpService&) = delete;

    /// "http://127.0.0.1:8377", without a path.
    const std::string& base() const { return base_; }
    /// Becomes readable when the server ends without being asked to.
    int ended_fd() const { return ended_fd_; }
    Mailbox& mailbox() { return mailbox_; }
    /// nullptr: there is none.
    OperatorPage* operator_page() { return operator_.get(); }
    /// Where browsers find the operator page, without a path.
    std::string operator_base() const;

    void start();
    /// Stops as HttpServer::stop() does, and waits for the end.
    void stop();

private:
    void run();

    Log& log_;
    std::unique_ptr<http::HttpServer> server_;
    Mailbox mailbox_;
    std::unique_ptr<OperatorPage> operator_;
    Door door_;
    std::string public_origin_;
    std::string base_;
    int ended_fd_;
    std::thread thread_;
};

}  // namespace purse::server

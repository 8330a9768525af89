// SPDX-License-Identifier: Apache-2.0
// The operator page without sockets, on a real ledger: its time, I/O thread and timers are the
// test's own.
#pragma once

#include <catch2/catch.hpp>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "server/operator/page.hpp"
#include "tests/server/door/requests.hpp"
#include "tests/support/direct_till.hpp"
#include "tests/support/fake_exchange.hpp"
#include "tests/support/test_ledger.hpp"

namespace purse::test {

inline constexpr const char* kPagePolicy = R"({
  "version": 1,
  "services": { "images": { "payee": "0x90F79bf6EB2c4f870365E785982E1f101E93b906" } },
  "budgets": { "team": { "caps": { "daily": "200" } } },
  "agents": {
    "painter": { "budgets": ["team"], "caps": { "perTx": "5", "daily": "10" } },
    "poet": { "frozen": true }
  }
})";

class PageBench {
public:
    using PeerPtr = std::shared_ptr<FakeExchange>;

    PageBench()
    {
        purse.run([](Books& books) { return books.apply_policy(kPagePolicy, "policy.jsonc"); });
        purse.rules.money("daily", Window::day, 10'000'000);
    }
    ~PageBench() { page.stopping(); }
    PageBench(const PageBench&) = delete;
    PageBench& operator=(const PageBench&) = delete;

    /// Hands a request over and does what is due at once.
    PeerPtr send(const OwnRequest& request)
    {
        auto peer = std::make_shared<FakeExchange>();
        auto view = request.view();
        page.handle(view, peer);
        run();
        return peer;
    }
    PeerPtr get(const std::string& path, bool with_cookie = true)
    {
        return send(request("GET", path, with_cookie));
    }
    PeerPtr post(const std::string& path, std::string body)
    {
        auto one = request("POST", path, true);
        one.set("x-purse-csrf", csrf);
        one.body = std::move(body);
        return send(one);
    }
    OwnRequest request(const std::string& method, const std::string& path, bool with_cookie)
    {
        OwnRequest one;
        one.method = method == "GET" ? server::http::Method::get : server::http::Method::post;
        const auto mark = path.find('?');
        one.path = path.substr(0, mark);
        if (mark != std::string::npos) one.query = path.substr(mark + 1);
        one.set("host", "127.0.0.1:8377");
        if (method == "POST") one.set("content-type", "application/json");
        if (with_cookie) one.set("cookie", "purse_operator=" + secret);
        return one;
    }

    /// A link as the command makes it; its code.
    std::string link()
    {
        const auto made = make_operator_secret(purse.entropy);
        purse.run([&](Books& books) {
            return Operators{books}.issue_link(made.hash, "ada", purse.entropy);
        });
        return made.secret;
    }
    PeerPtr login(const std::string& code)
    {
        auto one = request("POST", "/operator/api/login", false);
        one.body = R"({"code":")" + code + R"("})";
        return send(one);
    }
    /// Signs in; later requests are of this session.
    void sign_in()
    {
        const auto peer = login(link());
        REQUIRE(peer->status() == 200);
        const auto cookie = peer->header("Set-Cookie").value();
        const auto from = cookie.find('=') + 1;
        secret = cookie.substr(from, cookie.find(';') - from);
        const auto document = json::parse(peer->body());
        csrf = document->root().find("csrf")->text();
        id = document->root().find("id")->text();
    }

    void run()
    {
        while (!work_.empty()) {
            auto work = std::move(work_.front());
            work_.pop_front();
            work();
        }
    }
    /// Timers that are no longer than that are due once.
    void elapse(std::chrono::milliseconds most = std::chrono::hours{1})
    {
        for (auto& [time, work] : std::exchange(later_, {})) {
            if (time > most) {
                later_.emplace_back(time, std::move(work));
                continue;
            }
            work();
            run();
        }
    }

    TestLedger purse;
    DirectTill till{purse};
    server::Metrics metrics;
    std::string secret;
    std::string csrf;
    std::string id;

private:
    std::deque<std::move_only_function<void()>> work_;
    std::vector<std::pair<std::chrono::milliseconds, std::move_only_function<void()>>> later_;

public:
    server::OperatorPage page{
        {.till = till,
         .entropy = purse.entropy,
         .metrics = metrics,
         .post = [this](std::move_only_function<void()> work) { work_.push_back(std::move(work)); },
         .after =
             [this](std::chrono::milliseconds time, std::move_only_function<void()> work) {
                 later_.emplace_back(time, std::move(work));
             }},
        {}};
};

/// The text of a member of the body's object; empty: not there.
inline std::string member(const FakeExchange& peer, std::string_view name)
{
    const auto document = json::parse(peer.body());
    REQUIRE(document.has_value());
    const auto* found = document->root().find(name);
    return found == nullptr ? std::string{} : std::string{found->text()};
}
inline std::string error_code(const FakeExchange& peer)
{
    const auto document = json::parse(peer.body());
    REQUIRE(document.has_value());
    const auto* error = document->root().find("error");
    return error == nullptr ? std::string{} : std::string{error->find("code")->text()};
}

}  // namespace purse::test

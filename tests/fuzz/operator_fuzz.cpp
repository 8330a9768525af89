// SPDX-License-Identifier: Apache-2.0
// Requests of browsers, and of whatever says that it is one, to the operator page on a real ledger.
// Every request is answered once or streams; without the session's cookie nothing is shown, without
// its other secret nothing is changed, and neither secret is ever repeated.
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ledger/operators.hpp"
#include "server/operator/page.hpp"
#include "tests/fuzz/door_script.hpp"
#include "tests/fuzz/exchange_checks.hpp"
#include "tests/fuzz/ledger_world.hpp"

namespace {
using namespace purse;
using fuzz::check;
using test::FakeExchange;

constexpr std::string_view kPolicy = R"({ "version": 1,
  "services": { "images": { "payee": "0x90F79bf6EB2c4f870365E785982E1f101E93b906" } },
  "budgets": { "team": { "caps": { "daily": "200" } } },
  "agents": { "painter": { "budgets": ["team"], "caps": { "perTx": "5", "daily": "10" } },
              "poet": { "frozen": true } } })";
constexpr std::string_view kApi = "/operator/api/";

struct World {
    World()
        : link{make_operator_secret(link_entropy)},
          till{[this](Books& books) {
              books.apply_policy(kPolicy, "policy.jsonc");
              Operators{books}.issue_link(link.hash, "ada", link_entropy);
          }}
    {
    }
    test::SeededEntropy link_entropy{3};
    OperatorSecret link;
    fuzz::RolledBackTill till;
};

class Browser {
public:
    explicit Browser(World& world) : world_{world} { sign_in(); }
    ~Browser() = default;
    Browser(const Browser&) = delete;
    Browser& operator=(const Browser&) = delete;

    /// "+ " before a request: as our own page sends it, with both secrets.
    void line(std::string_view line, std::string_view& rest)
    {
        const bool is_ours = line.starts_with("+ ");
        if (is_ours) line.remove_prefix(2);
        const auto space = line.find(' ');
        if (space == std::string_view::npos || !fuzz::is_method(line.substr(0, space))) return;
        auto request = fuzz::read_request(line, rest, secret_, hold_);
        if (!server::is_operator_path(request.path)) return;  // the door sends no others here
        if (is_ours) request.set("cookie", "purse_operator=" + secret_).set("x-purse-csrf", csrf_);
        send(request);
    }
    void act(char act)
    {
        switch (act) {
            case 'H': return take_hold();
            case 'T': return world_.till.clock.pass(Span::minutes(1));
            case 'D': return world_.till.clock.pass(Span::days(1));
            case 'N':
                page_.note_news();
                page_.deliver_news();
                return elapse();
            case 'P': return elapse();
            case 'L':
                if (!peers_.empty() && !peers_.back()->has_left) peers_.back()->leave();
                return run();
            case 'S': page_.stopping(); return run();
            default: page_.tick(); return run();
        }
    }
    void end()
    {
        page_.stopping();
        elapse();
        for (const auto& peer : peers_) {
            fuzz::check_answer(*peer);
            check(peer->answers == 1 || peer->has_left, "every request is answered");
            check(!peer->is_open(), "every stream ends with the page");
            if (!peer->head) continue;
            check(peer->head->headers.find("X-Content-Type-Options: nosniff") != std::string::npos,
                  "every answer keeps the page to itself");
            for (const auto& secret : {secret_, world_.link.secret})
                check(peer->head->body.find(secret) == std::string::npos, "no secret is repeated");
        }
    }

private:
    void sign_in()
    {
        test::OwnRequest request{.path = "/operator/api/login"};
        request.set("content-type", "application/json");
        request.body = R"({"code":")" + world_.link.secret + R"("})";
        auto peer = std::make_shared<FakeExchange>();
        auto view = request.view();
        page_.handle(view, peer);
        run();
        check(peer->status() == 200, "a link signs in");
        const auto cookie = peer->header("Set-Cookie").value();
        const auto from = cookie.find('=') + 1;
        secret_ = cookie.substr(from, cookie.find(';') - from);
        csrf_ = json::parse(peer->body())->root().text_of("csrf");
        check(is_operator_secret(secret_) && !csrf_.empty(), "a session has two secrets");
    }
    std::int64_t entries()
    {
        std::int64_t seq = 0;
        world_.till.run([&](Books& books) { seq = books.meta().seq; });
        return seq;
    }
    void send(const test::OwnRequest& request)
    {
        const auto before = entries();
        auto peer = std::make_shared<FakeExchange>();
        auto view = request.view();
        const auto cookie = server::session_cookie(view, server::Reached::plainly);
        const bool is_signed_in = cookie == std::string_view{secret_};
        const bool is_trusted =
            is_signed_in && view.header("x-purse-csrf") == std::string_view{csrf_};
        page_.handle(view, peer);
        run();
        peers_.push_back(peer);
        const auto status = peer->status();
        check(status != 500, "no error of our own");
        const bool is_api = request.path.starts_with(kApi);
        check(!is_api || is_signed_in || status >= 400, "a stranger is shown nothing");
        const bool may_change = is_trusted && request.method == server::http::Method::post;
        check(may_change || entries() == before, "a stranger changes nothing");
        if (request.path == "/operator/api/logout" && status == 204) secret_.assign(52, '0');
    }
    void take_hold()
    {
        world_.till.run([this](Books& books) {
            HoldRequest request{.epoch = books.meta().epoch, .who = {.agent = "painter"}};
            request.what = {.service = "images",
                            .payee = "0x90f79bf6eb2c4f870365e785982e1f101e93b906",
                            .amount = Money::from_micro(50'000),
                            .purpose = {},
                            .task = "t",
                            .workflow = {}};
            request.ttl = Span::minutes(2);
            request.max_capture = request.what.amount;
            hold_ = books.hold(request).id.to_string();
        });
    }
    void run()
    {
        while (!work_.empty()) {
            auto work = std::move(work_.front());
            work_.pop_front();
            work();
        }
    }
    /// What is due later is due once.
    void elapse()
    {
        for (auto& work : std::exchange(later_, {})) {
            work();
            run();
        }
        run();
    }

    World& world_;
    std::string secret_;
    std::string csrf_;
    std::string hold_ = "tx_00000000000000000000000000";
    std::vector<std::shared_ptr<FakeExchange>> peers_;
    std::deque<std::move_only_function<void()>> work_;
    std::vector<std::move_only_function<void()>> later_;
    server::Metrics metrics_;
    server::OperatorPage page_{
        {.till = world_.till,
         .entropy = world_.till.entropy,
         .metrics = metrics_,
         .post = [this](std::move_only_function<void()> work) { work_.push_back(std::move(work)); },
         .after = [this](
                      std::chrono::milliseconds,
                      std::move_only_function<void()> work) { later_.push_back(std::move(work)); }},
        {}};
};
}  // namespace

// The name and the linkage are libFuzzer's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    static World world;
    std::string_view text{reinterpret_cast<const char*>(data), size};
    {
        Browser browser{world};
        for (int lines = 0; !text.empty() && lines < 60; ++lines) {
            const auto line = fuzz::take_line(text);
            if (line.starts_with("! ") && line.size() == 3)
                browser.act(line[2]);
            else
                browser.line(line, text);
        }
        browser.end();
    }
    world.till.take_back();
    return 0;
}

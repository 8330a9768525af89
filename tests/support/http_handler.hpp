// SPDX-License-Identifier: Apache-2.0
// A handler that does what the path says: /echo, /later, /stream, /drop, /throw, /throw-kept; any
// other is answered "ok". It remembers what it saw.
#pragma once

#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "server/http/exchange.hpp"

namespace purse::test {

namespace http = server::http;

struct SeenRequest {
    http::Method method = http::Method::other;
    std::string path;
    std::string query;
    std::string body;
    std::vector<std::pair<std::string, std::string>> headers;
};

class HttpTestHandler final : public http::Handler {
public:
    struct Kept {
        std::shared_ptr<http::Exchange> exchange;
        std::shared_ptr<int> gone;  ///< how often on_gone was called
    };
    std::vector<SeenRequest> seen;
    std::vector<Kept> later;
    std::vector<Kept> streams;
    int ticks = 0;
    int stops = 0;
    bool finishes_at_stop = true;

    void handle(http::Request&& request, std::shared_ptr<http::Exchange> exchange) override
    {
        SeenRequest saw{.method = request.method,
                        .path = std::string{request.path},
                        .query = std::string{request.query},
                        .body = std::move(request.body),
                        .headers = {}};
        for (const auto& header : request.headers)
            saw.headers.emplace_back(header.name, header.value);
        seen.push_back(saw);
        if (saw.path == "/throw") throw std::runtime_error{"thrown on purpose"};
        if (saw.path == "/drop") return;
        if (saw.path == "/empty") return exchange->respond({.status = 204});
        if (saw.path == "/accepted") return exchange->respond({.status = 202});
        if (saw.path == "/close") return exchange->respond(text("bye", true));
        if (saw.path == "/echo") return exchange->respond(text(saw.body));
        if (saw.path == "/large") return exchange->respond(text(std::string(8'000'000, 'x')));
        if (saw.path != "/later" && saw.path != "/stream" && saw.path != "/throw-kept")
            return exchange->respond(text("ok"));

        Kept kept{std::move(exchange), std::make_shared<int>(0)};
        kept.exchange->on_gone([gone = kept.gone] { ++*gone; });
        if (saw.path == "/stream") {
            kept.exchange->start_stream(
                {.content_type = "text/event-stream", .body = ": open\n\n", .headers = {}});
            return streams.push_back(std::move(kept));
        }
        later.push_back(std::move(kept));
        if (saw.path == "/throw-kept") throw std::runtime_error{"thrown on purpose"};
    }
    void tick() override { ++ticks; }
    void stopping() override
    {
        ++stops;
        if (!finishes_at_stop) return;
        for (auto& stream : streams) stream.exchange->finish();
    }

    static http::Response text(std::string body, bool close = false)
    {
        http::Response response{.status = 200, .content_type = "text/plain"};
        response.body = std::move(body);
        response.close = close;
        return response;
    }
};

}  // namespace purse::test

// SPDX-License-Identifier: Apache-2.0
// The way back of one request, in memory: keeps what was answered, counts what must happen once,
// and lets a test be the peer that reads slowly or leaves.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "server/http/exchange.hpp"

namespace purse::test {

class FakeExchange final : public server::http::Exchange {
public:
    void respond(server::http::Response response) override
    {
        if (has_left) return;
        ++answers;
        head = std::move(response);
        on_gone_ = nullptr;
    }
    void start_stream(server::http::Response response) override
    {
        if (has_left) return;
        ++answers;
        is_stream = true;
        head = std::move(response);
    }
    bool write(std::string_view bytes) override
    {
        if (has_left || !is_stream || ends > 0) return false;
        head->body += bytes;
        return !has_left;
    }
    void finish() override
    {
        if (has_left || !is_stream) return;
        ++ends;
        on_gone_ = nullptr;
    }
    // As the real one: once the peer is gone, nobody calls any more.
    void on_gone(std::move_only_function<void()> callback) override
    {
        if (!has_left && ends == 0) on_gone_ = std::move(callback);
    }
    std::size_t queued() const override { return 0; }
    bool gone() const override { return has_left; }

    /// The peer leaves. What is owed to whoever waits for that is paid at once.
    void leave()
    {
        has_left = true;
        if (auto callback = std::exchange(on_gone_, nullptr)) callback();
    }

    bool is_answered() const { return answers > 0; }
    bool is_open() const { return is_stream && ends == 0 && !has_left; }
    int status() const { return head ? head->status : 0; }
    const std::string& body() const { return head.value().body; }
    /// What came on the stream, or of the body, since the last time.
    std::string taken() { return head ? std::exchange(head->body, {}) : std::string{}; }
    /// Of the response's further headers; nothing when it is not there.
    std::optional<std::string> header(std::string_view name) const
    {
        const auto start = head ? head->headers.find(std::string{name} + ": ") : std::string::npos;
        if (start == std::string::npos) return std::nullopt;
        const auto from = start + name.size() + 2;
        return head->headers.substr(from, head->headers.find("\r\n", from) - from);
    }

    std::optional<server::http::Response> head;  ///< with the whole body, or all of the stream
    int answers = 0;                             ///< responses and beginnings of streams
    int ends = 0;                                ///< of a stream
    bool is_stream = false;
    bool has_left = false;

private:
    std::move_only_function<void()> on_gone_;
};

}  // namespace purse::test

// SPDX-License-Identifier: Apache-2.0
// A way to a node that answers what a test wrote down, in order, and keeps what it was sent.
#pragma once

#include <deque>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "wallet/rpc/transport.hpp"

namespace purse::test {

/// What a test and its transport share.
struct Script {
    std::vector<std::string> sent;
    std::deque<std::expected<TransportAnswer, TransportFault>> answers;

    void answer(std::string body, int status = 200)
    {
        answers.push_back(TransportAnswer{.status = status, .body = std::move(body)});
    }
    void fail(std::string what)
    {
        answers.push_back(std::unexpected{TransportFault{std::move(what)}});
    }
};

class ScriptedTransport final : public RpcTransport {
public:
    explicit ScriptedTransport(Script& script) : script_{script} {}
    std::string name() const override { return "http://node"; }
    std::string without_secrets(std::string text) const override
    {
        const std::string secret = "SECRET";
        for (auto at = text.find(secret); at != std::string::npos; at = text.find(secret))
            text.replace(at, secret.size(), "***");
        return text;
    }
    std::expected<TransportAnswer, TransportFault> post(const std::string& body) override
    {
        script_.sent.push_back(body);
        if (script_.answers.empty()) throw std::logic_error{"no answer is left for " + body};
        auto answer = std::move(script_.answers.front());
        script_.answers.pop_front();
        return answer;
    }

private:
    Script& script_;
};

}  // namespace purse::test

// SPDX-License-Identifier: Apache-2.0
// All fixtures behind the protocol, as the product's tools are (server/toolbox_catalog.hpp).
#pragma once

#include "fixtures.hpp"
#include "ledger/clock.hpp"
#include "ledger/entropy.hpp"
#include "server/log.hpp"
#include "server/mcp/catalog.hpp"
#include "server/mcp/protocol.hpp"

namespace purse::conformance {

class FixtureCatalog final : public server::Catalog {
public:
    FixtureCatalog();

    /// Who is told of the changes that tools pretend; before the first call.
    void tell(server::Notices& notices) { stage_.notices = &notices; }
    /// What has not been answered yet is let go of. Before the protocol goes.
    void stop() { later_.stop(); }

    const server::Offer& offer() const override { return offer_; }
    bool call_tool(std::string_view name, const json::Value* arguments,
                   server::Responder& responder) override;
    bool read_resource(std::string_view uri, server::Responder& responder) override;
    bool get_prompt(std::string_view name, const json::Value* arguments,
                    server::Responder& responder) override;
    bool complete(const json::Value& params, server::Responder& responder) override;

private:
    Later later_;
    Stage stage_{later_, nullptr};
    server::Offer offer_;
};

/// The fixtures with a protocol of their own, in the order in which they must end.
struct FixtureBehind {
    FixtureBehind(Entropy& entropy, const Clock& clock, server::Log& log)
        : protocol{{.catalog = catalog, .entropy = entropy, .clock = clock, .log = log}}
    {
        catalog.tell(protocol.notices());
    }
    ~FixtureBehind() { catalog.stop(); }
    FixtureBehind(const FixtureBehind&) = delete;
    FixtureBehind& operator=(const FixtureBehind&) = delete;

    FixtureCatalog catalog;
    server::Protocol protocol;
};

}  // namespace purse::conformance

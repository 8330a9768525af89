// SPDX-License-Identifier: Apache-2.0
// Who listens for changes (subscriptions/listen, 2026-07-28), and how they are told. Thread-safe.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "server/mcp/guarded.hpp"
#include "server/mcp/jsonrpc.hpp"
#include "server/mcp/transport.hpp"

namespace purse::server {

/// What one listener wants and is granted.
struct NoticeFilter {
    bool tools = false;
    bool prompts = false;
    bool resources = false;
    std::vector<std::string> uris;
};

class Notices {
public:
    void add(std::shared_ptr<Transport> transport, RequestId id, NoticeFilter filter);
    /// False: it was not there.
    bool remove(const Transport& transport, const RequestId& id);

    void tools_changed() { list_changed("tools", &NoticeFilter::tools); }
    void prompts_changed() { list_changed("prompts", &NoticeFilter::prompts); }
    void resources_changed() { list_changed("resources", &NoticeFilter::resources); }
    void resource_updated(std::string_view uri);

private:
    struct Listener {
        std::weak_ptr<Transport> transport;
        RequestId id;
        NoticeFilter filter;
    };
    void list_changed(std::string_view list, bool NoticeFilter::* wanted);
    template <typename Wants>
    void publish(std::string_view method, std::string_view params, Wants wants);

    Guarded<std::vector<Listener>> listeners_;
};

}  // namespace purse::server

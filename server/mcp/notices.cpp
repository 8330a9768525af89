// SPDX-License-Identifier: Apache-2.0
#include "server/mcp/notices.hpp"

#include <algorithm>

#include "ledger/json.hpp"

namespace purse::server {

void Notices::add(std::shared_ptr<Transport> transport, RequestId id, NoticeFilter filter)
{
    listeners_.with([&](auto& listeners) {
        std::erase_if(listeners, [](const Listener& one) { return one.transport.expired(); });
        listeners.push_back({std::move(transport), std::move(id), std::move(filter)});
    });
}

bool Notices::remove(const Transport& transport, const RequestId& id)
{
    return listeners_.with([&](auto& listeners) {
        return std::erase_if(listeners, [&](const Listener& one) {
                   return one.id == id && one.transport.lock().get() == &transport;
               }) > 0;
    });
}

template <typename Wants>
void Notices::publish(std::string_view method, std::string_view params, Wants wants)
{
    // Collected first: nothing is sent under the lock.
    std::vector<std::pair<std::shared_ptr<Transport>, RequestId>> targets;
    listeners_.with([&](auto& listeners) {
        for (const auto& one : listeners)
            if (wants(one.filter))
                if (auto transport = one.transport.lock())
                    targets.emplace_back(std::move(transport), one.id);
    });
    for (const auto& [transport, id] : targets) {
        std::string frame = R"({"jsonrpc":"2.0","method":)";
        json::append_quoted(frame, method);
        frame += R"(,"params":{"_meta":{"io.modelcontextprotocol/subscriptionId":)" + id.json + "}";
        frame += params;
        transport->send(frame + "}}");
    }
}

void Notices::list_changed(std::string_view list, bool NoticeFilter::* wanted)
{
    publish("notifications/" + std::string{list} + "/list_changed", "",
            [wanted](const NoticeFilter& filter) { return filter.*wanted; });
}

void Notices::resource_updated(std::string_view uri)
{
    std::string params = R"(,"uri":)";
    json::append_quoted(params, uri);
    publish("notifications/resources/updated", params, [uri](const NoticeFilter& filter) {
        return std::ranges::find(filter.uris, uri) != filter.uris.end();
    });
}

}  // namespace purse::server

// SPDX-License-Identifier: Apache-2.0
#include "bench/http/streams.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <stdexcept>
#include <thread>

namespace purse::bench {

namespace {

constexpr std::chrono::milliseconds kRest{1000};
constexpr std::chrono::milliseconds kProbePause{5};
constexpr int kOk = 200;

double mib(std::int64_t kib)
{
    constexpr double kKibOfMib = 1024;
    return static_cast<double>(kib) / kKibOfMib;
}

void call_once(const Peer& peer)
{
    Connection connection(peer);
    connection.initialize();
    std::string body;
    append_preauthorize(body, 1, style_of(peer.protocol));
    body.pop_back();
    std::string request;
    append_post(
        request, peer,
        {.method = "tools/call", .name = "pay_preauthorize", .session = connection.session()},
        body);
    require_ok(connection.exchange(request).message());
}

void open_one(Connection& connection)
{
    const auto& peer = connection.peer();
    std::string request;
    if (peer.protocol == Protocol::legacy) {
        connection.initialize();
        if (connection.session().empty())
            throw std::runtime_error("the server gives no session for a stream");
        append_get(request, peer, "/mcp", connection.session());
        connection.open_stream(request, {});
        return;
    }
    std::string body =
        R"({"jsonrpc":"2.0","id":"listen-1","method":"subscriptions/listen","params":{"_meta":)";
    body += style_of(peer.protocol).meta;
    body += R"(,"notifications":{"toolsListChanged":true}}})";
    append_post(request, peer, {.method = "subscriptions/listen"}, body);
    connection.open_stream(request, "notifications/subscriptions/acknowledged");
}

}  // namespace

std::vector<Connection> open_streams(const Peer& peer, unsigned count)
{
    std::vector<Connection> streams;
    streams.reserve(count);
    for (unsigned i = 0; i < count; ++i) {
        streams.emplace_back(peer);
        open_one(streams.back());
    }
    return streams;
}

unsigned closed_streams(const std::vector<Connection>& streams)
{
    unsigned closed = 0;
    for (const auto& stream : streams) {
        // What a stream has sent meanwhile (keep-alives) is of no interest here.
        char bytes[256];
        ssize_t n = 0;
        do n = ::recv(stream.fd(), bytes, sizeof bytes, MSG_DONTWAIT);
        while (n > 0);
        if (n == 0 || (errno != EAGAIN && errno != EWOULDBLOCK)) ++closed;
    }
    return closed;
}

StreamMemory measure_streams(const Child& server, const Peer& peer, unsigned count,
                             std::vector<Connection>& streams)
{
    call_once(peer);
    std::this_thread::sleep_for(kRest);
    const auto before = server.resident_kib();
    streams = open_streams(peer, count);
    std::this_thread::sleep_for(kRest);
    const auto after = server.resident_kib();
    return {.before_mib = mib(before),
            .after_mib = mib(after),
            .kib_each = static_cast<double>(after - before) / count};
}

ProbeResult probe(const Peer& peer, const std::string& path, std::chrono::milliseconds duration)
{
    ProbeResult result;
    Connection connection(peer);
    std::string request;
    append_get(request, peer, path, {});
    const auto ends_at = SteadyClock::now() + duration;
    while (SteadyClock::now() < ends_at) {
        const auto begun = SteadyClock::now();
        const int status = connection.exchange(request).status();
        result.nanoseconds.push_back((SteadyClock::now() - begun).count());
        if (status != kOk) ++result.refusals;
        std::this_thread::sleep_for(kProbePause);
    }
    return result;
}

}  // namespace purse::bench

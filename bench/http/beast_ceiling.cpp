// SPDX-License-Identifier: Apache-2.0
// The ceiling: as little as a server on Boost.Beast can do. One thread, the shape of Beast's own
// coroutine example, without its timeouts and file names: reads a POST, answers 300 bytes.
// usage: purse_beast_ceiling PORT
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <string>

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;

constexpr std::size_t kBodyBytes = 300;

std::string make_answer()
{
    std::string result = R"({"jsonrpc":"2.0","id":1,"result":{"structuredContent":{"ok":true,)"
                         R"("filler":")";
    const std::string end = R"("}}})";
    result.append(kBodyBytes - result.size() - end.size(), 'x');
    return result + end;
}

using Body = http::span_body<const char>;

asio::awaitable<void> serve(tcp::socket socket)
{
    static const std::string kAnswer = make_answer();
    boost::beast::flat_buffer buffer;
    try {
        for (;;) {
            http::request<http::string_body> request;
            co_await http::async_read(socket, buffer, request, asio::use_awaitable);
            http::response<Body> response{http::status::ok, request.version()};
            response.set(http::field::content_type, "application/json");
            response.keep_alive(request.keep_alive());
            response.body() = {kAnswer.data(), kAnswer.size()};
            response.prepare_payload();
            co_await http::async_write(socket, response, asio::use_awaitable);
            if (!response.keep_alive()) co_return;
        }
    } catch (const boost::system::system_error&) {
        // The peer has gone: so is the session.
    }
}

asio::awaitable<void> listen(tcp::endpoint endpoint)
{
    tcp::acceptor acceptor(co_await asio::this_coro::executor, endpoint);
    for (;;) {
        auto socket = co_await acceptor.async_accept(asio::use_awaitable);
        socket.set_option(tcp::no_delay(true));
        auto executor = socket.get_executor();
        asio::co_spawn(executor, serve(std::move(socket)), asio::detached);
    }
}

}  // namespace

int main(int argc, char** argv)
{
    if (argc != 2) {
        std::cerr << "usage: purse_beast_ceiling PORT\n";
        return 2;
    }
    try {
        asio::io_context context(1);
        const auto port = static_cast<unsigned short>(std::atoi(argv[1]));
        asio::co_spawn(context, listen({asio::ip::address_v4::loopback(), port}),
                       [](const std::exception_ptr& failed) {
                           if (failed) std::rethrow_exception(failed);
                       });
        context.run();
    } catch (const std::exception& failed) {
        std::cerr << "purse_beast_ceiling: " << failed.what() << '\n';
        return 1;
    }
}

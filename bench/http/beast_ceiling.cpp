// SPDX-License-Identifier: Apache-2.0
// The ceiling: as little as a server on Boost.Beast can do. One thread, the shape of Beast's own
// asynchronous example, without its timeouts and files: reads a POST, answers 300 bytes.
// usage: purse_beast_ceiling PORT
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <memory>
#include <string>

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t kBodyBytes = 300;

std::string make_answer()
{
    std::string result = R"({"jsonrpc":"2.0","id":1,"result":{"structuredContent":{"ok":true,)"
                         R"("filler":")";
    const std::string end = R"("}}})";
    result.append(kBodyBytes - result.size() - end.size(), 'x');
    return result + end;
}

class Session : public std::enable_shared_from_this<Session> {
public:
    explicit Session(tcp::socket socket) : socket_(std::move(socket)) {}

    void read()
    {
        request_ = {};
        http::async_read(socket_, buffer_, request_,
                         [self = shared_from_this()](error_code failed, std::size_t) {
                             if (!failed) self->write();
                         });
    }

private:
    void write()
    {
        static const std::string kAnswer = make_answer();
        response_ = {http::status::ok, request_.version()};
        response_.set(http::field::content_type, "application/json");
        response_.keep_alive(request_.keep_alive());
        response_.body() = {kAnswer.data(), kAnswer.size()};
        response_.prepare_payload();
        http::async_write(socket_, response_,
                          [self = shared_from_this()](error_code failed, std::size_t) {
                              if (!failed && self->response_.keep_alive()) self->read();
                          });
    }

    tcp::socket socket_;
    boost::beast::flat_buffer buffer_;
    http::request<http::string_body> request_;
    http::response<http::span_body<const char>> response_;
};

void accept(tcp::acceptor& acceptor)
{
    acceptor.async_accept([&acceptor](error_code failed, tcp::socket socket) {
        if (!failed) {
            socket.set_option(tcp::no_delay(true));
            std::make_shared<Session>(std::move(socket))->read();
        }
        accept(acceptor);
    });
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
        tcp::acceptor acceptor(context, {asio::ip::address_v4::loopback(), port});
        accept(acceptor);
        context.run();
    } catch (const std::exception& failed) {
        std::cerr << "purse_beast_ceiling: " << failed.what() << '\n';
        return 1;
    }
}

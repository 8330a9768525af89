// SPDX-License-Identifier: Apache-2.0
#include "wallet/rpc/http_transport.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <atomic>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <chrono>
#include <optional>
#include <utility>

namespace purse {

namespace {
namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using Error = boost::system::error_code;
using Until = std::chrono::steady_clock::time_point;
using Answer = std::expected<HttpReply, TransportFault>;
using PlainStream = beast::tcp_stream;
using TlsStream = beast::ssl_stream<beast::tcp_stream>;

TransportFault fault(std::string what)
{
    return {std::move(what)};
}

std::string words_for(const Error& error)
{
    if (error == beast::error::timeout) return "it took longer than the time-out";
    if (error == http::error::body_limit) return "the answer is too large";
    if (error == http::error::header_limit) return "the header of the answer is too large";
    if (error == http::error::end_of_stream || error == http::error::partial_message ||
        error == asio::error::eof || error == asio::ssl::error::stream_truncated)
        return "the connection was closed before the answer ended";
    return error.message();
}

/// What becomes of a body that is too long or does not end.
enum class LongBody : std::uint8_t { is_a_fault, is_cut };

class HttpClient {
public:
    HttpClient(Endpoint endpoint, HttpOptions options, LongBody long_body)
        : endpoint_{std::move(endpoint)},
          options_{std::move(options)},
          long_body_{long_body},
          tls_{asio::ssl::context::tls_client}
    {
    }

    /// What is wrong with the certificates; nothing: they are loaded.
    std::optional<std::string> trust()
    {
        Error error;
        tls_.set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_tlsv1 |
                         asio::ssl::context::no_tlsv1_1);
        if (tls_.set_verify_mode(asio::ssl::verify_peer, error) ||
            tls_.set_default_verify_paths(error))
            return "the system's certificates cannot be used: " + error.message();
        if (!options_.ca_file.empty() && tls_.load_verify_file(options_.ca_file, error))
            return "the certificates cannot be read from the file: " + error.message();
        return std::nullopt;
    }

    const Endpoint& endpoint() const noexcept { return endpoint_; }

    void cancel() noexcept
    {
        is_cancelled_ = true;
        io_.stop();
    }

    Answer post(const std::string& body, std::span<const HttpField> fields)
    {
        const auto until =
            std::chrono::steady_clock::now() + std::chrono::microseconds{options_.timeout.us};
        const bool was_open = is_open();
        Error error;
        const Request request{body, fields};
        if (auto answer = exchange(request, until, error)) return std::move(*answer);
        // An idle connection that has gone is noticed only when it is used.
        const bool try_anew = was_open && error != beast::error::timeout && !answered_;
        if (try_anew)
            if (auto answer = exchange(request, until, error)) return std::move(*answer);
        return std::unexpected{fault(std::exchange(refusal_, {}) + words_for(error))};
    }

private:
    struct Request {
        const std::string& body;
        std::span<const HttpField> fields;
    };

    bool is_open() const noexcept { return plain_.has_value() || secure_.has_value(); }

    void close()
    {
        // Without a farewell: the answers are there, or not wanted any more.
        plain_.reset();
        secure_.reset();
        buffer_.clear();
    }

    /// Runs one operation to its end. The stream's own time-out ends it.
    template <class Start>
    Error wait(Start start)
    {
        bool done = false;
        Error result = asio::error::operation_aborted;
        start([&](const Error& error, auto&&...) {
            result = error;
            done = true;
        });
        io_.restart();
        while (!done && !is_cancelled_ && io_.run_one() > 0) {}
        return result;
    }

    Error resolve(Until until, tcp::resolver::results_type& found)
    {
        // The system's lookup cannot be interrupted: when it takes too long it is left to itself,
        // and what it still writes to must outlive this call.
        struct Lookup {
            bool done = false;
            Error error;
            tcp::resolver::results_type found;
        };
        const auto lookup = std::make_shared<Lookup>();
        resolver_.async_resolve(
            endpoint_.host(), std::to_string(endpoint_.port()), tcp::resolver::numeric_service,
            [lookup](const Error& error, tcp::resolver::results_type results) {
                *lookup = {.done = true, .error = error, .found = std::move(results)};
            });
        io_.restart();
        while (!lookup->done && !is_cancelled_ && io_.run_one_until(until) > 0) {}
        if (is_cancelled_) return asio::error::operation_aborted;
        if (!lookup->done) return beast::error::timeout;
        found = std::move(lookup->found);
        return lookup->error;
    }

    Error connect(Until until)
    {
        tcp::resolver::results_type addresses;
        if (const auto error = resolve(until, addresses)) {
            refusal_ = "the name cannot be looked up: ";
            return error;
        }
        PlainStream stream{io_};
        stream.expires_at(until);
        if (const auto error =
                wait([&](auto then) { stream.async_connect(addresses, std::move(then)); })) {
            refusal_ = "no connection: ";
            return error;
        }
        if (Error no; stream.socket().set_option(tcp::no_delay{true}, no)) return no;
        if (!endpoint_.is_https()) {
            plain_.emplace(std::move(stream));
            return {};
        }
        secure_.emplace(std::move(stream), tls_);
        if (const auto error = handshake(until)) {
            refusal_ = "no TLS: ";
            return error;
        }
        return {};
    }

    Error handshake(Until until)
    {
        // What SSL_set_tlsext_host_name() is, without its old-style cast.
        if (!endpoint_.host_is_ip() &&
            SSL_ctrl(secure_->native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME,
                     TLSEXT_NAMETYPE_host_name, const_cast<char*>(endpoint_.host().c_str())) != 1)
            return {static_cast<int>(ERR_get_error()), asio::error::get_ssl_category()};
        Error error;
        secure_->set_verify_callback(asio::ssl::host_name_verification{endpoint_.host()}, error);
        if (error) return error;
        secure_->next_layer().expires_at(until);
        return wait([&](auto then) {
            secure_->async_handshake(asio::ssl::stream_base::client, std::move(then));
        });
    }

    /// One request and its answer; nothing, and why, when there is none.
    std::optional<HttpReply> exchange(const Request& request, Until until, Error& error)
    {
        answered_ = false;
        refusal_.clear();
        error = is_open() ? Error{} : connect(until);
        std::optional<HttpReply> answer;
        if (!error) {
            if (plain_) plain_->expires_at(until);
            if (secure_) secure_->next_layer().expires_at(until);
            answer = plain_ ? ask(*plain_, request, error) : ask(*secure_, request, error);
        }
        if (error) close();
        return answer;
    }

    http::request<http::string_body> message_of(const Request& asked) const
    {
        http::request<http::string_body> request{http::verb::post, endpoint_.target(), 11};
        request.set(http::field::host, endpoint_.host_header());
        request.set(http::field::user_agent, "purse");
        request.set(http::field::content_type, "application/json");
        request.set(http::field::accept, "application/json");
        if (!endpoint_.authorization().empty())
            request.set(http::field::authorization, endpoint_.authorization());
        for (const auto& [name, value] : asked.fields) request.set(name, value);
        request.body() = asked.body;
        request.prepare_payload();
        return request;
    }

    template <class Stream>
    std::optional<HttpReply> ask(Stream& stream, const Request& asked, Error& error)
    {
        const auto request = message_of(asked);
        error = wait([&](auto then) { http::async_write(stream, request, std::move(then)); });
        if (error) return std::nullopt;

        http::response_parser<http::string_body> response;
        response.header_limit(static_cast<std::uint32_t>(options_.header_bytes_max));
        const bool cuts = long_body_ == LongBody::is_cut;
        if (cuts)
            response.body_limit(boost::none);  // read_some() keeps to it
        else
            response.body_limit(options_.body_bytes_max);
        error = wait([&](auto then) {
            http::async_read_header(stream, buffer_, response, std::move(then));
        });
        answered_ = response.got_some();
        if (error) return std::nullopt;
        error = cuts ? read_some(stream, response) : read_all(stream, response);
        if (error && !cuts) return std::nullopt;
        const auto& head = response.get();
        HttpReply reply{.status = static_cast<int>(head.result_int()),
                        .retry_after = std::string{head[http::field::retry_after]},
                        .body = std::move(response.get().body())};
        if (!response.is_done() || !response.keep_alive()) close();
        error = {};
        return reply;
    }

    using Response = http::response_parser<http::string_body>;
    template <class Stream>
    Error read_all(Stream& stream, Response& response)
    {
        if (response.is_done()) return {};
        return wait(
            [&](auto then) { http::async_read(stream, buffer_, response, std::move(then)); });
    }
    template <class Stream>
    Error read_some(Stream& stream, Response& response)
    {
        Error error;
        while (!error && !response.is_done() &&
               response.get().body().size() < options_.body_bytes_max)
            error = wait([&](auto then) {
                http::async_read_some(stream, buffer_, response, std::move(then));
            });
        return error;
    }

    Endpoint endpoint_;
    HttpOptions options_;
    LongBody long_body_;
    std::atomic<bool> is_cancelled_ = false;
    // With its locks: cancel() comes from another thread.
    asio::io_context io_;
    asio::ssl::context tls_;
    tcp::resolver resolver_{io_};
    std::optional<PlainStream> plain_;  // at most one of the two
    std::optional<TlsStream> secure_;
    beast::flat_buffer buffer_;
    std::string refusal_;    // what was being done when it failed
    bool answered_ = false;  // at least a byte of the answer came
};

class HttpTransport final : public RpcTransport {
public:
    HttpTransport(Endpoint endpoint, HttpOptions options)
        : client_{std::move(endpoint), std::move(options), LongBody::is_a_fault}
    {
    }
    HttpClient& client() noexcept { return client_; }

    std::string name() const override { return client_.endpoint().name(); }
    std::string without_secrets(std::string text) const override
    {
        return client_.endpoint().without_secrets(std::move(text));
    }
    std::expected<TransportAnswer, TransportFault> post(const std::string& body) override
    {
        auto reply = client_.post(body, {});
        if (!reply) return std::unexpected{std::move(reply.error())};
        return TransportAnswer{.status = reply->status, .body = std::move(reply->body)};
    }

private:
    HttpClient client_;
};

class OnePoster final : public HttpPoster {
public:
    OnePoster(Endpoint endpoint, HttpOptions options)
        : client_{std::move(endpoint), std::move(options), LongBody::is_cut}
    {
    }
    HttpClient& client() noexcept { return client_; }

    std::expected<HttpReply, TransportFault> post(const std::string& body,
                                                  std::span<const HttpField> fields) override
    {
        return client_.post(body, fields);
    }
    void cancel() noexcept override { client_.cancel(); }

private:
    HttpClient client_;
};

template <class Made>
std::expected<std::unique_ptr<Made>, std::string> made(Endpoint endpoint, HttpOptions options)
{
    auto one = std::make_unique<Made>(std::move(endpoint), std::move(options));
    if (auto wrong = one->client().trust()) return std::unexpected{std::move(*wrong)};
    return one;
}
}  // namespace

std::expected<std::unique_ptr<RpcTransport>, std::string> http_transport(Endpoint endpoint,
                                                                         HttpOptions options)
{
    return made<HttpTransport>(std::move(endpoint), std::move(options));
}

std::expected<std::unique_ptr<HttpPoster>, std::string> http_poster(Endpoint endpoint,
                                                                    HttpOptions options)
{
    return made<OnePoster>(std::move(endpoint), std::move(options));
}

}  // namespace purse

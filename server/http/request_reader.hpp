// SPDX-License-Identifier: Apache-2.0
// Reads one request by Boost.Beast's parser: the whole head, then the body in any pieces. Copies
// nothing but the body and allocates nothing but its room. Refuses what RequestCheck does, too.
#pragma once

#include <boost/beast/http/basic_parser.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "server/http/limits.hpp"
#include "server/http/message.hpp"
#include "server/http/request_check.hpp"

namespace purse::server::http {

class RequestReader final : private boost::beast::http::basic_parser<true> {
public:
    enum class Body : std::uint8_t { more, whole, refused };

    /// Both must outlive it; what was in the request is overwritten.
    RequestReader(const Limits& limits, Request& request);

    /// A head as find_head_end() found it. The request's method, path, query and headers are views
    /// of it; names are made lower case in place. 0, or the status to refuse it with.
    int read_head(std::span<char> head);

    /// How long the body is; nothing for a chunked one.
    std::optional<std::size_t> length() const;
    bool keeps_alive() const noexcept { return keeps_alive_; }
    bool is_http_1_0() const noexcept { return http_1_0_; }
    bool expects_continue() const noexcept { return !http_1_0_ && check_.expects_continue(); }

    /// Takes what it can off `bytes`. What is left must be there again before what comes next.
    Body read_body(std::span<char>& bytes);
    /// Why the body was refused.
    int status() const noexcept { return status_; }

private:
    using Error = boost::system::error_code;
    using View = boost::beast::string_view;
    using Verb = boost::beast::http::verb;
    using Field = boost::beast::http::field;

    void on_request_impl(Verb verb, View name, View target, int version, Error& error) override;
    void on_response_impl(int /*status*/, View /*reason*/, int /*version*/,
                          Error& /*error*/) override
    {
    }
    void on_field_impl(Field field, View name, View value, Error& error) override;
    void on_header_impl(Error& error) override;
    void on_body_init_impl(const boost::optional<std::uint64_t>& /*length*/,
                           Error& /*error*/) override
    {
    }
    std::size_t on_body_impl(View bytes, Error& error) override;
    void on_chunk_header_impl(std::uint64_t size, View extension, Error& error) override;
    std::size_t on_chunk_body_impl(std::uint64_t left, View bytes, Error& error) override;
    void on_finish_impl(Error& /*error*/) override {}

    void refuse_with(int status, Error& error);
    int status_of(const Error& error, std::string_view head) const;
    bool is_trailer_good(const char* end) const;

    const Limits& limits_;
    Request& request_;
    RequestCheck check_;
    std::span<char> head_;           ///< while it is being read
    const char* line_ = nullptr;     ///< where the chunk's line began that is being read
    const char* trailer_ = nullptr;  ///< where the trailer began
    std::size_t overhead_ = 0;       ///< bytes of the chunks' lines so far
    int status_ = 0;
    bool http_1_0_ = false;
    bool close_ = false;  ///< is said
    bool keeps_alive_ = false;
    bool head_done_ = false;
};

/// A request that has not come in one piece: it keeps what the reader and the views need.
struct PartialRequest {
    /// `part` is a head that was read before.
    PartialRequest(const Limits& limits, std::string_view part, std::size_t headers);

    /// Bytes that this holds.
    std::size_t size() const noexcept;

    std::string head;
    Request request;
    RequestReader reader;
};

}  // namespace purse::server::http

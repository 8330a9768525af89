// SPDX-License-Identifier: Apache-2.0
// Reads one HTTP response as it comes: Content-Length or chunked, JSON or a stream of events.
// Throws std::runtime_error, quoting the bytes, when they are no response it knows.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace purse::bench {

class ResponseReader {
public:
    /// Forgets the response before.
    void reset();

    /// `bytes` is all that has come of the response. True when it is whole.
    bool take(std::string_view bytes);

    bool has_head() const { return head_bytes_ > 0; }
    int status() const { return status_; }
    bool is_event_stream() const { return event_stream_; }
    /// Mcp-Session-Id, or empty.
    const std::string& session() const { return session_; }
    /// The body as far as it is there, chunks joined; valid as long as the bytes.
    std::string_view body() const { return chunked_ ? std::string_view(joined_) : plain_; }
    /// The JSON message: the body, or the data of its first event that has any.
    std::string_view message() const;

private:
    void read_head(std::string_view head);
    void read_field(std::string_view line);
    bool read_chunks(std::string_view bytes);

    std::size_t head_bytes_ = 0;
    std::size_t length_ = 0;
    bool has_length_ = false;
    bool chunked_ = false;
    bool event_stream_ = false;
    int status_ = 0;
    std::string session_;
    std::string_view plain_;
    std::string joined_;
    std::size_t chunk_at_ = 0;  ///< where the next chunk's size begins
};

}  // namespace purse::bench

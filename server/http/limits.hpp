// SPDX-License-Identifier: Apache-2.0
// Every number that bounds what an HTTP peer can make this process hold, read or wait for,
// each with its why. A struct, so that a test need not wait as long as a server does.
#pragma once

#include <chrono>
#include <cstddef>

namespace purse::server::http {

using std::chrono::milliseconds;

struct Limits {
    /// Request line and headers together. Ours are under 1 KiB; a proxy adds some.
    std::size_t header_bytes_max = std::size_t{8} * 1024;

    /// Header fields of one request. Browsers send about twenty.
    std::size_t headers_max = 64;

    /// One request's body, as kLineBytesMax for a line on stdio.
    std::size_t body_bytes_max = std::size_t{64} * 1024;

    /// Bytes that wait with all connections together: heads and bodies that have not come whole,
    /// requests behind another, responses that a slow reader leaves. With what a connection itself
    /// takes, thousands of slow peers make the process no more than 16 MiB larger.
    std::size_t buffered_bytes_max = std::size_t{12} * 1024 * 1024;

    /// From the first byte of a request to the end of its headers; a TLS handshake too.
    milliseconds header_patience{10'000};

    /// From the end of the headers to the end of the body.
    milliseconds body_patience{15'000};

    /// How long a connection may stay open between two requests, the first included.
    milliseconds idle_patience{75'000};

    /// How long a peer may take nothing of a response that waits for it.
    milliseconds write_patience{20'000};

    /// Bytes that may wait on a stream for a slow reader. Our longest answer is under 16 KiB.
    std::size_t stream_queue_max = std::size_t{64} * 1024;

    /// Bytes that may arrive while a stream is open, where none are due: a next request's head.
    std::size_t stream_input_max = std::size_t{1} * 1024;

    /// Bytes of responses to pipelined requests that wait to leave together.
    std::size_t pipeline_bytes_max = std::size_t{16} * 1024;

    /// After a last response, how long and how much is read and thrown away, so that the peer sees
    /// the response and not a reset.
    milliseconds linger_patience{1'000};
    std::size_t linger_bytes_max = std::size_t{1024} * 1024;

    /// Connections in all: ten thousand streams and room for the busy.
    std::size_t connections_max = 16'384;

    /// Connections of one address that is not loopback.
    std::size_t connections_per_address_max = 1024;

    /// Requests whose answers are being made. Four full commits of the ledger's writer.
    std::size_t requests_max = 2048;

    /// What Retry-After says when one of these bounds is met.
    std::chrono::seconds retry_after{1};

    /// How often overdue connections are looked for; so every patience is as much longer or
    /// shorter. Handler::tick comes every second time.
    milliseconds tick{250};

    /// How long a shutdown waits for requests in progress and last bytes.
    milliseconds shutdown_patience{5'000};
};

}  // namespace purse::server::http

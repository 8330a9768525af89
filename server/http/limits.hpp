// SPDX-License-Identifier: Apache-2.0
// Every number that bounds what an HTTP peer can make this process hold, read or wait for,
// each with its why.
#pragma once

#include <chrono>
#include <cstddef>

namespace purse::server::http {

/// Request line and headers together. Ours are under 1 KiB; a proxy adds some.
constexpr std::size_t kHeaderBytesMax = std::size_t{8} * 1024;

/// Header fields of one request. Browsers send about twenty.
constexpr std::size_t kHeadersMax = 64;

/// One request's body, as kLineBytesMax for a line on stdio.
constexpr std::size_t kBodyBytesMax = std::size_t{64} * 1024;

/// From the first byte of a request to the end of its headers.
constexpr std::chrono::milliseconds kHeaderPatience{10'000};

/// From the end of the headers to the end of the body.
constexpr std::chrono::milliseconds kBodyPatience{15'000};

/// How long a connection may stay open between two requests, the first included.
constexpr std::chrono::milliseconds kIdlePatience{75'000};

/// How long a peer may take nothing of a response that waits for it.
constexpr std::chrono::milliseconds kWritePatience{20'000};

/// Bytes that may wait on a stream for a slow reader. Our longest answer is under 16 KiB.
constexpr std::size_t kStreamQueueMax = std::size_t{64} * 1024;

/// Connections in all: ten thousand streams and room for the busy. One costs about 1.5 KiB.
constexpr std::size_t kConnectionsMax = 16'384;

/// Connections of one address that is not loopback.
constexpr std::size_t kConnectionsPerAddressMax = 1024;

/// Requests whose answers are being made. Four full commits of the ledger's writer.
constexpr std::size_t kRequestsMax = 2048;

/// What Retry-After says when one of these bounds is met.
constexpr std::chrono::seconds kRetryAfter{1};

/// Between two comments on a quiet event stream: proxies give up after 30 to 60 seconds.
constexpr std::chrono::seconds kKeepAlive{15};

/// How long a shutdown waits for requests in progress and last bytes.
constexpr std::chrono::milliseconds kShutdownPatience{5'000};

}  // namespace purse::server::http

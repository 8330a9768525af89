// SPDX-License-Identifier: Apache-2.0
// The HTTP driver's command line.
#pragma once

#include <string>
#include <vector>

#include "bench/http/http_load.hpp"
#include "bench/http/request.hpp"
#include "bench/options.hpp"

namespace purse::bench {

/// A server under measurement. "{port}" in its command stands for the port it shall listen on.
struct Target {
    ServerSpec spec;
    Protocol protocol = Protocol::legacy;
    unsigned streams = 0;  ///< idle streams opened for the measure of memory; 0: none
    std::string health;    ///< path probed while they are open; empty: none
};

struct HttpOptions {
    Options common;
    std::vector<HttpOperation> operations{HttpOperation::pair, HttpOperation::status};
    std::vector<Target> targets;
};

/// Throws std::invalid_argument with a sentence about what is wrong.
HttpOptions parse_http_options(const std::vector<std::string>& arguments);

/// What --help prints.
std::string http_usage();

}  // namespace purse::bench

// SPDX-License-Identifier: Apache-2.0
// Reads "times": the hours at which money may be spent.
#pragma once

#include <vector>

#include "policy/document.hpp"
#include "policy/hours.hpp"
#include "policy/reader.hpp"

namespace purse::policy {

std::vector<Hours> read_times(Reader& reader, const json::Value& value);

KnownFields known_times_fields();

}  // namespace purse::policy

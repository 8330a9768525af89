// SPDX-License-Identifier: Apache-2.0
// Journal entries as OpenTelemetry log records: one OTLP/JSON `resourceLogs` object a line, as the
// OTLP file exporter writes it and the Collector's otlpjsonfile receiver reads it.
#pragma once

#include <string>

#include "ledger/store.hpp"

namespace purse::server {

/// Without the line end. Numbers of 64 bits are texts there (protobuf's JSON form), amounts are
/// whole micro-USDC; an entry that cannot be read has its number, time and hash alone.
std::string otel_line(const JournalRow& row);

}  // namespace purse::server

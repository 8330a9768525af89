// SPDX-License-Identifier: Apache-2.0
// Pieces of JSON Schema that several tools share. Flat objects only: clients drop tools
// with references or composition at the root, and check refusals against outputSchema too.
#pragma once

// Macros, because schemas are joined from literals at compile time.

#define PURSE_SCHEMA_CAP                                                                          \
    R"({"type":"object","properties":{"budget":{"type":"string"},"cap":{"type":"string"},)"        \
    R"("scope":{"type":"string"},"unit":{"type":"string"},"limit":{"type":"string"},)"             \
    R"("spent":{"type":"string"},"held":{"type":"string"},"available":{"type":"string"},)"         \
    R"("usedPercent":{"type":"integer"},"resetsAt":{"type":"string"},)"                            \
    R"("level":{"type":"integer"},"reason":{"type":"string"},"rule":{"type":"string"},)"           \
    R"("message":{"type":"string"}},"additionalProperties":false})"

#define PURSE_SCHEMA_OUTCOME                                                                       \
    R"("ok":{"type":"boolean","description":"true: done; false: refused, see reason"},)"           \
    R"("message":{"type":"string","description":"A sentence to show to the user"},)"               \
    R"("reason":{"type":"string","description":"Stable code of a refusal"},)"                      \
    R"("failures":{"type":"array","description":"Every rule that failed","items":)"                \
    PURSE_SCHEMA_CAP R"(},)"                                                                       \
    R"("allowedNow":{"type":"string","description":"The most that would be allowed now, USDC"},)"  \
    R"("retry":{"type":"string","enum":["never","after","with_changes","same_request"]},)"         \
    R"("retryAt":{"type":"string","description":"RFC 3339; not before"},)"                         \
    R"("field":{"type":"string","description":"The argument that was wrong"},)"                    \
    R"("currency":{"type":"string"},"at":{"type":"string","description":"RFC 3339"},)"             \
    R"("replayed":{"type":"boolean","description":"The stored answer to an earlier request"},)"    \
    R"("warnings":{"type":"array","description":"Caps that are 80 percent used or more",)"         \
    R"("items":)" PURSE_SCHEMA_CAP R"(})"

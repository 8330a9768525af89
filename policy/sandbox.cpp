// SPDX-License-Identifier: Apache-2.0
#include "policy/sandbox.hpp"

namespace purse::policy {

std::string_view sandbox_text() noexcept
{
    return R"({
  // The built-in policy: any service, small caps. Write your own with `--policy FILE`.
  "version": 1,
  "agents": {
    "sandbox": {
      "description": "Built-in agent for trying things out; no real money moves",
      "caps": {
        "perTx": "1",
        "daily": "5",
        "count": [{ "span": "1m", "limit": 60 }]
      },
      "allow": { "services": ["*"], "payees": ["*"] },
      "hold": { "ttl": "2m", "maxTtl": "1h" },
      "overCapture": { "percent": 10 },
      "loopGuard": { "times": 10, "span": "1m" }
    }
  }
}
)";
}

}  // namespace purse::policy

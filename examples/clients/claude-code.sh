#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Gives Claude Code a purse, twice: a process of its own, and a server that is already running
# (`purse serve --http 127.0.0.1:8377`). Keep the one you want.
# CREDENTIAL_FILE: the agent's secret, as `purse credential issue` printed it.
set -euo pipefail
CREDENTIAL_FILE=${CREDENTIAL_FILE:-$HOME/.config/purse/painter.credential}

claude mcp add purse --scope user --env PURSE_CREDENTIAL_FILE="$CREDENTIAL_FILE" -- \
    /usr/bin/purse serve

claude mcp add purse-http --scope user --transport http http://127.0.0.1:8377/mcp \
    --header "Authorization: Bearer $(cat "$CREDENTIAL_FILE")"

#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs the README's five-minute walk as it stands: readme_walk.bash FOLDER_OF_PURSE
set -euo pipefail
cd "$(dirname "$0")/.."
PATH=$(realpath "$1"):$PATH
unset PURSE_POLICY PURSE_CREDENTIAL PURSE_CREDENTIAL_FILE XDG_CONFIG_HOME
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export HOME=$scratch TMPDIR=$scratch

walk=$(sed -n '/^<!-- walk/,/^```$/p' README.md | sed '1,2d;$d')
[[ -n $walk ]]
bash -euo pipefail -c "$walk" 2>&1 | tee "$scratch/output"
for line in 'Held 0.08 USDC for images' 'Payment of 3.00 USDC to images refused' 'Version 2 is in force' \
    'above the ceiling of 0.10 USDC' 'agent/painter' 'The journal holds'; do
    grep -qF "$line" "$scratch/output" || { echo "readme_walk: no line says: $line" >&2; exit 1; }
done

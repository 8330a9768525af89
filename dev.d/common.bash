# SPDX-License-Identifier: Apache-2.0
# What all verbs use: headings with timings, and long quiet commands with signs of life.

logs=build/logs
started_at=$SECONDS

bold='' plain=''
if [[ -t 1 && -z ${NO_COLOR:-} ]]; then bold=$'\e[1m' plain=$'\e[0m'; fi

say() { printf '%s\n' "$*"; }
heading() { printf '\n%s== %s ==%s\n' "$bold" "$*" "$plain"; }
fail() { printf 'dev: %s\n' "$*" >&2; exit 1; }
usage_error() { printf 'dev: %s; see ./dev help\n' "$*" >&2; exit 2; }

# step TITLE COMMAND...: a heading, the command with its own output, and how long it took.
step() {
    local title=$1 begun=$SECONDS
    shift
    heading "$title"
    "$@" || fail "$title: failed after $((SECONDS - begun)) s"
    say "($title: $((SECONDS - begun)) s)"
}

summary() { printf '\n%s%s%s, in %d s.\n' "$bold" "$*" "$plain" $((SECONDS - started_at)); }

# quietly NAME COMMAND...: the output goes to a log; every ten seconds a line says how far it is,
# and a failure shows the log's end.
quietly() {
    local log=$logs/$1.log begun=$SECONDS said=$SECONDS child
    shift
    mkdir -p "$logs"
    "$@" >"$log" 2>&1 </dev/null &
    child=$!
    while kill -0 "$child" 2>/dev/null; do
        sleep 0.2
        if ((SECONDS - said >= 10)); then
            said=$SECONDS
            say "   $((SECONDS - begun)) s: $(tail -n 1 "$log" | cut -c 1-90)"
        fi
    done
    if ! wait "$child"; then
        tail -n 25 "$log" >&2
        say "(all of it: $log)" >&2
        return 1
    fi
}

# As many compilers as there are processors, but at least 1.5 GB of memory for each.
jobs_now() {
    local jobs memory_kb
    jobs=$(nproc)
    memory_kb=$(awk '/^MemAvailable:/ { print $2 }' /proc/meminfo)
    if ((memory_kb / 1500000 < jobs)); then jobs=$((memory_kb / 1500000)); fi
    if ((jobs < 1)); then jobs=1; fi
    echo "$jobs"
}

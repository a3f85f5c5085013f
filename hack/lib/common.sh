# Messages, waiting and clean-up for everything in hack/. Sourced, never run.
# shellcheck shell=bash
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cache=${PCI_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/pci-placement-operator}
# How long, in seconds, any one thing may take to start or to answer.
time_limit=${PCI_LOCAL_TIMEOUT:-120}

say() { printf '%s\n' "$*" >&2; }
die() { say "error: $*"; exit 1; }

# fail_with_log LOG MESSAGE: dies; the last lines of LOG come first, so that the message is what stays on the screen.
fail_with_log() {
  if [ -s "$1" ]; then
    say "--- last lines of $1"
    tail -n 30 "$1" >&2
    say "---"
  fi
  die "$2"
}

# wait_until SECONDS COMMAND...: polls COMMAND, silently, until it succeeds; fails after SECONDS.
wait_until() {
  local end=$((SECONDS + $1))
  shift
  until "$@" > /dev/null 2>&1; do
    [ "$SECONDS" -lt "$end" ] || return 1
    sleep 0.1
  done
}

# Clean-up commands, run in reverse order however the script ends.
exit_commands=()
at_exit() { exit_commands+=("$1"); }
run_exit_commands() {
  local status=$? i
  trap - EXIT
  trap '' INT TERM HUP # a second Ctrl-C must not leave half of it behind
  for ((i = ${#exit_commands[@]} - 1; i >= 0; i--)); do eval "${exit_commands[i]}" || true; done
  exit "$status"
}
trap run_exit_commands EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP

# run_long LOG LABEL COMMAND...: runs a long command in the background, so that a signal ends this script at once, and
# shows that it is alive; its output goes to LOG.
run_long() {
  local log=$1 label=$2 started=$SECONDS next=$((SECONDS + 15))
  shift 2
  : > "$log"
  # fd 8 and 9 are locks: a child that outlives a killed script must not hold them
  "$@" > "$log" 2>&1 < /dev/null 8>&- 9>&- &
  long_pid=$!
  while kill -0 "$long_pid" 2> /dev/null; do
    if [ "$SECONDS" -ge "$next" ]; then
      say "  $label: $((SECONDS - started)) s, $(wc -l < "$log") steps"
      next=$((SECONDS + 15))
    fi
    sleep 0.2
  done
  local status=0
  wait "$long_pid" || status=$?
  long_pid=
  [ "$status" = 0 ] || fail_with_log "$log" "$label failed (exit $status); all of its output is in $log"
}
long_pid=
# shellcheck disable=SC2016 # expanded when it runs
at_exit '[ -z "$long_pid" ] || kill "$long_pid" 2> /dev/null'

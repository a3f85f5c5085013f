# Messages, waiting, clean-up, and the loader of the other libraries. Every script in hack/ sources this file first.
# shellcheck shell=bash
lib=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
root=$(cd "$lib/../.." && pwd)
cache=${PCI_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/pci-placement-operator}
# Timeout in seconds for the start or the response of any single component.
time_limit=${PCI_LOCAL_TIMEOUT:-120}

# use LIBRARY...: sources lib/LIBRARY.sh unless it is loaded already. Every library loads the libraries it depends on.
loaded=(core/common)
use() {
  local library
  for library in "$@"; do
    if [[ " ${loaded[*]} " != *" $library "* ]]; then
      loaded+=("$library")
      source "$lib/$library.sh"
    fi
  done
}

info() { printf '%s\n' "$*" >&2; }
die() { info "error: $*"; exit 1; }

# fail_with_log LOG MESSAGE: prints the last lines of LOG and exits with MESSAGE, which stays at the end of the output.
fail_with_log() {
  if [ -s "$1" ]; then
    info "--- last lines of $1"
    tail -n 30 "$1" >&2
    info "---"
  fi
  die "$2"
}

# wait_until SECONDS COMMAND...: polls COMMAND, without its output, until it succeeds; fails after SECONDS.
wait_until() {
  local end=$((SECONDS + $1))
  shift
  until "$@" > /dev/null 2>&1; do
    [ "$SECONDS" -lt "$end" ] || return 1
    sleep 0.1
  done
}

# at_exit COMMAND: registers a clean-up command. They run in reverse order, however the script ends.
exit_commands=()
at_exit() { exit_commands+=("$1"); }
run_exit_commands() {
  local status=$? i
  trap - EXIT
  trap '' INT TERM HUP # a second Ctrl-C must not interrupt the clean-up
  for ((i = ${#exit_commands[@]} - 1; i >= 0; i--)); do eval "${exit_commands[i]}" || true; done
  exit "$status"
}
trap run_exit_commands EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP

# run_with_progress LOG LABEL COMMAND...: runs a long command in the background, so that a signal ends this script at
# once, and reports progress every 15 seconds, with $expected_seconds if it is set. The command's output goes to LOG.
run_with_progress() {
  local log=$1 label=$2 started=$SECONDS next=$((SECONDS + 15)) estimate=${expected_seconds:+ of about $expected_seconds}
  expected_seconds=
  shift 2
  : > "$log"
  # File descriptors 8 and 9 hold locks. A child that outlives a killed script must not hold them.
  "$@" > "$log" 2>&1 < /dev/null 8>&- 9>&- &
  background_pid=$!
  while kill -0 "$background_pid" 2> /dev/null; do
    if [ "$SECONDS" -ge "$next" ]; then
      info "  $label: $((SECONDS - started))$estimate s, $(wc -l < "$log") lines of output"
      next=$((SECONDS + 15))
    fi
    sleep 0.2
  done
  local status=0
  wait "$background_pid" || status=$?
  background_pid=
  [ "$status" = 0 ] || fail_with_log "$log" "$label failed (exit $status); the complete output is in $log"
}
background_pid= expected_seconds=
# shellcheck disable=SC2016 # expanded at exit
at_exit '[ -z "$background_pid" ] || kill "$background_pid" 2> /dev/null'

# Background processes of one cluster: each has DIR/run/NAME.pid ("PID START-TIME") and DIR/NAME.log. Sourced.
# shellcheck shell=bash

# started_at PID: when the process started, in ticks since boot; nothing for one that is gone or only a zombie. Together
# with the pid it names a process for good: a pid alone may be given to somebody else's process later.
started_at() {
  local stat
  { read -r stat < "/proc/$1/stat"; } 2> /dev/null || return 0
  # shellcheck disable=SC2086 # the fields after "(name)": the first is the state, the twentieth the start time
  set -- ${stat##*) }
  [ "$1" = Z ] || echo "${20}"
}

# record FILE: writes the pid file of the (sub)shell that calls it.
record() {
  local pid=$BASHPID # read here: inside $(...) it is another process
  echo "$pid $(started_at "$pid")" > "$1.new"
  mv "$1.new" "$1" # so that nobody reads half of it
}

# running NAME: whether the process is there.
running() {
  local pid since started
  { read -r pid since < "$dir/run/$1.pid"; } 2> /dev/null || return 1
  started=$(started_at "$pid")
  [ -n "$started" ] && [ "$started" = "$since" ]
}

# start NAME COMMAND...: in a session of its own, so that a Ctrl-C in the terminal later does not end it.
start() {
  local name=$1
  shift
  rm -f "$dir/run/$name.pid"
  starting=$name
  # The child writes its pid file itself before it becomes the program: whenever this script is killed, `down` finds it.
  (
    exec 8>&- 9>&-
    record "$dir/run/$name.pid"
    exec setsid "$@"
  ) >> "$dir/$name.log" 2>&1 < /dev/null &
  disown
  await_record
}

# await_record: a process that was just started is known only when it has written its pid file.
await_record() {
  [ -z "$starting" ] || wait_until 20 test -s "$dir/run/$starting.pid" || say "warning: $starting has not started"
  starting=
}
starting=

# signal NAME SIGNAL: to that process, if it is there.
signal() {
  local pid _
  if running "$1"; then
    read -r pid _ < "$dir/run/$1.pid"
    kill "-$2" "$pid" 2> /dev/null || true
  fi
}

# stop SECONDS NAME...: asks all of them to end, and kills those that have not ended after SECONDS.
stop() {
  local limit=$1 name
  shift
  for name in "$@"; do signal "$name" TERM; done
  for name in "$@"; do
    wait_until "$limit" not_running "$name" || signal "$name" KILL
    wait_until 10 not_running "$name" || say "warning: $name does not end: see $dir/run/$name.pid"
  done
}
not_running() { ! running "$1"; }

# await NAME WHAT COMMAND...: waits until COMMAND succeeds, as long as process NAME lives and within the time limit.
await() {
  local name=$1 what=$2 end=$((SECONDS + time_limit))
  shift 2
  until "$@" > "$dir/run/await.out" 2>&1; do
    running "$name" || fail_with_log "$dir/$name.log" "$name ended while waiting for: $what"
    [ "$SECONDS" -lt "$end" ] || fail_with_log "$dir/$name.log" \
      "$what: not within $time_limit s (PCI_LOCAL_TIMEOUT); last answer: $(tail -n 1 "$dir/run/await.out")"
    sleep 0.1
  done
}

# http_ok URL [CURL-OPTION...]: whether URL answers 200.
http_ok() {
  local url=$1
  shift
  [ "$(curl --silent --noproxy '*' --max-time 5 --output /dev/null --write-out '%{http_code}' "$@" "$url")" = 200 ]
}

# choose_ports NAME...: sets and saves NAME to a free port each. They are below the range that the kernel gives to
# outgoing connections, so a port is still free when its process is stopped and started again.
choose_ports() {
  local name ports
  ports=$("$venv/bin/python" -I "$root/hack/lib/free_ports.py" $#)
  for name in "$@"; do
    save "$name" "${ports%% *}"
    ports=${ports#* }
  done
}

# save NAME VALUE: sets the variable, for later runs too.
save() {
  printf -v "$1" %s "$2"
  printf '%s=%q\n' "$1" "$2" >> "$dir/state"
}

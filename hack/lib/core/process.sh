# Background processes of one cluster. Each has DIR/run/NAME.pid ("PID START-TIME") and DIR/NAME.log.
# shellcheck shell=bash

# start_time PID: start time of a process in ticks since boot; empty if it does not exist or is a zombie. A PID can be
# reused, but not together with the start time.
start_time() {
  local stat
  { read -r stat < "/proc/$1/stat"; } 2> /dev/null || return 0
  # shellcheck disable=SC2086 # the fields after "(name)": field 1 is the state, field 20 the start time
  set -- ${stat##*) }
  [ "$1" = Z ] || echo "${20}"
}

# write_pid_file FILE: records the (sub)shell that calls it.
write_pid_file() {
  local pid=$BASHPID # read here: inside $(...) it is another process
  echo "$pid $(start_time "$pid")" > "$1.new"
  mv "$1.new" "$1" # atomic, so that no reader sees a partial file
}

# is_running NAME: whether the recorded process exists.
is_running() {
  local pid recorded actual
  { read -r pid recorded < "$dir/run/$1.pid"; } 2> /dev/null || return 1
  actual=$(start_time "$pid")
  [ -n "$actual" ] && [ "$actual" = "$recorded" ]
}
is_stopped() { ! is_running "$1"; }

# start NAME COMMAND...: starts a process in its own session, so that a later Ctrl-C in the terminal does not end it.
start() {
  local name=$1
  shift
  rm -f "$dir/run/$name.pid"
  starting=$name
  # The child writes its own PID file before it executes the program. If this script is killed, `down` still finds it.
  (
    exec 8>&- 9>&-
    write_pid_file "$dir/run/$name.pid"
    exec setsid "$@"
  ) >> "$dir/$name.log" 2>&1 < /dev/null &
  disown
  await_pid_file
}

# await_pid_file: waits until the process that was started last has written its PID file.
await_pid_file() {
  [ -z "$starting" ] || wait_until 20 test -s "$dir/run/$starting.pid" || info "warning: $starting has not started"
  starting=
}
starting=

# send_signal NAME SIGNAL: does nothing if the process does not exist.
send_signal() {
  local pid _
  if is_running "$1"; then
    read -r pid _ < "$dir/run/$1.pid"
    kill "-$2" "$pid" 2> /dev/null || true
  fi
}

# stop SECONDS NAME...: sends SIGTERM to all of them, and SIGKILL to those that still run after SECONDS.
stop() {
  local limit=$1 name
  shift
  for name in "$@"; do send_signal "$name" TERM; done
  for name in "$@"; do
    wait_until "$limit" is_stopped "$name" || send_signal "$name" KILL
    wait_until 10 is_stopped "$name" || info "warning: $name does not end: see $dir/run/$name.pid"
  done
}

# await NAME WHAT COMMAND...: waits until COMMAND succeeds. Fails if process NAME ends or the time limit is exceeded.
await() {
  local name=$1 what=$2 end=$((SECONDS + time_limit))
  shift 2
  until "$@" > "$dir/run/await.out" 2>&1; do
    is_running "$name" || fail_with_log "$dir/$name.log" "$name ended while waiting for $what"
    [ "$SECONDS" -lt "$end" ] || fail_with_log "$dir/$name.log" \
      "timed out after $time_limit s (PCI_LOCAL_TIMEOUT) waiting for $what; last output: $(tail -n 1 "$dir/run/await.out")"
    sleep 0.1
  done
}

# http_ok URL [CURL-OPTION...]: whether URL returns 200.
http_ok() {
  local url=$1
  shift
  [ "$(curl --silent --noproxy '*' --max-time 5 --output /dev/null --write-out '%{http_code}' "$@" "$url")" = 200 ]
}

# choose_ports NAME...: sets and saves each variable NAME to a free port. The ports are below the kernel's ephemeral
# range, so a port stays free while its process is stopped and started again.
choose_ports() {
  local name ports
  ports=$("$venv/bin/python" -I "$lib/core/free_ports.py" $#)
  for name in "$@"; do
    save "$name" "${ports%% *}"
    ports=${ports#* }
  done
}

# save NAME VALUE: sets a variable, and stores it in DIR/state for later commands.
save() {
  printf -v "$1" %s "$2"
  printf '%s=%q\n' "$1" "$2" >> "$dir/state"
}

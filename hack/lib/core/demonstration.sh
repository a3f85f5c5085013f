# Output of the programs that demonstrate something: headings, commands as a user would type them, and logs of a failure.
# shellcheck shell=bash

step() { printf '\n=== %s\n' "$*"; }

# show COMMAND...: prints a command as a user would type it in the root directory.
show() {
  local word line='$'
  for word in "$@"; do
    word=${word#"$root"/}
    [[ $word =~ ^[A-Za-z0-9_./:=,@-]+$ ]] || word="'$word'"
    line+=" $word"
  done
  printf '%s\n' "$line"
}

# run_shown COMMAND...: prints a command and runs it.
run_shown() { show "$@" && "$@"; }

# print_ends LOG...: prints the last lines of those that are not empty.
print_ends() {
  local log
  for log in "$@"; do
    if [ -s "$log" ]; then info "--- last lines of $log" && tail -n 20 "$log" >&2; fi
  done
}

# Progress of a first run: which components are missing, and about how long their installation takes.
# shellcheck shell=bash
use toolchain/toolchain toolchain/build toolchain/kubernetes_programs

# announce_parts PART...: prints which of these components must be installed. Their installation is numbered afterwards.
announce_parts() {
  local part seconds=0
  planned_parts=()
  for part in "$@"; do
    if is_part_missing "$part"; then planned_parts+=("$part") && seconds=$((seconds + $(part_seconds "$part"))); fi
  done
  [ "${#planned_parts[@]}" = 0 ] ||
    info "installing ${#planned_parts[@]} components (only once), about $(format_minutes "$seconds") on two cores: ${planned_parts[*]}"
}

format_minutes() { if [ "$1" -lt 90 ]; then echo "$1 seconds"; else echo "$((($1 + 30) / 60)) minutes"; fi; }

# is_part_missing PART: quickly, without installing anything.
is_part_missing() {
  local program
  case $1 in
    etcd | kube-apiserver | kubectl) ! find_program program "$1" 2> /dev/null ;;
    render-chart) [ ! -x "$(module_dir chart)/render-chart" ] ;;
    placement) [ ! -x "$(python_env_dir placement)/bin/python" ] ;;
    operator) is_stale ;;
    *) die "unknown component $1" ;;
  esac
}

# Builds the operator, the agent and the command `pci` when the sources are newer than the build.
# shellcheck shell=bash
use toolchain/toolchain
app=$root/target/quarkus-app

# ensure_programs: sets $jdk; builds target/quarkus-app if it is missing or older than the sources. With
# PCI_LOCAL_BUILD=never the existing build is used, so that a Maven build that calls hack/local does not start another one.
ensure_programs() {
  find_jdk
  if [ "${PCI_LOCAL_BUILD:-auto}" = never ]; then
    [ -f "$app/quarkus-run.jar" ] || die "$app/quarkus-run.jar does not exist and PCI_LOCAL_BUILD=never: build it with mvn package"
  elif is_stale; then
    with_checkout_lock build build_programs
  fi
}

# class_archive_options NAME: prints JVM options for class data sharing. A JVM that starts without an archive writes one to
# a file of its own when it ends, so that no JVM reads a partial archive. PCI_LOCAL_START_CACHE=no disables archives.
class_archive_options() {
  [ "${PCI_LOCAL_START_CACHE:-yes}" != no ] && [ -w "$root/target" ] || return 0
  collect_class_archives
  if has_class_archive "$1"; then
    echo "-XX:SharedArchiveFile=$root/target/$1.jsa"
  else
    echo "-XX:ArchiveClassesAtExit=$root/target/$1.$BASHPID.jsa-new"
  fi
  echo "-Xlog:cds*=off,aot*=off"
}

# has_class_archive NAME: whether there is an archive of this build.
has_class_archive() { [ "$root/target/$1.jsa" -nt "$app/quarkus-run.jar" ]; }

# collect_class_archives: moves the archives that JVMs have written when they ended to target/NAME.jsa. Removes those of
# an earlier build and those of JVMs that were killed while they wrote them. Skips those of running JVMs.
collect_class_archives() {
  local new
  for new in "$root"/target/*.jsa-new; do
    if [ ! -f "$new" ] || is_used "$new"; then
      continue
    elif is_complete "$new" && [ "$new" -nt "$app/quarkus-run.jar" ]; then
      # (a concurrent call may have moved it already)
      mv "$new" "${new%.*.jsa-new}.jsa" 2> /dev/null || true
    else
      rm -f "$new"
    fi
  done
}

# is_used FILE: whether FILE is in the command line of a process.
is_used() { grep -qsF -f - /proc/[0-9]*/cmdline <<< "$1"; }

# is_complete ARCHIVE: the JVM writes the first bytes of an archive last.
is_complete() { [ -n "$(head -c 4 "$1" 2> /dev/null | tr -d '\0')" ]; }

is_stale() {
  [ ! -f "$app/quarkus-run.jar" ] ||
    [ -n "$(find "$root/pom.xml" "$root/src/main" -newer "$app/quarkus-run.jar" -print -quit)" ]
}

build_programs() {
  is_stale || return 0
  [ -f "$root/pom.xml" ] || die "$root/pom.xml does not exist: nothing to build"
  find_maven
  info "$(part_number operator)building the operator and the agent (mvn package; about $(part_seconds operator) s on two cores)"
  expected_seconds=$(part_seconds operator)
  # The format is checked by hack/test. During development, unformatted code should run too.
  run_with_progress "$cache/locks/mvn-package.log" "$(part_number operator)mvn package" env -C "$root" JAVA_HOME="$jdk" \
    "$maven" -B -ntp -DskipTests -Dspotless.check.skip package
  touch "$app/quarkus-run.jar"
}

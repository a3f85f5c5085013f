# The operator's and the agent's programs: built when the source is newer. Sourced.
# shellcheck shell=bash
app=$root/target/quarkus-app

# need_programs: sets $jdk; builds target/quarkus-app when it is missing or older than the source. With
# PCI_LOCAL_BUILD=never what is there is used: so a Maven build that calls hack/local does not start another.
need_programs() {
  find_jdk
  if [ "${PCI_LOCAL_BUILD:-auto}" = never ]; then
    [ -f "$app/quarkus-run.jar" ] || die "$app/quarkus-run.jar is not there and PCI_LOCAL_BUILD=never: build it with mvn package"
  elif stale; then
    with_lock "build-$(cksum <<< "$root" | cut -d' ' -f1)" build_programs
  fi
}

# start_cache NAME: the options that let a JVM keep what it finds out at its start for the next of that name. The first
# ones write it at their end, each a file of its own; when one is whole, it is moved into place here, so that nobody
# reads what is still written. PCI_LOCAL_START_CACHE=no: a start that knows nothing of others.
start_cache() {
  local kept=$root/target/$1.jsa made
  [ "${PCI_LOCAL_START_CACHE:-yes}" != no ] && [ -w "$root/target" ] || return 0
  for made in "$root/target/$1".*.made; do
    # (another start may have moved it already)
    ! written "$made" || [ ! "$made" -nt "$app/quarkus-run.jar" ] || mv "$made" "$kept" 2> /dev/null || true
  done
  if [ "$kept" -nt "$app/quarkus-run.jar" ]; then
    echo "-XX:SharedArchiveFile=$kept"
  else
    echo "-XX:ArchiveClassesAtExit=$root/target/$1.$BASHPID.made"
  fi
  echo "-Xlog:cds*=off,aot*=off"
}

# written ARCHIVE: whether it is whole: the JVM writes its first bytes last.
written() { [ -f "$1" ] && [ -n "$(head -c 4 "$1" 2> /dev/null | tr -d '\0')" ]; }

stale() {
  [ ! -f "$app/quarkus-run.jar" ] ||
    [ -n "$(find "$root/pom.xml" "$root/src/main" -newer "$app/quarkus-run.jar" -print -quit)" ]
}

build_programs() {
  stale || return 0
  [ -f "$root/pom.xml" ] || die "$root/pom.xml is not there: nothing to build"
  find_maven
  say "building the operator and the agent (mvn package)"
  # Whoever is in the middle of a change wants to see it run, formatted or not: hack/test looks at that.
  run_long "$cache/locks/mvn-package.log" "mvn package" env -C "$root" JAVA_HOME="$jdk" \
    "$maven" -B -ntp -DskipTests -Dspotless.check.skip package
  touch "$app/quarkus-run.jar"
}

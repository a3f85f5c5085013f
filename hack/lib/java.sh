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

# start_cache NAME: the option that lets a JVM keep what it finds out at its start for the next of that name. The first
# one makes the file at its end; one that was made by another JVM or of other jars is made anew, and not told of.
start_cache() {
  [ ! -w "$root/target" ] || echo "-XX:+AutoCreateSharedArchive -XX:SharedArchiveFile=$root/target/$1.jsa -Xlog:cds*=off,aot*=off"
}

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
  make_agent_cache
}

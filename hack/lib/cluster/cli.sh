# The command `pci`.
# shellcheck shell=bash
use toolchain/build

# run_cli ARGS...: replaces this process with the command, for the cluster and the cloud of the environment.
run_cli() {
  ensure_programs
  # The process is short-lived: optimised compilation would not pay off.
  # shellcheck disable=SC2046 # several options
  exec "$jdk/bin/java" $(class_archive_options pci) -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData \
    --illegal-native-access=allow --sun-misc-unsafe-memory-access=allow \
    -Djava.util.logging.manager=org.jboss.logmanager.LogManager \
    -cp "$app/quarkus-run.jar" io.pciplacement.cli.PciCommand "$@"
}

# The command `pci`. Sourced.
# shellcheck shell=bash

# run_cli ARGS...: becomes the command, with the cluster and the cloud of the environment.
run_cli() {
  need_programs
  # Short-lived: what is compiled best would be ready only after its end.
  # shellcheck disable=SC2046 # several options
  exec "$jdk/bin/java" $(start_cache pci) -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData \
    --illegal-native-access=allow --sun-misc-unsafe-memory-access=allow \
    -Djava.util.logging.manager=org.jboss.logmanager.LogManager \
    -cp "$app/quarkus-run.jar" io.pciplacement.cli.Pci "$@"
}

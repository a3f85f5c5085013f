# The command `pci`. Sourced.
# shellcheck shell=bash

# run_cli ARGS...: becomes the command, with the cluster and the cloud of the environment.
run_cli() {
  need_programs
  [ -d "$app/lib/main" ] || die "the command's jars are not below $app: build them with mvn package"
  # Short-lived: what is compiled best would be ready only after its end.
  exec "$jdk/bin/java" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData -Xshare:auto \
    --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow \
    -Djava.util.logging.manager=org.jboss.logmanager.LogManager \
    -cp "$app/app/*:$app/lib/main/*:$app/lib/boot/*:$app/quarkus/*" io.pciplacement.cli.Pci "$@"
}

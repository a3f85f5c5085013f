# JVM options of the agent, and its AOT cache for faster starts: one for this machine's JDK, one for the image.
# shellcheck shell=bash
use toolchain/build
agent_cache=$root/target/agent.aot
agent_flags="-XX:+UseSerialGC -Xms4m -Xmn2m -Xmx32m -Xss256k -XX:TieredStopAtLevel=1 -XX:-UsePerfData"
agent_flags+=" -XX:ReservedCodeCacheSize=16m -XX:MaxMetaspaceSize=64m -XX:+UnlockDiagnosticVMOptions"
agent_flags+=" -XX:AsyncDeflationInterval=30000 --enable-native-access=ALL-UNNAMED"

# agent_options: the JVM options of the agent, as in the chart. None of them contains a space.
agent_options() {
  [ ! "$agent_cache" -nt "$app/quarkus-run.jar" ] || echo "-XX:AOTCache=$agent_cache"
  agent_options_without_cache
}
agent_options_without_cache() { echo "$agent_flags -cp $(agent_classpath)"; }

# agent_classpath: only the jars that the agent needs. Every other jar would cost memory on every node.
agent_classpath() {
  local jars=("$app"/app/*.jar "$app"/lib/main/com.fasterxml.jackson.core.jackson-core-*.jar)
  [ -f "${jars[0]}" ] && [ -f "${jars[1]}" ] || die "the agent's jars are missing below $app: build them with mvn package"
  (IFS=: && printf '%s' "${jars[*]}")
}

# ensure_agent_cache: creates $agent_cache if it is missing or older than the build.
ensure_agent_cache() {
  [ "$agent_cache" -nt "$app/quarkus-run.jar" ] ||
    with_checkout_lock agent-cache create_agent_cache
}
create_agent_cache() {
  # shellcheck disable=SC2046 # several options
  [ "$agent_cache" -nt "$app/quarkus-run.jar" ] ||
    run_with_progress "$cache/locks/agent-cache.log" "the agent's AOT cache" \
      "$lib/image/aot/train" "$jdk" "$jdk/bin/java" "$agent_cache" $(agent_options_without_cache)
}

# create_image_agent_cache RUNTIME: creates $agent_cache for the agent of an image that contains this Java runtime. It is
# kept as long as the runtime and the jars are the same, because a second training run produces different bytes.
create_image_agent_cache() {
  local work=$root/target/image-agent jars inputs
  IFS=: read -ra jars <<< "$(agent_classpath)"
  inputs="$(cat "$lib/image/aot"/* "${jars[@]}" | cksum) $agent_flags $1"
  if [ -f "$agent_cache" ] && [ "$(cat "$agent_cache.of" 2> /dev/null)" = "$inputs" ]; then return 0; fi
  rm -rf "$work" "$agent_cache"
  mkdir -p "$work"
  # With the names and the modification times that they have in the image.
  cp "${jars[0]}" "$work/app.jar"
  cp "${jars[1]}" "$work/jackson-core.jar"
  touch -d @0 "$work"/*.jar
  # shellcheck disable=SC2086 # several options
  run_with_progress "$cache/locks/image-agent.log" "the agent's AOT cache for the image" "$lib/image/aot/train" \
    "$jdk" "$1/bin/java" "$agent_cache" $agent_flags -cp "$work/app.jar:$work/jackson-core.jar"
  rm -rf "$work"
  echo "$inputs" > "$agent_cache.of"
}

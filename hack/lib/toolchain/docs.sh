# Tools that build the documentation site.
# shellcheck shell=bash
use toolchain/toolchain
# From Maven Central, where it is published as a WebJar. The checksum is that of the file in the npm package, too.
mermaid_version=11.14.0
mermaid_sha256=217b66ef4279c33c141b4afe22effad10a91c02558dc70917be2c0981e78ed87

# ensure_docs_tools: sets $venv to a Python environment with MkDocs, and $mermaid to the script that draws diagrams.
ensure_docs_tools() {
  ensure_python_env docs
  mermaid=$cache/mermaid-$mermaid_version-${mermaid_sha256:0:8}.min.js
  [ -f "$mermaid" ] || with_lock mermaid install_mermaid
}

install_mermaid() {
  local work
  [ ! -f "$mermaid" ] || return 0
  find_jdk
  find_maven
  find_python
  info "installing mermaid $mermaid_version (only once)"
  work=$(mktemp -d "$cache/.mermaid-XXXXXX")
  at_exit "rm -rf '$work'"
  run_with_progress "$cache/locks/mermaid.log" "downloading mermaid" env -C "$root" JAVA_HOME="$jdk" \
    "$maven" -B -ntp dependency:copy -Dartifact="org.webjars.npm:mermaid:$mermaid_version" -DoutputDirectory="$work"
  "$python" -I -c 'import sys, zipfile
sys.stdout.buffer.write(zipfile.ZipFile(sys.argv[1]).read(sys.argv[2]))' "$work/mermaid-$mermaid_version.jar" \
    "META-INF/resources/webjars/mermaid/$mermaid_version/dist/mermaid.min.js" > "$work/mermaid.min.js"
  sha256sum --check --status <<< "$mermaid_sha256  $work/mermaid.min.js" ||
    die "mermaid $mermaid_version does not have the SHA-256 checksum that $lib/toolchain/docs.sh names: $mermaid_sha256"
  mv "$work/mermaid.min.js" "$mermaid"
}

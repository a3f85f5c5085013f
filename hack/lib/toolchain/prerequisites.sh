# Locates the programs that the machine must provide: a JDK, Maven, Go, Python.
# shellcheck shell=bash

# find_jdk: sets $jdk to the home of a JDK 25 or newer.
find_jdk() {
  local home path version
  path=$(command -v java || true)
  [ -z "$path" ] || path=$(dirname "$(dirname "$(readlink -f "$path")")")
  for home in "${JAVA_HOME:-}" "$path" /usr/lib/jvm/*25* "${SDKMAN_DIR:-$HOME/.sdkman}"/candidates/java/25* \
    "$HOME"/.jdks/*25* /opt/*jdk*25* /usr/lib/jvm/*; do
    if [ -x "$home/bin/javac" ] && [ -r "$home/release" ]; then
      version=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$home/release")
      if [ "${version:-0}" -ge 25 ]; then jdk=$home && return; fi
    fi
  done
  die "no JDK 25 or newer found in JAVA_HOME, PATH, /usr/lib/jvm, SDKMAN, ~/.jdks or /opt: install one, for example" \
    "Temurin 25, and set JAVA_HOME to it"
}

# find_maven: sets $maven. Requires $jdk.
find_maven() {
  local candidate version
  for candidate in mvn "$root/mvnw"; do
    command -v "$candidate" > /dev/null || continue
    version=$(JAVA_HOME=$jdk "$candidate" -version 2> /dev/null | sed -n 's/.*Apache Maven \([0-9]*\)\.\([0-9]*\).*/\1 \2/p' || true)
    # shellcheck disable=SC2086 # two numbers
    if at_least 3 8 $version; then maven=$candidate && return; fi
  done
  die "no Maven 3.8 or newer found on PATH: install it (package maven in most distributions)"
}

# require_go: fails unless Go 1.26 or newer is on PATH.
require_go() {
  local version
  version=$(cd / && go env GOVERSION 2> /dev/null | sed -n 's/^go\([0-9]*\)\.\([0-9]*\).*/\1 \2/p' || true)
  # shellcheck disable=SC2086 # two numbers
  at_least 1 26 $version ||
    die "no Go 1.26 or newer found on PATH (needed once, to build Kubernetes and etcd): install it, or set" \
      "KUBEBUILDER_ASSETS to a directory that contains etcd, kube-apiserver and kubectl"
}

# find_python: sets $python to a Python 3.11 or newer that can create virtual environments and install packages in them.
find_python() {
  local candidate
  # The system's Python first: it is built with profile-guided optimisation, unlike those of pyenv, and Placement needs an
  # eighth less CPU on it. A candidate may be a shim that does not run.
  for candidate in ${PYTHON:+"$PYTHON"} /usr/bin/python3 python3 python3.13 python3.12 python3.11 python3.14; do
    if "$candidate" -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2> /dev/null &&
      { "$candidate" -m pip --version || "$candidate" -c 'import ensurepip'; } > /dev/null 2>&1; then
      python=$candidate && return
    fi
  done
  die "no Python 3.11 or newer with pip found (python3, python3.13, python3.12, python3.11): install it (on Debian:" \
    "python3 and python3-pip), or set PYTHON"
}

# at_least MAJOR MINOR [ACTUAL-MAJOR ACTUAL-MINOR]
at_least() { [ "${3:-0}" -gt "$1" ] || { [ "${3:-0}" -eq "$1" ] && [ "${4:-0}" -ge "$2" ]; }; }

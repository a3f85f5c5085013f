# Programs that the tests use and that only the distribution provides.
# shellcheck shell=bash
use toolchain/toolchain

# install_packages PACKAGE...: installs packages with apt-get. Returns 1 if that is not possible here.
install_packages() {
  [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null || return 1
  info "installing $* with apt-get"
  mkdir -p "$cache/locks"
  run_with_progress "$cache/locks/apt.log" "apt-get install" env DEBIAN_FRONTEND=noninteractive \
    sh -c 'apt-get update && apt-get install -y --no-install-recommends "$@"' sh "$@"
}

# find_chromium: sets $chromium to a Chromium or Chrome; fails if there is none.
find_chromium() {
  for chromium in ${CHROMIUM:+"$CHROMIUM"} chromium chromium-browser google-chrome; do
    ! command -v "$chromium" > /dev/null || return 0
  done
  return 1
}

# ensure_chromium: installs Chromium if there is no browser.
ensure_chromium() {
  find_chromium || install_packages chromium ||
    info "warning: no Chromium found: the browser tests of the documentation site are skipped. Install the package chromium"
}

# ensure_libvirt: installs libvirt's daemon and virsh if they are missing. The tests use its driver without hypervisor.
ensure_libvirt() {
  { command -v libvirtd && command -v virsh; } > /dev/null || install_packages libvirt-daemon libvirt-clients ||
    die "the tests need libvirtd and virsh on PATH: install them (packages libvirt-daemon and libvirt-clients in Debian)"
}

# SPDX-License-Identifier: Apache-2.0
# Sourced by ./run and ./test: makes sure the packages are there, then configures. Debian 12 and Ubuntu 24.04.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

build_packages=(g++ cmake ninja-build pkg-config ccache libvtk9-dev libinsighttoolkit5-dev libgdcm-tools libfftw3-dev
  qt6-base-dev libqt6opengl6-dev qt6-svg-dev libqt6sql6-sqlite libqt6sql6-psql libgl-dev libegl-dev libgl1-mesa-dri
  libeigen3-dev libnanoflann-dev libcli11-dev nlohmann-json3-dev libboost-dev libsodium-dev libgtest-dev libgmock-dev
  libbenchmark-dev fonts-noto-core mricron-data)
test_packages=(xvfb xauth poppler-utils clang-format)

install_missing() {
  local missing=() package
  for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q '^install ok installed$' || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  if ! command -v apt-get >/dev/null; then
    echo "Precentral builds with Debian 12 or Ubuntu 24.04 packages; this system has no apt-get. Needed: ${missing[*]}" >&2
    exit 1
  fi
  local root=()
  if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
      echo "These packages are missing and neither root nor sudo is at hand: ${missing[*]}" >&2
      exit 1
    fi
    root=(sudo)
  fi
  echo "Installing ${#missing[@]} packages: ${missing[*]}"
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# configure DIR ARGS…: quiet, but everything when it fails.
configure() {
  local dir=$1 log
  shift
  log=$(mktemp)
  if ! cmake -S . -B "$dir" -G Ninja "$@" >"$log" 2>&1; then
    cat "$log" >&2
    rm -f "$log"
    exit 1
  fi
  rm -f "$log"
}

# Shared by tools/run and tools/test: install what is missing, configure, build. To be sourced by bash.
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
jobs=${CLAIMLEDGER_JOBS:-2}

build_packages=(g++ cmake ninja-build ccache libboost-dev libcli11-dev libfmt-dev libgtest-dev libspdlog-dev
                libpqxx-dev libsqlite3-dev libssl-dev libstemmer-dev libutf8proc-dev nlohmann-json3-dev pkg-config)

# What one checkout has compiled, another need not compile again.
export CCACHE_BASEDIR=${CCACHE_BASEDIR:-$root} CCACHE_NOHASHDIR=${CCACHE_NOHASHDIR:-1}
# An account without a home still compiles.
[[ -w ${HOME:-/nonexistent} ]] || export CCACHE_DIR="$root/build/ccache"

say() { printf '[%s] %s\n' "${prefix:-claimledger}" "$*"; }
die() { say "error: $*" >&2; exit 1; }

missing_packages() {
  local package
  for package in "$@"; do
    [[ $(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || printf '%s\n' "$package"
  done
}

# Installs those of the named Debian packages that are missing; does not touch apt when none is.
install_packages() {
  if ! command -v dpkg-query >/dev/null; then
    say "this is no Debian: expecting the counterparts of these packages: $*"
    return
  fi
  local missing sudo=()
  mapfile -t missing < <(missing_packages "$@")
  if ((${#missing[@]} == 0)); then
    say "packages: all $# are installed"
    return
  fi
  if ((EUID != 0)); then
    command -v sudo >/dev/null || die "please install as root: ${missing[*]}"
    sudo=(sudo)
  fi
  say "packages: installing ${missing[*]}"
  "${sudo[@]}" apt-get update -qq
  "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" \
    </dev/null >"${TMPDIR:-/tmp}/claimledger-apt.log" 2>&1 ||
    { tail -n 20 "${TMPDIR:-/tmp}/claimledger-apt.log" >&2; die "apt-get could not install them"; }
}

# As install_packages, for packages with servers in them: none is made or started, tests make their own.
install_servers() {
  local policy=/usr/sbin/policy-rc.d sudo=() status=0 ours=
  if command -v dpkg-query >/dev/null && [[ $(missing_packages "$@") ]]; then
    ((EUID == 0)) || sudo=(sudo)
    "${sudo[@]}" mkdir -p /etc/postgresql-common/createcluster.d
    echo 'create_main_cluster = false' |
      "${sudo[@]}" tee /etc/postgresql-common/createcluster.d/claimledger.conf >/dev/null
    if [[ ! -e $policy ]]; then
      printf '#!/bin/sh\nexit 101\n' | "${sudo[@]}" tee "$policy" >/dev/null
      "${sudo[@]}" chmod 755 "$policy"
      ours=yes
    fi
  fi
  (install_packages "$@") || status=$?
  [[ ! $ours ]] || "${sudo[@]}" rm -f "$policy"
  return "$status"
}

# configure <preset>: into build/<preset>; quiet unless it fails.
configure() {
  local log="$root/build/$1/configure.log"
  mkdir -p "$root/build/$1"
  say "configure: $1"
  (cd "$root" && cmake --preset "$1") >"$log" 2>&1 || { cat "$log" >&2; return 1; }
}

# build <preset> [target…]
build() {
  local preset=$1 target targets=()
  shift
  for target in "$@"; do targets+=(--target "$target"); done
  say "build: $preset${*:+ ($*)}"
  if [[ -t 1 ]]; then
    cmake --build "$root/build/$preset" --parallel "$jobs" "${targets[@]}"
  else
    # Without a terminal ninja prints a line for every step; failures print in full anyway.
    cmake --build "$root/build/$preset" --parallel "$jobs" "${targets[@]}" -- --quiet
  fi
}

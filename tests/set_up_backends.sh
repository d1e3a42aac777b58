#!/usr/bin/env bash
# Makes a machine ready to test sandboxes elsewhere: what the test service of E2B needs, and Docker with Debian's
# package, a daemon without networks of its own, and the image. Where that cannot be had, the tests say what is
# missing and are left out.
set -uo pipefail
log=$(mktemp)

lacks() {
  echo "the tests of Docker are left out: $1" >&2
  tail -n 5 "$log" >&2
  exit 0
}

[ "$(id -u)" = 0 ] || lacks "starting a daemon takes root"
command -v apt-get >/dev/null || lacks "there is no apt-get"
# Machines of the test service of E2B have this one's tools.
if ! dpkg -s python3-tk >/dev/null 2>&1; then
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3-tk
  } >"$log" 2>&1 </dev/null || echo "the tests of windows in E2B are left out: python3-tk cannot be installed" >&2
fi
if ! command -v dockerd >/dev/null || ! command -v debootstrap >/dev/null; then
  echo "installing Docker"
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    docker.io debootstrap; } >"$log" 2>&1 </dev/null || lacks "its package cannot be installed"
fi
if ! docker info >/dev/null 2>&1; then
  setsid dockerd --bridge=none --iptables=false --ip6tables=false >"$log" 2>&1 </dev/null &
  for _ in $(seq 150); do
    docker info >/dev/null 2>&1 && break
    sleep 0.2
  done
  docker info >/dev/null 2>&1 || lacks "its daemon does not run here"
fi
timeout 1500 "$(dirname "$0")/../.venv/bin/agent-judge" setup --sandbox docker >"$log" 2>&1 </dev/null ||
  lacks "its image cannot be built"
echo "ready to test sandboxes in Docker"

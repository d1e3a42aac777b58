#!/usr/bin/env bash
# Makes a machine ready to test sandboxes elsewhere: what the test service of E2B needs, and Docker with Debian's
# package, a daemon without networks of its own, and the image. Where that cannot be had, the tests say what is
# missing and are left out. With --end, ends the daemon that it started.
set -uo pipefail
cd "$(dirname "$0")/.."
log=$(mktemp)
started=.venv/.dockerd

if [ "${1:-}" = --end ]; then
  [ ! -e "$started" ] || { kill "$(cat "$started")" 2>/dev/null; rm -f "$started"; }
  exit 0
fi

lacks() {
  echo "the tests of Docker are left out: $1" >&2
  tail -n 5 "${2:-$log}" >&2
  exit 0
}

install() {
  { timeout 300 apt-get update -qq && DEBIAN_FRONTEND=noninteractive timeout 900 apt-get install -y -qq \
    --no-install-recommends "$@"; } >"$log" 2>&1 </dev/null
}

answers() {
  timeout 20 docker info >/dev/null 2>&1
}

[ "$(id -u)" = 0 ] || answers || lacks "starting a daemon takes root"
if [ "$(id -u)" = 0 ]; then
  command -v apt-get >/dev/null || lacks "there is no apt-get"
  # Machines of the test service of E2B have this one's tools.
  for package in python3-tk chromium bubblewrap util-linux; do
    dpkg -s "$package" >/dev/null 2>&1 || install "$package" ||
      echo "tests of E2B are left out: $package cannot be installed" >&2
  done
  if ! command -v dockerd >/dev/null || ! command -v debootstrap >/dev/null; then
    echo "installing Docker"
    install docker.io debootstrap || lacks "its package cannot be installed"
    command -v docker >/dev/null || install docker-cli || lacks "its command cannot be installed"
  fi
  if ! answers; then
    daemon=$(mktemp)
    setsid dockerd --bridge=none --iptables=false --ip6tables=false >"$daemon" 2>&1 </dev/null &
    echo $! >"$started"
    for _ in $(seq 150); do
      answers && break
      sleep 0.2
    done
    answers || lacks "its daemon does not run here" "$daemon"
  fi
fi
echo "seeing to the image of sandboxes in Docker: the first time takes ten minutes or more"
timeout 1500 .venv/bin/agent-judge setup --sandbox docker >"$log" 2>&1 </dev/null || lacks "its image cannot be had"
echo "ready to test sandboxes in Docker"

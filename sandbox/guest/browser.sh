#!/bin/sh
# Starts Chromium with its two pipes as standard input and output. Its own sandbox needs what containers forbid: it
# runs as a user of its own instead, in a sandbox that nobody shares. The first word is the most KiB of memory that one
# process may ask for.
ulimit -c 0
ulimit -d "$1"
shift
exec 3<&0 4>&1 < /dev/null > /dev/null
exec /usr/lib/chromium/chromium "$@"

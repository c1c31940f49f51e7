#!/bin/sh
# Starts Bongsu under the Node.js that is in this release. It needs a POSIX shell and no other program.
set -eu

self=$0
while [ -h "$self" ]; do
  link=$(readlink "$self")
  case $link in
    /*) self=$link ;;
    *) self=${self%/*}/$link ;;
  esac
done
root=$(CDPATH='' cd -P -- "${self%/*}/.." && pwd -P)

needed=@NEEDED@
node=$root/node/bin/node
if [ -x "$node" ]; then
  if ! said=$("$node" --version 2>&1); then
    echo "Bongsu: the Node.js of this release does not run here ($said). It is for @TARGET@, and needs the system's libstdc++ and libatomic (Debian: apt-get install libatomic1). Or install Node.js $needed and delete $root/node." >&2
    exit 1
  fi
else
  node=$(command -v node || true)
  found=none
  if [ -n "$node" ]; then found=$("$node" --version 2>/dev/null || echo none); fi
  major=${found#v}
  major=${major%%.*}
  case $major in '' | *[!0-9]*) major=0 ;; esac
  if [ "$major" -lt "$needed" ]; then
    echo "Bongsu needs Node.js $needed or newer. It is not in this release any more ($root/node/bin/node), and on this machine there is: $found." >&2
    exit 1
  fi
fi

command=${1:-}
case $command in
  start) file=apps/server/src/start.ts ;;
  server) file=apps/server/src/main.ts ;;
  sentinel) file=apps/sentinel/src/main.ts ;;
  # Speaking about incidents must work when nothing of the server does, so these commands go straight to the sentinel's program.
  incident | maintenance | record) exec "$node" "$root/apps/sentinel/src/cli.ts" "$@" ;;
  version | --version)
    echo "@VERSION@"
    exit 0
    ;;
  '' | help | --help)
    printf '%s\n' \
      'bongsu start      the messenger and its status page, kept running' \
      'bongsu server     the messenger alone' \
      'bongsu sentinel   the status page alone' \
      '                  each with --help: its settings, which are read from the environment' \
      'bongsu version' '' \
      'Where a text says "npx bongsu", it is this command in a release.' ''
    exec "$node" "$root/apps/server/src/cli.ts" --help
    ;;
  *) exec "$node" "$root/apps/server/src/cli.ts" "$@" ;;
esac
shift
exec "$node" "$root/$file" "$@"

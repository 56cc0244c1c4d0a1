#!/bin/sh
# Runs a command again whenever it ends, because faasd starts its services once and never again. faasd sends SIGTERM to
# every process of a container, so this one only waits for the command to end.
ending=
trap 'ending=yes' TERM
while [ -z "$ending" ]; do
  "$@" &
  # The signal interrupts the first wait; the second sees the command end.
  wait $! || true
  wait
  [ -z "$ending" ] || break
  echo "keep-running: $1 ended; it starts again in ${RESTART_SECONDS:-1} s" >&2
  sleep "${RESTART_SECONDS:-1}" &
  wait
done
exit 0

#!/usr/bin/env bash
# Runs a command with a PostgreSQL of its own: a fresh cluster in a temporary folder, on a free port of 127.0.0.1, gone
# when the command ends. The command finds its address in JIETI_TEST_POSTGRES.
set -euo pipefail

bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1)
if [ -z "$bin" ]; then
  echo "PostgreSQL's server programs are not installed; install Debian's package postgresql" >&2
  exit 1
fi
folder=$(mktemp -d)
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
# PostgreSQL refuses to run as root.
as_owner() { if [ "$(id -u)" = 0 ]; then (cd / && setpriv --reuid=postgres --regid=postgres --clear-groups "$@"); else "$@"; fi; }
if [ "$(id -u)" = 0 ]; then chown postgres "$folder"; fi
stop() { as_owner "$bin/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null 2>&1 || true; rm -rf "$folder"; }
trap stop EXIT

as_owner "$bin/initdb" -D "$folder/data" -U jieti --auth=trust -E UTF8 --locale=C.UTF-8 >"$folder/initdb.log" 2>&1 || { cat "$folder/initdb.log" >&2; exit 1; }
as_owner "$bin/pg_ctl" -D "$folder/data" -w -l "$folder/data/server.log" \
  -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=$folder/data -c max_connections=400" start >/dev/null
JIETI_TEST_POSTGRES="postgres://jieti@127.0.0.1:$port" "$@"

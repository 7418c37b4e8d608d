#!/bin/sh
# Does without a screen what `make run` does with one: build and deploy the
# app, then show its state and last log lines. Ends with the deploy's exit code.
# Usage: examples/headless.sh BINARY DIR
set -u
binary=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
cd "$2" || exit 1
set --
if ! "$binary" status --all --backend docker >/dev/null 2>&1; then
	echo "no Docker engine answers, so this is the demo. To get an engine: start Docker, or on Debian:" >&2
	echo "  sudo apt-get install docker.io && sudo systemctl start docker" >&2
	set -- --demo
fi
"$binary" deploy -y "$@"
code=$?
"$binary" status "$@"
echo
"$binary" logs --tail 5 "$@"
exit $code

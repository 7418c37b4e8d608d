#!/bin/sh
# Does without a screen what `make run` does with one: build and deploy the
# app, then show its state and last log lines. Ends with the deploy's exit code.
# Usage: examples/headless.sh BINARY DIR
set -u
binary=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
cd "$2" || exit 1
problem=$("$binary" doctor | grep -A 1 '^✗ engine')
if [ -n "$problem" ]; then
	echo "no Docker engine answers, so this is the demo, which is a new one for each command:" >&2
	echo "$problem" >&2
	exec "$binary" deploy -y --demo
fi
"$binary" deploy -y
code=$?
"$binary" status
echo
"$binary" logs --tail 5
exit $code

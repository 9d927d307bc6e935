# The image as `packaging/compose` runs it; `cargo xtask release try` gives its name and that folder.
set -eux

IMAGE=$1
COMPOSE=$2
NAME=perpetuad-trial
DATA=perpetuad-trial-data

cleanup() {
	podman rm --force $NAME >/dev/null 2>&1 || true
	podman volume rm --force $DATA >/dev/null 2>&1 || true
}
within() {
	seconds=$1
	shift
	until "$@"; do
		seconds=$((seconds - 1))
		test $seconds -gt 0
		sleep 1
	done
}
inside() {
	podman exec $NAME "$@"
}
run() {
	podman --runtime=runc run --detach --name $NAME --network=none --read-only --tmpfs /tmp --memory=512m --cap-drop=ALL \
		--security-opt=no-new-privileges --ulimit=nofile=1024:4096 --ulimit=nproc=1024:1024 --health-interval=disable --volume $DATA:/data "$IMAGE"
}
trap cleanup EXIT
cleanup

run
within 30 podman healthcheck run $NAME

# Its own user, who may write nothing but the data.
test "$(inside id -u)" = 10001
if inside touch /usr/bin/x; then exit 1; fi
inside sh -c 'test "$(stat -c %a /data/secrets.json)" = 600'
inside grep --quiet '^secrets = "file"' /data/perpetua.toml
# Beyond loopback everybody has to show a token.
inside grep --quiet '^listen = "0.0.0.0:6700"' /data/perpetua.toml
test -n "$(inside perpetuad --data-dir /data token main/bot)"

# What loses its parent becomes the first process's, which takes note of its end.
inside sh -c 'sh -c "sleep 0.3 & sleep 0.6 &" & exit 0'
sleep 2
test "$(inside sh -c 'cat /proc/[0-9]*/stat' | grep --count ' Z ' || true)" = 0

# It ends in order when it is told to, and begins again with the same data.
token=$(inside perpetuad --data-dir /data token main/bot)
podman stop --time 20 $NAME
test "$(podman inspect --format '{{.State.ExitCode}}' $NAME)" = 0
podman start $NAME
within 30 podman healthcheck run $NAME
test "$(inside perpetuad --data-dir /data token main/bot)" = "$token"
# Health is what the node says, not that a process is there.
inside sh -c 'kill -STOP $(cat /data/run/pid)'
if timeout 20 podman healthcheck run $NAME; then exit 1; fi

# The settings of the compose file are right, and its secret is read.
podman build --quiet --pull=never --build-arg "IMAGE=$IMAGE" --tag "$IMAGE-compose" "$COMPOSE/perpetua"
echo a-token-of-this-trial >/run/perpetuad-trial-token
chmod 644 /run/perpetuad-trial-token
podman --runtime=runc run --rm --network=none --read-only --ulimit=nofile=1024:4096 --ulimit=nproc=1024:1024 \
	--volume /run/perpetuad-trial-token:/run/secrets/onebot-token:ro "$IMAGE-compose" check
podman image rm --force "$IMAGE-compose" >/dev/null
rm /run/perpetuad-trial-token

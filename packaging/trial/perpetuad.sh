# The node's package on a server that has just been installed; run by `cargo xtask release try`.
set -eux

DATA=/var/lib/perpetuad
PACKAGE=/trial/perpetuad.deb

files() {
	find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /run -o -path /tmp -o -path /var/tmp -o -path /trial \
		-o -path /var/log -o -path /var/cache -o -path /var/lib/dpkg -o -path '/etc/*-' \) -prune -o -print | sort
}
perpetuad_says() {
	runuser --user perpetuad -- perpetuad --data-dir $DATA "$@"
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
main_process() {
	systemctl show --property=MainPID --value perpetuad
}
is_another() {
	test "$(main_process)" != 0 && test "$(main_process)" != "$1"
}
is_online() {
	perpetuad_says status --json | grep --quiet '"online": true'
}

files >/run/before
cp /etc/passwd /run/passwd-before

# Installed, it runs.
dpkg --install $PACKAGE
test "$(systemctl is-enabled perpetuad)" = enabled
within 30 is_online
test "$(stat --format=%U "/proc/$(main_process)")" = perpetuad
test "$(stat --format='%U %a' $DATA)" = 'perpetuad 700'
grep --quiet '^secrets = "file"' $DATA/perpetua.toml
test "$(stat --format='%U %a' $DATA/secrets.json)" = 'perpetuad 600'
test -n "$(perpetuad_says token main/bot)"
perpetuad --version | grep --quiet '^perpetuad '
# What systemd itself says of the unit; 20 stands for 2.0.
systemd-analyze security --no-pager --threshold=20 perpetuad >/dev/null

# It is restarted, and comes back by itself when it is killed.
first=$(main_process)
systemctl restart perpetuad
is_another "$first"
within 30 is_online
first=$(main_process)
kill -KILL "$first"
within 30 is_another "$first"
within 30 is_online

# It ends in order, and at once.
begun=$(date +%s)
systemctl stop perpetuad
test $(($(date +%s) - begun)) -le 10
test "$(systemctl show --property=Result --value perpetuad)" = success

# Wrong settings are no reason to start it again and again.
mv $DATA/perpetua.toml $DATA/kept
echo 'no settings' >$DATA/perpetua.toml
systemctl start perpetuad || true
within 10 sh -c 'test "$(systemctl is-active perpetuad)" = failed'
test "$(systemctl show --property=ExecMainStatus --value perpetuad)" = 64
sleep 12
test "$(systemctl is-active perpetuad)" = failed
mv $DATA/kept $DATA/perpetua.toml
systemctl start perpetuad
within 30 is_online

# An update over itself: another process, the same settings and tokens, the account online again.
token=$(perpetuad_says token main/bot)
settings=$(sha256sum <$DATA/perpetua.toml)
first=$(main_process)
dpkg --install $PACKAGE
is_another "$first"
within 30 is_online
test "$(perpetuad_says token main/bot)" = "$token"
test "$(sha256sum <$DATA/perpetua.toml)" = "$settings"

# Removed, and everything of it: the data stay, and who owns them.
dpkg --remove perpetuad
test ! -e /usr/bin/perpetuad
test "$(systemctl is-active perpetuad)" != active
dpkg --purge perpetuad
test "$(sha256sum <$DATA/perpetua.toml)" = "$settings"
test "$(stat --format=%U $DATA)" = perpetuad
files >/run/after
diff /run/before /run/after | grep '^[<>]' | grep --invert-match "^> $DATA" >/run/left || true
cat /run/left
test ! -s /run/left

# Nobody's data: no trace at all.
dpkg --install $PACKAGE
systemctl stop perpetuad
rm --recursive $DATA
dpkg --purge perpetuad
files >/run/after
diff /run/before /run/after
diff /run/passwd-before /etc/passwd

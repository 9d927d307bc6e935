# The node's package for Fedora's family, in the hands of rpm itself; run by `cargo xtask release try`. The system is a Debian, so
# what the package asks for by Fedora's names is not there, and the script gives it Fedora's rule for new services: none is enabled.
set -eux

DATA=/var/lib/perpetuad
PACKAGE=/trial/perpetuad.rpm

carry_out() {
	rpm --force-debian --nodeps "$@"
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

mkdir --parents /etc/systemd/system-preset
echo 'disable *' >/etc/systemd/system-preset/99-fedora.preset

# Installed, it waits for whoever enables it, and its user is there.
carry_out --install $PACKAGE
test "$(systemctl is-enabled perpetuad || true)" = disabled
test "$(systemctl is-active perpetuad || true)" = inactive
id perpetuad
test -s /usr/share/licenses/perpetuad/LICENSE
test -s /usr/share/doc/perpetuad/THIRD-PARTY.txt
systemctl enable --now perpetuad
within 30 is_online
test "$(stat --format=%U "/proc/$(main_process)")" = perpetuad
test "$(stat --format='%U %a' $DATA)" = 'perpetuad 700'

# An update over itself: another process, the same settings and tokens, the account online again.
token=$(perpetuad_says token main/bot)
settings=$(sha256sum <$DATA/perpetua.toml)
first=$(main_process)
carry_out --upgrade --force $PACKAGE
within 30 is_another "$first"
within 30 is_online
test "$(systemctl is-enabled perpetuad)" = enabled
test "$(perpetuad_says token main/bot)" = "$token"
test "$(sha256sum <$DATA/perpetua.toml)" = "$settings"

# One that is stopped stays so.
systemctl stop perpetuad
carry_out --upgrade --force $PACKAGE
test "$(systemctl is-active perpetuad || true)" = inactive
systemctl start perpetuad
within 30 is_online

# Removed, it has ended, and nothing of it is left but the data and who owns them.
carry_out --erase perpetuad
test "$(systemctl is-active perpetuad || true)" = inactive
for left in /usr/bin/perpetuad /usr/lib/systemd/system/perpetuad.service /usr/lib/sysusers.d/perpetuad.conf \
	/etc/systemd/system/multi-user.target.wants/perpetuad.service /usr/share/doc/perpetuad /usr/share/licenses/perpetuad; do
	test ! -e $left && test ! -L $left
done
test "$(sha256sum <$DATA/perpetua.toml)" = "$settings"
test "$(stat --format=%U $DATA)" = perpetuad

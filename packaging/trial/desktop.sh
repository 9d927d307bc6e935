# The desktop program's package on a desktop that nobody sees; run by `cargo xtask release try`.
set -eux

PACKAGE=/trial/perpetua.deb
HOME_OF_PERSON=/home/person

files() {
	find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /run -o -path /tmp -o -path /var/tmp -o -path /trial \
		-o -path /var/log -o -path /var/cache -o -path /var/lib/dpkg -o -path '/etc/*-' \) -prune -o -print | sort
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
as_person() {
	runuser --user person -- env HOME=$HOME_OF_PERSON DISPLAY=:7 XDG_RUNTIME_DIR=/run/person "$@"
}
is_shown() {
	as_person xdotool search --onlyvisible --name perpetua
}
runs() {
	pgrep --exact perpetua
}

useradd --create-home person
install --directory --owner=person --mode=0700 /run/person
files >/run/before

dpkg --install $PACKAGE
test -x /usr/bin/perpetua
grep --quiet '^Exec=perpetua' /usr/share/applications/perpetua.desktop
test -s /usr/lib/perpetua/THIRD-PARTY.txt
# The updater goes by this: such a program is updated by the package manager.
grep --quiet --text __TAURI_BUNDLE_TYPE_VAR_DEB /usr/bin/perpetua

Xvfb :7 -screen 0 1280x800x24 &
screen=$!
start() {
	as_person dbus-run-session -- perpetua "$@" >/run/perpetua.log 2>&1 &
	session=$!
}
end() {
	pkill --signal TERM --exact perpetua
	within 15 sh -c '! pgrep --exact perpetua'
	wait $session || true
}

# It shows its window, and keeps its data in the person's own folder.
sleep 1
start
within 60 is_shown
within 30 test -s $HOME_OF_PERSON/.local/share/perpetua/run/session.json
end

# As it is started at a login.
start --minimised
within 30 test -s $HOME_OF_PERSON/.local/share/perpetua/run/session.json
runs

# An update over itself while it runs, which goes on until it is started anew.
dpkg --install $PACKAGE
runs
end
start
within 60 is_shown
end
kill $screen

dpkg --purge perpetua
files >/run/after
diff /run/before /run/after | grep '^[<>]' | grep --invert-match "^> $HOME_OF_PERSON/" >/run/left || true
cat /run/left
test ! -s /run/left

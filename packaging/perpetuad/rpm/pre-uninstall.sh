# The first argument counts the versions that are left: 0 is a removal.
if [ "$1" -eq 0 ] && [ -d /run/systemd/system ]; then
	systemctl disable --now perpetuad.service || :
fi

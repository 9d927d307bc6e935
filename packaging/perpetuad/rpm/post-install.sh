systemd-sysusers perpetuad.conf || :
if [ -d /run/systemd/system ]; then
	systemctl daemon-reload || :
	# The first argument counts the versions that are there now: 1 is an installation.
	if [ "$1" -eq 1 ]; then
		systemctl preset perpetuad.service || :
	else
		systemctl try-restart perpetuad.service || :
	fi
fi

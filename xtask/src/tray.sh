# Draws the tray's icon and menu on the panel of a real desktop, at 16 and 24 pixels, on light and dark.
# Called by `cargo xtask pictures --tray` with the window's program and the picture to make.
set -eu
program=$1
picture=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Three programs, each with a folder of its own, and an icon each: online, with a problem, and idle. The
# panel puts the newest to the left.
write_settings() {
    mkdir -p "$work/$1"
    cat >"$work/$1/perpetua.toml"
}
language_and_ports() {
    printf 'secrets = "file"\n[ui]\nlanguage = "%s"\n[api]\nlisten = "127.0.0.1:0"\n' "$1"
}
client() {
    printf '[[accounts.clients]]\nname = "%s"\nkind = "forward"\nlisten = "127.0.0.1:%s"\n' "$1" "$2"
}

write_panel() {
    channels="$work/config/xfce4/xfconf/xfce-perchannel-xml"
    mkdir -p "$channels"
    cat >"$channels/xfce4-panel.xml" <<XML
<?xml version="1.0" encoding="UTF-8"?>
<channel name="xfce4-panel" version="1.0">
  <property name="configver" type="int" value="2"/>
  <property name="panels" type="array"><value type="int" value="1"/>
    <property name="dark-mode" type="bool" value="$1"/>
    <property name="panel-1" type="empty">
      <property name="position" type="string" value="p=6;x=0;y=0"/>
      <property name="length" type="uint" value="100"/>
      <property name="position-locked" type="bool" value="true"/>
      <property name="size" type="uint" value="30"/>
      <property name="plugin-ids" type="array"><value type="int" value="1"/></property>
    </property>
  </property>
  <property name="plugins" type="empty">
    <property name="plugin-1" type="string" value="systray">
      <property name="icon-size" type="int" value="$2"/>
      <property name="square-icons" type="bool" value="true"/>
    </property>
  </property>
</channel>
XML
}

# The session of one picture: a panel, the programs one after the other, a click on an icon.
cat >"$work/session.sh" <<'SESSION'
set -eu
icons() {
    dbus-send --session --print-reply --dest=org.kde.StatusNotifierWatcher /StatusNotifierWatcher \
        org.freedesktop.DBus.Properties.Get string:org.kde.StatusNotifierWatcher \
        string:RegisteredStatusNotifierItems 2>/dev/null | grep -c 'string "' || true
}
wait_for() {
    tries=0
    until [ "$(icons)" -ge "$1" ] && dbus-send --session --print-reply --dest=org.kde.StatusNotifierWatcher \
        /StatusNotifierWatcher org.freedesktop.DBus.Peer.Ping >/dev/null 2>&1; do
        tries=$((tries + 1))
        [ "$tries" -lt 100 ] || { echo "the tray's icon has not come" >&2; exit 1; }
        sleep 0.2
    done
}
"$(ls /usr/lib/*/xfce4/xfconf/xfconfd /usr/libexec/xfconfd 2>/dev/null | head -n 1)" &
xfce4-panel --disable-wm-check &
wait_for 0
count=0
for state in online problem offline; do
    "$PROGRAM" --data-dir "$WORK/$state" --minimised &
    count=$((count + 1))
    wait_for "$count"
done
# What the programs show settles, and the panel draws it.
sleep 4
xdotool mousemove "$POINT" 15 click 3
sleep 2
import -window root "$SHOT"
SESSION

draw() { # whether the panel is dark, size of the icons, language, where to click
    rm -rf "$work/config" "$work/online" "$work/problem" "$work/offline"
    { language_and_ports "$3"
      printf '[[accounts]]\nname = "main"\n[accounts.upstream]\nkind = "simulator"\n'
      client nonebot 0; client koishi 0; } | write_settings online
    { language_and_ports "$3"
      printf '[core]\nauto-install = false\n[[accounts]]\nname = "main"\n[accounts.upstream]\nkind = "lagrange"\n'
      client nonebot 0; } | write_settings problem
    language_and_ports "$3" | write_settings offline
    write_panel "$1" "$2"
    # Ends with its session: all that it started has its display.
    xvfb-run --auto-servernum --server-args '-screen 0 330x275x24 -nolisten tcp' \
        env -u WAYLAND_DISPLAY HOME="$work" XDG_CONFIG_HOME="$work/config" XDG_DATA_HOME="$work/data" \
        XDG_CACHE_HOME="$work/cache" XDG_RUNTIME_DIR="$work" GDK_BACKEND=x11 NO_AT_BRIDGE=1 LANG=C.UTF-8 \
        PROGRAM="$program" WORK="$work" POINT="$4" SHOT="$work/$1-$2.png" \
        dbus-run-session -- sh "$work/session.sh"
}
draw false 16 en 75
draw true 16 zh-CN 45
draw false 24 zh-CN 75
draw true 24 en 45
# The black is the empty screen. Each point becomes four, so that the points can be seen.
mogrify -fill '#a9adb8' -opaque black -filter point -resize 200% "$work"/*.png
montage "$work/false-16.png" "$work/true-16.png" "$work/false-24.png" "$work/true-24.png" \
    -tile 2x2 -geometry +8+8 -background white "$work/all.png"
convert "$work/all.png" -define webp:lossless=true "$picture"

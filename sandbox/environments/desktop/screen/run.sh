#!/bin/bash
# Gives a program a screen: an X server that speaks VNC, a window manager, and a page that shows it all.
# SCREEN is its size, such as 1280x800. The page is served on port 6080, the words after this script are the program.
{
  mkdir -p /tmp/.X11-unix /tmp/web
  cp /screen/index.html /tmp/web/
  ln -s /usr/share/novnc /tmp/web/novnc
  Xvnc :0 -geometry "$SCREEN" -depth 24 -br -noreset -SecurityTypes None -localhost -rfbport 5900 -AlwaysShared \
    -AcceptSetDesktopSize=0 -CompareFB=1 -nolisten tcp -BlacklistThreshold 1000000 -IdleTimeout 0 &
  /usr/bin/python3 /usr/bin/websockify --web /tmp/web 127.0.0.1:6080 127.0.0.1:5900 &
  until [ -S /tmp/.X11-unix/X0 ]; do sleep 0.02; done
  DISPLAY=:0 openbox --sm-disable --config-file /screen/openbox.xml --startup "touch /tmp/.managed" &
  # A window that is opened while the window manager starts may never be shown.
  until [ -e /tmp/.managed ]; do sleep 0.02; done
} > /dev/null 2>&1 < /dev/null
export DISPLAY=:0
exec "$@"

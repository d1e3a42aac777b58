// Runs in every frame before the page's own scripts.
((token) => {
  "use strict";

  const tell = console.debug.bind(console);
  const refused = (kind, url) => tell(token, kind, String(url));

  // A loop that writes to the console would drown the driver: beyond a budget, lines are dropped.
  const LINES_PER_SECOND = 500, CHARACTERS = 4000;
  const now = performance.now.bind(performance);
  let second = 0, lines = 0;
  const cut = (value) => (typeof value === "string" && value.length > CHARACTERS ? value.slice(0, CHARACTERS) : value);
  for (const level of ["log", "info", "warn", "error", "debug", "trace", "dir", "table"]) {
    const original = console[level].bind(console);
    console[level] = (...values) => {
      if (now() - second > 1000) [second, lines] = [now(), 0];
      if (++lines <= LINES_PER_SECOND) original(...values.map(cut));
    };
  }

  // WebRTC does not go through request routing: the closed network stops it, this makes it known.
  const Peer = window.RTCPeerConnection;
  if (Peer) {
    const servers = (configuration) => {
      try {
        return (configuration?.iceServers ?? []).flatMap((server) => server.urls ?? server.url ?? []);
      } catch {
        return [];
      }
    };
    window.RTCPeerConnection = class RTCPeerConnection extends Peer {
      constructor(...given) {
        super(...given);
        for (const url of servers(given[0])) refused("webrtc", url);
      }
    };
  }

  // Leaving for another place is refused here first: about:blank, blob: and data: make no request to refuse.
  if (window === window.top && window.navigation) {
    const home = window.origin;
    window.navigation.addEventListener("navigate", (event) => {
      const to = event.destination?.url ?? "";
      if (event.hashChange || event.downloadRequest !== null || to.startsWith(home + "/")) return;
      if (!event.cancelable) return;
      event.preventDefault();
      refused("navigation", to);
    });
  }
})("__TOKEN__");

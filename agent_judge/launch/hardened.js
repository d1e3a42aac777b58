// Runs in every frame before the page's own scripts.
((token) => {
  "use strict";

  // Taken now, since the page may give these names, and what belongs to them, to something else.
  const { Array, Reflect, String, console } = globalThis;
  const { apply } = Reflect;
  const method = (owner, name) => { const own = owner[name]; return (self, ...given) => apply(own, self, given); };
  const slice = method(String.prototype, "slice"), startsWith = method(String.prototype, "startsWith");
  const isList = Array.isArray;

  const tell = console.debug.bind(console);
  const refused = (kind, url) => tell(token, kind, String(url));

  // A loop that writes to the console would drown the driver: beyond a budget, lines are dropped.
  const LINES_PER_SECOND = 500, CHARACTERS = 4000;
  const now = performance.now.bind(performance);
  let second = 0, lines = 0;
  const cut = (value) => (typeof value === "string" && value.length > CHARACTERS ? slice(value, 0, CHARACTERS) : value);
  for (const level of ["log", "info", "warn", "error", "debug", "trace", "dir", "table"]) {
    const original = console[level];
    console[level] = (...values) => {
      if (now() - second > 1000) {
        second = now();
        lines = 0;
      }
      if (++lines > LINES_PER_SECOND) return;
      for (let index = 0; index < values.length; index += 1) values[index] = cut(values[index]);
      apply(original, console, values);
    };
  }

  // WebRTC does not go through request routing: the closed network stops it, this makes it known.
  const Peer = window.RTCPeerConnection;
  if (Peer) {
    const tellOf = (url) => {
      if (!isList(url)) refused("webrtc", url);
      else for (let index = 0; index < url.length; index += 1) refused("webrtc", url[index]);
    };
    const tellServers = (configuration) => {
      const servers = configuration?.iceServers ?? [];
      for (let index = 0; index < servers.length; index += 1) tellOf(servers[index].urls ?? servers[index].url ?? []);
    };
    window.RTCPeerConnection = class RTCPeerConnection extends Peer {
      constructor(...given) {
        super(...given);
        try { tellServers(given[0]); } catch { /* What it was given cannot be read. */ }
      }
    };
  }

  // Leaving for another place is refused here first: about:blank, blob: and data: make no request to refuse.
  if (window === window.top && window.navigation) {
    const home = window.origin;
    window.navigation.addEventListener("navigate", (event) => {
      const to = event.destination?.url ?? "";
      if (event.hashChange || event.downloadRequest !== null || startsWith(to, home + "/")) return;
      if (!event.cancelable) return;
      event.preventDefault();
      refused("navigation", to);
    });
  }
})("__TOKEN__");

// Notices what a click does that cannot be seen: copying, saving, sound, requests, things that come later.
// "arm" begins anew; "read" gives the signs since. Known to the page by a symbol only.
(what) => {
  const KEY = Symbol.for("agent-judge.hidden");
  const install = () => {
    const signs = new Set();
    let clicking = false, clicked = null, before = ["", ""], rewrote = false, observer = null;
    const later = window.setTimeout.bind(window);
    const note = (sign) => { if (clicked) signs.add(sign); };

    const watch = (owner, names, sign, counts = () => true) => {
      for (const name of names) {
        const original = owner && owner[name];
        if (typeof original !== "function") continue;
        const tell = (self, given) => { if (counts(self, given)) note(sign); };
        owner[name] = new Proxy(original, {
          apply(target, self, given) { tell(self, given); return Reflect.apply(target, self, given); },
          construct(target, given, made) { tell(null, given); return Reflect.construct(target, given, made); },
        });
      }
    };
    // What the driver evaluates in the page meanwhile is not the page's doing.
    const isOurs = (stack) => /eval at evaluate|UtilityScript/.test(stack.replace(/^[^]*?Object\.apply.*$/m, ""));
    const of = (name) => window[name] && window[name].prototype;
    watch(of("Clipboard"), ["write", "writeText", "read", "readText"], "the clipboard");
    watch(document, ["execCommand"], "a command");
    watch(of("HTMLElement"), ["click"], "a file", (element) => {
      return element.matches?.("a[download], a[href^='blob:'], a[href^='data:'], input[type=file]");
    });
    watch(URL, ["createObjectURL"], "a file");
    watch(window, ["showOpenFilePicker", "showSaveFilePicker", "showDirectoryPicker"], "a file");
    watch(of("HTMLInputElement"), ["showPicker"], "a picker");
    watch(of("HTMLSelectElement"), ["showPicker"], "a picker");
    watch(window, ["open", "print", "Notification"], "another window");
    watch(of("Storage"), ["setItem", "removeItem", "clear"], "storage");
    watch(of("IDBObjectStore"), ["put", "add", "delete", "clear"], "storage");
    watch(of("AudioScheduledSourceNode"), ["start", "stop"], "sound");
    watch(of("BaseAudioContext"), ["resume", "createOscillator", "createBufferSource"], "sound");
    watch(of("AudioContext"), ["resume", "suspend"], "sound");
    watch(of("HTMLMediaElement"), ["play", "pause", "load"], "sound");
    watch(of("SpeechSynthesis"), ["speak", "cancel", "pause", "resume"], "sound");
    watch(of("Element"), ["requestFullscreen", "webkitRequestFullscreen", "requestPointerLock"], "the whole screen");
    watch(of("Document"), ["exitFullscreen", "webkitExitFullscreen"], "the whole screen");
    watch(of("Navigator"), ["share", "vibrate", "sendBeacon"], "the device");
    watch(of("Geolocation"), ["getCurrentPosition", "watchPosition"], "the device");
    watch(of("MediaDevices"), ["getUserMedia", "getDisplayMedia"], "the device");
    watch(window, ["fetch", "WebSocket", "EventSource", "Worker"], "a request");
    watch(of("XMLHttpRequest"), ["send"], "a request");
    watch(of("WebSocket"), ["send"], "a request");
    watch(of("Worker"), ["postMessage"], "a request");
    watch(of("HTMLFormElement"), ["submit", "requestSubmit", "reset", "reportValidity"], "the form");
    watch(of("Element"), ["scrollIntoView", "scrollTo", "scrollBy", "scroll"], "scrolling");
    watch(window, ["scrollTo", "scrollBy", "scroll"], "scrolling");
    watch(of("HTMLElement"), ["focus"], "the focus", (element) => element !== clicked);
    watch(window, ["setTimeout", "setInterval"], "what comes later", (_, [, delay]) => {
      return clicking && delay >= 100 && !isOurs(new Error().stack);
    });

    // Taking a screenshot hides the caret by styling the fields: that is us, not the page.
    const ours = (record) => record.type === "attributes" && record.attributeName === "style"
      && record.target.matches("input,textarea,[contenteditable]");
    const OUR_STYLE = / style="(caret-color: transparent !important;)?"/g;

    // All that is kept in the document and beside it, but for the clicked element itself, which lights up.
    // Where that has been replaced, it counts as it was.
    const state = (whole) => {
      const own = whole ? "" : clicked.outerHTML;
      const written = document.documentElement.outerHTML.replace(own, "").replace(OUR_STYLE, "");
      const kept = [written, document.title, location.href];
      for (const read of [() => localStorage, () => sessionStorage]) {
        try { kept.push(JSON.stringify({ ...read() })); } catch { kept.push(""); }
      }
      return kept.join("\n");
    };
    const began = (event) => {
      if (!event.isTrusted) return;
      clicking = true;
      later(() => { clicking = false; });
      if (clicked) return;
      const target = event.composedPath()[0];
      if (!(target instanceof Element)) return;
      clicked = target.closest("button,a,label,summary,[role],[onclick],[tabindex]") || target;
      if (target.closest("a[download], input[type=file], label:has(input[type=file])")) note("a file");
      before = [state(false), state(true)];
      observer = new MutationObserver((records) => {
        rewrote ||= records.some((record) => !ours(record) && !clicked.contains(record.target));
      });
      observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
    };
    window.addEventListener("pointerdown", began, true);
    window.addEventListener("click", began, true);
    window.addEventListener("invalid", () => note("the form"), true);

    return {
      arm() { signs.clear(); observer?.disconnect(); clicked = null; rewrote = false; },
      read() {
        if (clicked && before[+!clicked.isConnected] !== state(!clicked.isConnected)) signs.add("the document");
        if (rewrote) signs.add("writing the same");
        return [...signs];
      },
    };
  };
  if (!window[KEY]) Object.defineProperty(window, KEY, { value: install() });
  return window[KEY][what]();
}

// Runs in every frame before the page's own scripts. Ours run in a world of their own, where the page's names are not
// to be seen; what only the page's own world knows is asked of this, by an event that nobody else knows the name of.
((token) => {
  "use strict";

  // Taken now, since the page may give these names, and what belongs to them, to something else.
  const {
    CustomEvent, Element, EventTarget, Map, Object, Proxy, Reflect, Set, URL, WeakMap, document, visualViewport, window,
  } = globalThis;
  const { apply, construct } = Reflect;
  const method = (owner, name) => { const own = owner[name]; return (self, ...given) => apply(own, self, given); };
  const getter = (owner, name) => {
    const { get } = Object.getOwnPropertyDescriptor(owner, name);
    return (self) => apply(get, self, []);
  };
  const dispatch = method(EventTarget.prototype, "dispatchEvent");
  const listen = method(EventTarget.prototype, "addEventListener");
  const inDocument = method(Document.prototype, "querySelectorAll");
  const inShadow = method(DocumentFragment.prototype, "querySelectorAll");
  const shadowOf = getter(Element.prototype, "shadowRoot");
  const detailOf = getter(CustomEvent.prototype, "detail");
  const isTrusted = (event) => event.isTrusted;
  const pathOf = method(Event.prototype, "composedPath");
  const closest = method(Element.prototype, "closest");
  const matches = method(Element.prototype, "matches");
  const startsWith = method(String.prototype, "startsWith");
  const add = method(Set.prototype, "add"), clear = method(Set.prototype, "clear");
  const each = method(Set.prototype, "forEach"), sizeOf = getter(Set.prototype, "size");
  const removeFrom = method(Set.prototype, "delete");
  const valueIn = method(Map.prototype, "get"), setIn = method(Map.prototype, "set");
  const removeKey = method(Map.prototype, "delete"), countIn = getter(Map.prototype, "size");
  const kept = method(WeakMap.prototype, "get"), keep = method(WeakMap.prototype, "set");
  const keysOf = Object.keys, symbolsOf = Object.getOwnPropertySymbols;
  const later = window.setTimeout.bind(window);

  // --- Which elements have a handler: the places of all that do, in document order, shadow trees where they hang;
  // below zero where it may only listen for what lies within it.

  const HANDLERS = ["onclick", "onmousedown", "onpointerdown", "onmouseup", "ontouchstart", "ondblclick"];
  const LOOKED_AT = 200;
  const has = (kept, names) => {
    for (let index = 0; kept && index < names.length; index += 1) if (kept[names[index]]) return true;
    return false;
  };
  const REACT = ["onClick", "onMouseDown", "onPointerDown", "onMouseUp", "onDoubleClick"];
  const VUE = ["onClick", "onMousedown", "onPointerdown", "onDblclick"];

  // React keeps an element's handlers under a key that is the same for the whole page.
  const findReactKey = (elements) => {
    for (let index = 0; index < elements.length && index < LOOKED_AT; index += 1) {
      const keys = keysOf(elements[index]);
      for (let at = 0; at < keys.length; at += 1) if (startsWith(keys[at], "__reactProps$")) return keys[at];
    }
    return null;
  };
  const keptByVue = (element) => {
    const symbols = symbolsOf(element);
    for (let at = 0; at < symbols.length; at += 1) if (symbols[at].description === "_vei") return element[symbols[at]];
    return element._vei;
  };

  // What elements, the document and the window listen to. Who listens to everything, as React's roots do, only passes
  // it on.
  const LISTENED = ["click", "dblclick", "mousedown", "pointerdown", "touchstart"];
  const PASSES_ON = 20;
  const heard = new WeakMap();  // by target and type, the listeners of either phase
  const hear = (target, type, listener, options) => {
    if (typeof type !== "string" || !listener || (options && (options.once || options.signal))) return;  // Such end, as a drag does.
    let types = kept(heard, target);
    if (!types) keep(heard, target, types = new Map());
    let phases = valueIn(types, type);
    if (!phases) setIn(types, type, phases = { __proto__: null, capturing: new Set(), bubbling: new Set() });
    add(captures(options) ? phases.capturing : phases.bubbling, listener);
  };
  const unhear = (target, type, listener, options) => {
    const types = kept(heard, target), phases = types && valueIn(types, type);
    if (!phases) return;
    removeFrom(captures(options) ? phases.capturing : phases.bubbling, listener);
    if (!sizeOf(phases.capturing) && !sizeOf(phases.bubbling)) removeKey(types, type);
  };
  const captures = (options) => !!(options && typeof options === "object" ? options.capture : options);
  const watchListening = (name, note) => {
    EventTarget.prototype[name] = new Proxy(EventTarget.prototype[name], {
      apply(original, self, given) {
        const told = apply(original, self, given);
        try { note(self || window, given[0], given[1], given[2]); } catch { /* Nothing that can listen. */ }
        return told;
      },
    });
  };
  watchListening("addEventListener", hear);
  watchListening("removeEventListener", unhear);
  const listensToClicks = (target) => {
    const types = kept(heard, target);
    if (!types || countIn(types) > PASSES_ON) return false;
    for (let at = 0; at < LISTENED.length; at += 1) if (valueIn(types, LISTENED[at])) return true;
    return false;
  };

  const isHandled = (element, reactKey) => {
    for (let at = 0; at < HANDLERS.length; at += 1) if (typeof element[HANDLERS[at]] === "function") return true;
    return (reactKey !== null && has(element[reactKey], REACT)) || has(keptByVue(element), VUE);
  };
  const handled = () => {
    const reactKey = findReactKey(inDocument(document, "body *"));
    let told = listensToClicks(document) || listensToClicks(window) ? "everywhere " : "", place = 0;
    const visit = (elements) => {
      for (let index = 0; index < elements.length; index += 1) {
        if (isHandled(elements[index], reactKey)) told += place + " ";
        else if (listensToClicks(elements[index])) told += "-" + place + " ";
        place += 1;
        const shadow = shadowOf(elements[index]);
        if (shadow) visit(inShadow(shadow, "*"));
      }
    };
    visit(inDocument(document, "*"));
    return told;
  };

  // --- What a click asks of the browser: copying, saving, sound, requests, things that come later.

  const signs = new Set();
  let clicking = false, clicked = null, watching = false;
  const note = (sign) => { if (clicked) add(signs, sign); };
  const watch = (owner, names, sign, counts = () => true) => {
    for (let index = 0; index < names.length; index += 1) {
      const original = owner && owner[names[index]];
      if (typeof original !== "function") continue;
      const tell = (self, given) => {
        try { if (counts(self, given)) note(sign); } catch { /* Nothing that it could tell. */ }
      };
      const watched = new Proxy(original, {
        apply(target, self, given) { tell(self, given); return apply(target, self, given); },
        construct(target, given, made) { tell(null, given); return construct(target, given, made); },
      });
      try { owner[names[index]] = watched; } catch { /* It cannot be watched where it is frozen. */ }
    }
  };
  const of = (name) => window[name] && window[name].prototype;
  const watchAll = () => {
    watch(of("Clipboard"), ["write", "writeText", "read", "readText"], "the clipboard");
    watch(document, ["execCommand"], "a command");
    watch(of("HTMLElement"), ["click"], "a file", (element) => {
      return matches(element, "a[download], a[href^='blob:'], a[href^='data:'], input[type=file]");
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
    watch(window, ["setTimeout", "setInterval"], "what comes later", (_, given) => clicking && given[1] >= 100);
  };
  const began = (event) => {
    if (!isTrusted(event)) return;
    clicking = true;
    later(() => { clicking = false; });
    const target = pathOf(event)[0];
    if (clicked || !(target instanceof Element)) return;
    clicked = closest(target, "button,a,label,summary,[role],[onclick],[tabindex]") || target;
  };
  const arm = () => {
    if (!watching) watchAll();
    watching = true;
    clear(signs);
    clicked = null;
    listen(window, "pointerdown", began, true);
    listen(window, "click", began, true);
    return "";
  };
  const read = () => {
    let told = "";
    each(signs, (sign) => { told += sign + "\n"; });
    return told;
  };

  const answer = (what) => {
    if (what === "handled") return handled();
    return what === "arm" ? arm() : read();
  };
  listen(visualViewport, token, (event) => {
    dispatch(visualViewport, new CustomEvent(token + "-told", { detail: answer(detailOf(event)) }));
  });
})("__TOKEN__");

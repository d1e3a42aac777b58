// Tells what a person does on the page, event by event: `send` is called with plain data. Listens before the page's
// own handlers do, so that an element is described as it was when it was used, even if it is gone afterwards.
const DRAG_PIXELS = 8, SCROLL_MS = 600;
const MODIFIERS = ["Shift", "Control", "Alt", "Meta", "CapsLock", "AltGraph", "Dead", "Process", "Unidentified"];
const SCROLL_KEYS = ["PageDown", "PageUp", "Home", "End", "ArrowDown", "ArrowUp", "ArrowLeft", "ArrowRight", " "];
const CARET_KEYS = ["ArrowLeft", "ArrowRight", "Home", "End", "Backspace", "Delete", "PageUp", "PageDown"];
const CLIPBOARD = ["a", "c", "v", "x", "y", "z"];

const tell = (type, more) => send({ type, time: Date.now(), ...more });
const listen = (type, heard) => window.addEventListener(type, (event) => {
  if (event.isTrusted) heard(event, event.composedPath()[0]);
}, { capture: true, passive: true });
const elementOf = (inner) => (inner instanceof Element ? inner : inner?.parentElement ?? document.body);

let down = null; // the press of the pointer that is under way
let dragged = null, over = null; // the element that is dragged, and what it is over
let key = { element: null, at: 0 }, wheelAt = 0;
const held = new Map(); // keys that are down, with the time since when
const sizes = new WeakMap(); // how far a thing was scrolled

// --- Pointer ---

listen("pointerdown", (event, inner) => {
  const element = meant(elementOf(inner));
  down = { element, seen: seen(element), x: event.clientX, y: event.clientY, at: placeIn(element, event.clientX, event.clientY),
    button: event.button };
});

listen("pointerup", (event) => {
  const press = down;
  if (!press || press.button !== 0) return;
  const moved = Math.hypot(event.clientX - press.x, event.clientY - press.y) >= DRAG_PIXELS;
  if (moved && isDrag(press.element)) {
    down = { ...press, dragged: true };
    tell("drag", { ...press.seen, at: press.at, ...endOf(press.element, event.clientX, event.clientY) });
  } else if (!press.element.isConnected) {
    tell("click", { ...press.seen, at: press.at }); // It went away at once: there will be no click event.
  }
});

/** A stroke over text selects it, over a field moves the caret or the handle: neither is a drag. */
const isDrag = (element) => !isPage(element) && !["text", "value", "choice"].includes(takes(element))
  && (takes(element) === "strokes" || getSelection().isCollapsed);

const endOf = (element, x, y) => {
  const under = document.elementsFromPoint(x, y).find((one) => !element.contains(one));
  const inside = placeIn(element, x, y);
  const box = element.getBoundingClientRect();
  const within = takes(element) === "strokes" && x >= box.x && x <= box.right && y >= box.y && y <= box.bottom;
  if (within || isPage(under)) return { to: null, to_at: inside };
  return { to: targetOf(under), to_at: placeIn(under, x, y) };
};

listen("dragstart", (event, inner) => {
  const element = elementOf(inner).closest("[draggable=true]") ?? meant(elementOf(inner));
  dragged = { element, seen: seen(element), at: placeIn(element, down?.x ?? event.clientX, down?.y ?? event.clientY) };
  over = null;
  down = null;
});
listen("dragover", (event, inner) => {
  over = { inner: elementOf(inner), x: event.clientX, y: event.clientY };
});
listen("drop", () => {
  if (!dragged || !over) return;
  const { inner, x, y } = over;
  tell("drag", { ...dragged.seen, at: dragged.at, to: targetOf(inner), to_at: placeIn(inner, x, y) });
  dragged = null;
});

listen("click", (event, inner) => {
  const element = meant(elementOf(inner));
  const press = down;
  down = null;
  if (isPage(element) || press?.dragged) return;
  if (event.detail === 0) {
    // A key did it, or the browser on behalf of another element: a form that is sent, a label.
    if (key.element && key.element.contains(element)) tell("click", { ...seen(element), by_key: true, ...tickOf(element) });
    return;
  }
  const same = press && (press.element === element || element.contains(press.element));
  const known = same ? press : { seen: seen(element), at: placeIn(element, event.clientX, event.clientY) };
  tell("click", { ...known.seen, at: known.at, ...tickOf(element) });
});
listen("dblclick", (_, inner) => tell("dblclick", seen(meant(elementOf(inner)))));

/** Whether a click ticks or unticks something that is not the browser's own. */
const tickOf = (element) => {
  const role = element.getAttribute("role");
  if (role === "radio") return { tick: true };
  return ["checkbox", "switch", "menuitemcheckbox"].includes(role) ? { tick: element.getAttribute("aria-checked") !== "true" } : {};
};

// --- Fields ---

listen("input", (_, inner) => {
  const element = elementOf(inner);
  const field = element.isContentEditable ? editor(element) : element;
  if (!["text", "value"].includes(takes(field))) return;
  const value = field.isContentEditable ? field.innerText : field.value;
  tell("fill", { ...seen(field), value: isSecret(field) ? "•".repeat(value.length) : value, secret: isSecret(field) });
});

const editor = (element) => {
  let outermost = element;
  while (outermost.parentElement?.isContentEditable) outermost = outermost.parentElement;
  return outermost;
};

listen("change", (_, inner) => {
  const element = elementOf(inner);
  const kind = takes(element);
  const known = () => seen(element.labels?.length ? element.labels[0] : element);
  if (kind === "choice") {
    tell("select", { ...seen(element), values: [...element.selectedOptions].map((option) => clean(option.label || option.text)) });
  } else if (kind === "tick") {
    tell("tick", { ...known(), tick: element.checked });
  } else if (kind === "files") {
    tell("upload", { ...seen(element), files: [...element.files].map((file) => file.name) });
  }
});

// --- Keys ---

const hasCanvas = () => [...document.querySelectorAll("canvas")].some((one) => one.clientWidth > 99 && one.clientHeight > 99);

listen("keydown", (event, inner) => {
  const element = elementOf(inner);
  key = { element, at: Date.now() };
  if (event.repeat || MODIFIERS.includes(event.key) || event.isComposing) return;
  const kind = isPage(element) ? "nothing" : takes(element);
  if (belongsToField(event, element, kind)) return;
  held.set(event.code, Date.now());
  tell("keydown", { key: event.key, code: event.code, modifiers: modifiersOf(event), game: isPlay(element, kind),
    ...(isPage(element) ? {} : seen(element)) });
});

listen("keyup", (event) => {
  const since = held.get(event.code);
  if (since === undefined) return;
  held.delete(event.code);
  tell("keyup", { code: event.code, hold: Date.now() - since });
});

/** A game is played by holding keys: on a canvas, or on a page that shows one. */
const isPlay = (element, kind) => kind === "strokes" || (isPage(element) || kind === "nothing") && hasCanvas();

const modifiersOf = (event) => [event.ctrlKey && "Control", event.altKey && "Alt", event.metaKey && "Meta",
  event.shiftKey && event.key.length > 1 && "Shift"].filter(Boolean);

/** Keys that change what is in a field are told by its value. */
const belongsToField = (event, element, kind) => {
  if (kind === "choice" || kind === "value") return event.key !== "Enter" && event.key !== "Escape" && event.key !== "Tab";
  if (kind === "tick") return event.key === " " || event.key.startsWith("Arrow");
  if (kind !== "text") return false;
  const chord = event.ctrlKey || event.metaKey;
  if (chord) return CLIPBOARD.includes(event.key.toLowerCase()) || CARET_KEYS.includes(event.key);
  const steps = ["number", "date", "time", "month", "week", "datetime-local"].includes(element.type);
  return event.key.length === 1 || CARET_KEYS.includes(event.key) || steps && event.key.startsWith("Arrow");
};

// --- Page ---

listen("wheel", () => { wheelAt = Date.now(); });
listen("scroll", (_, inner) => {
  const whole = inner === document;
  const element = whole ? document.scrollingElement : elementOf(inner);
  const [x, y] = sizes.get(element) ?? [0, 0];
  sizes.set(element, [element.scrollLeft, element.scrollTop]);
  const byKey = SCROLL_KEYS.some((one) => one === lastPressed) && Date.now() - key.at < SCROLL_MS;
  if (Date.now() - wheelAt > SCROLL_MS && !byKey && !down?.scrolls) return; // The page did it, not the person.
  const by = [element.scrollLeft - x, element.scrollTop - y];
  tell("scroll", { by, position: [element.scrollLeft, element.scrollTop], by_key: byKey, ...(whole ? {} : seen(element)) });
});
let lastPressed = "";
listen("keydown", (event) => {
  lastPressed = event.key;
  down = null;
});
listen("pointerdown", (event, inner) => {
  const element = elementOf(inner); // On a scroll bar the pointer is beside the content.
  const scrolls = isPage(element) || /auto|scroll/.test(getComputedStyle(element).overflow);
  if (down) down.scrolls = scrolls && (event.offsetX > element.clientWidth || event.offsetY > element.clientHeight);
});
for (const type of ["pointerdown", "keydown", "focus"]) listen(type, () => { wheelAt = 0; }); // It may scroll there by itself.
listen("resize", () => tell("resize", { width: innerWidth, height: innerHeight }));

const arrival = performance.getEntriesByType("navigation")[0]?.type ?? "navigate";
if (window === window.top || standalone) {
  tell("load", { url: location.pathname + location.search + location.hash, arrival, width: innerWidth, height: innerHeight });
}

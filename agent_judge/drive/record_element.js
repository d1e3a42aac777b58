// What a recorder knows about an element at the moment it is used. `agentJudgeNames` stands before this.
const LONGEST = 100;
const CONTROLS = "button,a[href],input,select,textarea,summary,option,canvas,[contenteditable=''],[contenteditable=true],"
  + "[role=button],[role=link],[role=checkbox],[role=radio],[role=switch],[role=tab],[role=menuitem],[role=option],"
  + "[role=menuitemcheckbox],[role=menuitemradio],[role=combobox],[role=textbox],[role=slider],[role=gridcell],"
  + "[role=treeitem],[onclick]";
const ENTRIES = "li,tr,article,[role=listitem],[role=row],[role=article]";
const NOT_TYPED = ["checkbox", "radio", "button", "submit", "reset", "image", "file", "range", "color"];
const WORD = /\p{L}{2}/u;
const MOST_TWINS = 20, MOST_TEXTS = 60;
const SECRET = /password|cc-|one-time-code/;

const clean = (text) => (text || "").replace(/\s+/g, " ").trim();
const cut = (text) => clean(text).slice(0, LONGEST);
const keys = new WeakMap();
let lastKey = 0;

/** A number that stays with an element as long as the page lives. */
const keyOf = (element) => {
  if (!keys.has(element)) keys.set(element, ++lastKey);
  return keys.get(element);
};

const isSecret = (element) => element.type === "password" || SECRET.test(element.getAttribute("autocomplete") || "");

/** What an element takes: text, a choice from a list, a tick, files, strokes, or nothing but a click. */
const takes = (element) => {
  const name = element.localName;
  if (name === "textarea" || element.isContentEditable) return "text";
  if (name === "select") return "choice";
  if (name === "canvas") return "strokes";
  if (name !== "input") return "nothing";
  if (element.type === "checkbox" || element.type === "radio") return "tick";
  if (element.type === "file") return "files";
  if (element.type === "range" || element.type === "color") return "value";
  return NOT_TYPED.includes(element.type) ? "nothing" : "text";
};

/** The element that a person means who points at `inner`: the control that it is part of. */
const meant = (inner) => {
  let pointed = null;
  for (let one = inner; one && one !== document.body && one !== document.documentElement; one = above(one)) {
    if (one.matches(CONTROLS)) return one;
    if (one.localName === "label" && one.control) return one;
    if (getComputedStyle(one).cursor === "pointer") pointed = one;
    else if (pointed) return pointed;
  }
  if (pointed) return pointed;
  return inner.ownerSVGElement || inner;
};

const above = (element) => element.parentElement || (element.getRootNode().host ?? null);

const roleOf = (element) => {
  if (element.localName === "canvas") return element.getAttribute("role") || "canvas";
  if (element.isContentEditable && !element.hasAttribute("role")) return "textbox";
  const role = agentJudgeNames.getRole(element);
  return role || (element.localName === "input" && element.type !== "hidden" ? "textbox" : "");
};

const nameOf = (element) => {
  try {
    return cut(agentJudgeNames.computeAccessibleName(element));
  } catch {
    return ""; // A style sheet that cannot be computed says nothing.
  }
};

/** The text of the row, card or group that the element belongs to: the first that tells it from its twins. */
const nearOf = (element) => {
  const own = clean(element.innerText);
  for (let one = element.parentElement; one && one !== document.body; one = one.parentElement) {
    const text = clean(one.innerText);
    if (!isEntry(one) || text === own) continue;
    const lines = textsIn(one).filter((part) => part !== own && /\p{L}/u.test(part));
    const others = new Set(lines.length > 1 ? twinsOf(one).flatMap(textsIn) : []);
    const unique = lines.filter((part) => !others.has(part));
    const line = unique.find((part) => WORD.test(part)) || unique[0] || lines.find((part) => WORD.test(part)) || lines[0];
    const fields = [...one.querySelectorAll("input:not([type=checkbox]):not([type=radio]):not([type=password]),textarea")];
    return cut(line || fields.filter((field) => field !== element).map((field) => field.value).find(Boolean));
  }
  return "";
};

/** What is read in an entry, its buttons and lists of choices aside. */
const textsIn = (entry) => {
  const texts = [];
  const walker = document.createTreeWalker(entry, NodeFilter.SHOW_TEXT);
  while (texts.length < MOST_TEXTS && walker.nextNode()) {
    const parent = walker.currentNode.parentElement;
    if (parent.closest("button,[role=button],select,textarea,script,style") || !parent.getClientRects().length) continue;
    const text = clean(walker.currentNode.data);
    if (text) texts.push(text);
  }
  return texts;
};

const isEntry = (element) => element.matches(ENTRIES) || (element.children.length > 1 && twinsOf(element).length > 0);

/** The elements beside an element that are built like it, the nearest: other entries of its list. */
const twinsOf = (element) => {
  const first = (one) => (one.getAttribute("class") || "").split(" ")[0];
  const listed = element.matches(ENTRIES);
  const like = (other) => other.localName === element.localName && (listed || first(other) === first(element));
  const twins = [];
  let before = element.previousElementSibling, after = element.nextElementSibling;
  for (let looked = 0; (before || after) && twins.length < MOST_TWINS && looked < MOST_TEXTS; looked += 1) {
    for (const other of [before, after]) if (other && like(other)) twins.push(other);
    before = before?.previousElementSibling;
    after = after?.nextElementSibling;
  }
  return twins;
};

const selectorsOf = (element) => {
  const unique = (selector) => {
    try {
      return element.getRootNode().querySelectorAll(selector).length === 1;
    } catch {
      return false;
    }
  };
  const selectors = [];
  const id = `${element.localName === "canvas" ? "canvas" : ""}#${CSS.escape(element.id)}`; // A canvas has no name in its id.
  if (element.id && unique(id)) selectors.push(id);
  const classes = [...element.classList].map((name) => `.${CSS.escape(name)}`).join("");
  if (classes && unique(classes)) selectors.push(classes);
  const parts = [];
  for (let one = element; one && one !== document.documentElement; one = one.parentElement) {
    const siblings = [...(one.parentElement ?? one.getRootNode()).children];
    parts.unshift(`${one.localName}:nth-child(${siblings.indexOf(one) + 1})`);
  }
  return [...selectors, ["html", ...parts].join(" > ")];
};

/** A Target in the words of a scenario. */
const targetOf = (element) => {
  const box = element.getBoundingClientRect();
  const holdsValue = element.matches("input,select,textarea") || element.isContentEditable;
  const test = ["data-testid", "data-test-id", "data-test", "data-cy"].map((name) => element.getAttribute(name));
  return {
    role: roleOf(element), name: nameOf(element),
    label: element.labels && element.labels.length ? cut(element.labels[0].innerText) : "",
    placeholder: cut(element.getAttribute("placeholder")),
    text: holdsValue ? "" : cut(element.innerText), near: nearOf(element),
    test_id: test.find(Boolean) || "", title: cut(element.getAttribute("title")), selectors: selectorsOf(element),
    box: { x: Math.round(box.x), y: Math.round(box.y), width: Math.round(box.width), height: Math.round(box.height) },
  };
};

/** An element as events speak of it. */
const seen = (element) => {
  const control = element.localName === "label" ? element.control : null;
  return {
    element: keyOf(control || element), takes: takes(control || element),
    target: targetOf(control && takes(control) !== "nothing" ? visible(control, element) : element),
  };
};

/** A control behind its label is named as itself, unless it cannot be seen: then the label is what was used. */
const visible = (control, label) => {
  const box = control.getBoundingClientRect();
  return box.width && box.height ? control : label;
};

/** A place inside an element, as shares of its size. */
const placeIn = (element, x, y) => {
  const box = element.getBoundingClientRect();
  const share = (value, size) => Math.min(1, Math.max(0, size ? Math.round((value / size) * 10000) / 10000 : 0.5));
  return { x: share(x - box.x, box.width), y: share(y - box.y, box.height) };
};

/** What lies at a point of the viewport, through open shadow roots; nothing but the page itself is `null`. */
const elementAt = (x, y) => {
  let found = document.elementFromPoint(x, y);
  while (found?.shadowRoot?.elementFromPoint(x, y) && found.shadowRoot.elementFromPoint(x, y) !== found) {
    found = found.shadowRoot.elementFromPoint(x, y);
  }
  return found;
};

const isPage = (element) => !element || element === document.body || element === document.documentElement;

const at = (x, y) => {
  const inner = elementAt(x, y);
  if (isPage(inner)) return null;
  const element = meant(inner);
  return { ...seen(element), at: placeIn(element, x, y) };
};

const focused = () => {
  let element = document.activeElement;
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  return isPage(element) ? null : { ...seen(element), at: null };
};

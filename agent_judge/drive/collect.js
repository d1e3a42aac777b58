// Lists the elements of a document that a person could act on, with what names them besides their
// accessible name. `wanted` are texts (normalised) whose elements are listed too, whatever they are;
// `selectors` are tried in their order. Elements stay in our own world; the answer refers to them by index.
({ wanted, selectors }) => {
  const ACTIVE = "a[href],button,input,select,textarea,summary,canvas,label,video,audio,[role],[tabindex],[onclick],"
    + "[contenteditable],[draggable=true],[data-testid],[data-test],[data-test-id],[data-cy]";
  const OWN = "a[href],button,input,select,textarea,summary,label,option,[role=button],[role=link],[role=tab],[role=checkbox]";
  const clean = (text) => (text || "").replace(/\s+/g, " ").trim();
  const fold = (text) => clean(text).toLowerCase();

  // What the page's own world alone knows: the places of the elements that have handlers, and whether clicks are
  // listened to everywhere.
  const own = globalThis[Symbol.for("agent-judge")];
  const told = own.askPage("handled").split(" ").filter(Boolean);
  const everywhere = told.includes("everywhere");
  const handled = new Set(told.filter((one) => !one.startsWith("-")).map(Number));
  const listening = new Set(told.filter((one) => one.startsWith("-")).map((one) => Number(one.slice(1))));

  // One listener may serve all that lies within an element: entries, commands and keys are told apart there by what
  // they carry in data attributes, or by being one of several alike.
  const COMMANDS = /^(action|act|cmd|command|do|op|fn|go|nav|to|tab|view|page|filter|sort|toggle|open|close|add|remove|del|delete|edit|save|tool|mode|key|id|value)$/;
  const KEYS = /^(id|key|value)$/;
  const NOTHING_TOLD = /^(v-|testid$|test$|test-id$|cy$|state$|slot$|orientation$|theme$|radix|headlessui|react|align$|side$)/;
  const ALIKE = new Set(["li", "tr", "td", "article", "option"]);
  const carries = (element, all) => element.getAttributeNames().some((attribute) => attribute.startsWith("data-")
    && element.getAttribute(attribute) !== ""
    && (all ? !NOTHING_TOLD.test(attribute.slice(5)) : COMMANDS.test(attribute.slice(5))));
  const server = new Map();  // which element listens for it, or null
  const served = new Map();  // how many parts an element listens for
  const serves = (element, listens, isOwn) => {
    const parent = element.parentElement, above = parent ? server.get(parent) : null;
    const isPage = element === document.body || element === document.documentElement;
    if (isOwn) { server.set(element, null); return false; }
    if (listens && !isPage) { server.set(element, element); return false; }
    if (isPage) { server.set(element, everywhere || listens || above === document ? document : null); return false; }
    server.set(element, above || null);
    if (!above) return false;
    const one = above === document ? carries(element, false) : carries(element, true)
      || (ALIKE.has(element.localName) && parent.children.length > 1 && (parent === above || parent.parentElement === above));
    if (!one) return false;
    server.set(element, null);
    served.set(above, (served.get(above) || 0) + 1);
    return true;
  };

  const ownText = (element) => {
    let text = "";
    for (const child of element.childNodes) if (child.nodeType === 3) text += child.nodeValue;
    return clean(text);
  };
  // What data attributes say in a word, and the function that a handler in the markup calls.
  const ICONS = /^(i|icon|ic|name|lucide|feather|fa|glyph|symbol|svg|img|prefix)$/;
  const dataOf = (element, itself) => element.getAttributeNames()
    .filter((attribute) => attribute.startsWith("data-") && (ICONS.test(attribute.slice(5))
      || (itself && COMMANDS.test(attribute.slice(5)) && !KEYS.test(attribute.slice(5)))))
    .map((attribute) => element.getAttribute(attribute)).filter((value) => /^[a-z][\w-]{0,23}$/i.test(value));
  const called = (element) => {
    const told = element.getAttribute("onclick") || element.getAttribute("onmousedown") || "";
    return (/^(?:event\.\w+\(\);?\s*)?(?:return\s+)?(?:\w+\.)*([a-z_$][\w$]*)\(/i.exec(told.trim()) || ["", ""])[1];
  };
  // The frame of a field that says nothing itself, with the icon in it.
  const adorned = (element) => {
    const frame = element.parentElement;
    const plain = element.matches("input:not([type=checkbox]):not([type=radio]),textarea") && !element.placeholder
      && !(element.labels && element.labels.length) && frame && frame.children.length <= 4 && !clean(frame.textContent)
      && frame.querySelectorAll("input,textarea,select").length === 1;
    return plain ? [frame, ...frame.querySelectorAll("svg,use,i,span")] : [];
  };
  const drawn = (element) => {
    const words = [element.getAttribute("name") || "", element.getAttribute("autocomplete") || "", called(element)];
    const inner = element.firstElementChild ? [...element.querySelectorAll("svg,use,img,i,span,path,title")] : adorned(element);
    for (const part of [element, ...inner.slice(0, 7)]) {
      const classes = typeof part.className === "string" ? part.className : part.getAttribute("class") || "";
      words.push(classes, part.getAttribute("id") || "", ...dataOf(part, part === element), part.getAttribute("href") || part.getAttribute("xlink:href") || "",
        part.localName === "img" ? (part.getAttribute("src") || "").slice(0, 80).split("/").pop() : "");
    }
    return clean(words.filter((word) => word && !word.startsWith("http")).join(" ")).slice(0, 200);
  };
  // What is read in an element, without style sheets and the choices of lists.
  const readIn = (element) => {
    const plain = !element.firstElementChild || !element.querySelector("style,script,select,textarea");
    if (plain) return clean(element.textContent);
    const texts = [];
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      if (!walker.currentNode.parentElement.closest("style,script,select,textarea")) texts.push(walker.currentNode.data);
    }
    return clean(texts.join(" "));
  };
  const titled = (element) => {
    const inside = element.firstElementChild && element.querySelector("svg > title, [title], [aria-label], img[alt]");
    return clean(element.getAttribute("title") || element.getAttribute("aria-label") || element.getAttribute("alt")
      || (inside && (inside.getAttribute("title") || inside.getAttribute("aria-label") || inside.getAttribute("alt")
        || (inside.localName === "title" ? inside.textContent : ""))));
  };

  // The colour that a swatch offers: what it stands for, or else what it is painted with.
  const offered = (element, style, box, text) => {
    if (text || box.width > 80 || box.height > 80) return "";
    const told = [element.getAttribute("value"), ...Object.values(element.dataset ?? {})];
    const said = told.find((value) => value && (/^#[0-9a-f]{3,8}$/i.test(value) || /^(rgb|hsl)a?\(/i.test(value)));
    const painted = style.backgroundColor;
    return said || (painted && painted !== "rgba(0, 0, 0, 0)" && element.childElementCount === 0 ? painted : "");
  };
  // The methods that a form control or a picture of their name would hide.
  const elementAt = (x, y) => Document.prototype.elementFromPoint.call(document, x, y);
  const corners = [[1, 1], [innerWidth - 2, 1], [1, innerHeight - 2], [innerWidth - 2, innerHeight - 2]];
  // What fills the whole page at a point, or the dialog there.
  const coverAt = (x, y, positions, dialog) => {
    for (let one = elementAt(x, y); one && one !== document.body; one = one.parentElement) {
      const box = one.getBoundingClientRect();
      const fills = box.x <= 0 && box.y <= 0 && box.right >= innerWidth && box.bottom >= innerHeight;
      if (one === dialog || (fills && positions.includes(getComputedStyle(one).position))) return one;
    }
    return null;
  };
  // What covers the whole page, as the backdrop of a dialog does that is built of plain elements.
  const covers = corners.map(([x, y]) => coverAt(x, y, ["fixed", "absolute"]));
  const cover = covers.every((one) => one === covers[0]) ? covers[0] : null;
  const isInside = (element) => {
    for (let one = element; one; one = one.getRootNode().host) if (cover.contains(one)) return true;
    return false;
  };
  const isFixed = (element) => {
    for (let one = element; one; one = one.parentElement) if (getComputedStyle(one).position === "fixed") return true;
    return false;
  };
  // Whether the cover is hit where an element outside of it is; nothing where that is out of sight.
  const isBehind = (element, box) => {
    if (isInside(element)) return false;
    const hit = elementAt(box.x + box.width / 2, box.y + box.height / 2);
    return hit ? cover.contains(hit) : isFixed(element) ? false : null;
  };
  // Whether an open dialog keeps everything else from being used.
  const isModal = () => {
    const open = [...document.querySelectorAll("dialog[open],[role=dialog],[role=alertdialog]")]
      .filter((dialog) => dialog.getClientRects().length);
    return open.some((dialog) => dialog.matches(":modal") || dialog.getAttribute("aria-modal") === "true"
      || corners.every(([x, y]) => coverAt(x, y, ["fixed"], dialog)));
  };

  // What the accessibility snapshot tells in full need not be told again.
  const saysAll = (element, name, text) => (name === "button" || (name === "a" && element.hasAttribute("href")))
    && text.length > 2
    && !element.hasAttribute("title") && !element.hasAttribute("id") && !Object.keys(element.dataset).length && !element.hasAttribute("role");

  const elements = [], rows = [];
  const cursors = new Map();
  const selected = new Map();
  const fits = new Set(wanted.map(fold).filter(Boolean));
  let place = 0;
  const visit = (root) => {
    selectors.forEach((selector, rank) => {
      try {
        for (const element of root.querySelectorAll(selector)) if (!selected.has(element)) selected.set(element, rank);
      } catch { /* A selector that this browser does not know selects nothing. */ }
    });
    for (const element of root.querySelectorAll("*")) {
      try { consider(element, place); } catch { /* An element whose own controls hide its methods costs only itself. */ }
      place += 1;
      if (element.shadowRoot) visit(element.shadowRoot);
    }
  };
  const consider = (element, place) => {
    const name = element.localName;
    if (name === "script" || name === "style" || element.ownerSVGElement) return;
    const style = getComputedStyle(element);
    cursors.set(element, style.cursor);
    const pointer = style.cursor === "pointer" && cursors.get(element.parentElement) !== "pointer";
    const active = element.matches(ACTIVE);
    const isOwn = pointer || element.matches(OWN);
    const part = serves(element, handled.has(place) || listening.has(place), isOwn);
    const likely = !handled.has(place) && !isOwn && (part || listening.has(place));
    const handler = (handled.has(place) || likely) && element !== document.body && element !== document.documentElement;
    const text = ownText(element);
    if (!(active || pointer || handler || selected.has(element) || fits.has(fold(text)) || name === "svg")) return;
    if (!cover && saysAll(element, name, text) && !selected.has(element)) return;
    const box = element.getBoundingClientRect();
    if (!box.width || !box.height || style.visibility === "hidden" || style.pointerEvents === "none") return;
    rows.push({
      index: elements.length, tag: name, type: element.getAttribute("type") || "",
      role: element.getAttribute("role") || "",
      box: [Math.round(box.x), Math.round(box.y), Math.round(box.width), Math.round(box.height)],
      text: readIn(element).slice(0, 120), own: text.slice(0, 120), title: titled(element),
      label: clean(element.getAttribute("aria-label")
        || (element.labels && element.labels.length ? readIn(element.labels[0]) : "")).slice(0, 120),
      placeholder: element.getAttribute("placeholder") || element.getAttribute("aria-placeholder")
        || element.getAttribute("data-placeholder") || "",
      test_id: element.getAttribute("data-testid") || element.getAttribute("data-test")
        || element.getAttribute("data-test-id") || element.getAttribute("data-cy") || "",
      drawn: drawn(element), colour: offered(element, style, box, text), pointer, handler, likely,
      editable: !!element.isContentEditable,
      behind: cover ? isBehind(element, box) : false,
      disabled: !!element.disabled, draggable: !!element.draggable && name !== "a" && name !== "img",
      selector: selected.has(element) ? selected.get(element) : -1,
    });
    elements.push(element);
  };
  visit(document);
  const hidesSome = rows.some((row) => row.behind);
  rows.forEach((row, number) => {
    // What is out of sight lies behind, too, where anything does.
    row.behind = row.behind ?? hidesSome;
    // What only listens for its parts is nothing to click itself.
    if (row.likely && served.get(elements[number]) > 1 && elements[number].localName !== "canvas") row.handler = false;
  });
  // The names once, and not with every row.
  const names = Object.keys(rows[0] ?? {});
  return JSON.stringify({ names, rows: rows.map(Object.values), modal: isModal(), kept: own.keep(elements) });
}

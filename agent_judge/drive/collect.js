// Lists the elements of a document that a person could act on, with what names them besides their
// accessible name. `wanted` are texts (normalised) whose elements are listed too, whatever they are;
// `selectors` are tried in their order. Elements stay in our own world; the answer refers to them by index.
({ wanted, selectors }) => {
  const ACTIVE = "a[href],button,input,select,textarea,summary,canvas,label,video,audio,[role],[tabindex],[onclick],"
    + "[contenteditable],[draggable=true],[data-testid],[data-test],[data-test-id],[data-cy]";
  const clean = (text) => (text || "").replace(/\s+/g, " ").trim();
  const fold = (text) => clean(text).toLowerCase();

  // What the page's own world alone knows: the places of the elements that have handlers.
  const own = globalThis[Symbol.for("agent-judge")];
  const handled = new Set(own.askPage("handled").split(" ").filter(Boolean).map(Number));

  const ownText = (element) => {
    let text = "";
    for (const child of element.childNodes) if (child.nodeType === 3) text += child.nodeValue;
    return clean(text);
  };
  const drawn = (element) => {
    const words = [element.getAttribute("name") || "", element.getAttribute("autocomplete") || ""];
    const inner = element.firstElementChild ? element.querySelectorAll("svg,use,img,i,span,path,title") : [];
    for (const part of [element, ...[...inner].slice(0, 7)]) {
      const classes = typeof part.className === "string" ? part.className : part.getAttribute("class") || "";
      words.push(classes, part.getAttribute("id") || "", part.getAttribute("data-icon") || "", part.getAttribute("data-lucide") || "",
        part.getAttribute("data-action") || "", part.getAttribute("href") || part.getAttribute("xlink:href") || "",
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
    const told = [element.getAttribute("value"), ...Object.values(element.dataset)];
    const said = told.find((value) => value && (/^#[0-9a-f]{3,8}$/i.test(value) || /^(rgb|hsl)a?\(/i.test(value)));
    const painted = style.backgroundColor;
    return said || (painted && painted !== "rgba(0, 0, 0, 0)" && element.childElementCount === 0 ? painted : "");
  };
  // Whether an open dialog keeps everything else from being used.
  const isModal = () => {
    const open = [...document.querySelectorAll("dialog[open],[role=dialog],[role=alertdialog]")]
      .filter((dialog) => dialog.getClientRects().length);
    const covers = (x, y, dialog) => {
      for (let one = document.elementFromPoint(x, y); one && one !== document.body; one = one.parentElement) {
        const box = one.getBoundingClientRect();
        const fills = box.width >= innerWidth && box.height >= innerHeight;
        if (one === dialog || (fills && getComputedStyle(one).position === "fixed")) return true;
      }
      return false;
    };
    const corners = [[1, 1], [innerWidth - 2, 1], [1, innerHeight - 2], [innerWidth - 2, innerHeight - 2]];
    return open.some((dialog) => dialog.matches(":modal") || dialog.getAttribute("aria-modal") === "true"
      || corners.every(([x, y]) => covers(x, y, dialog)));
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
      consider(element, place);
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
    const handler = handled.has(place);
    const text = ownText(element);
    if (!(active || pointer || handler || selected.has(element) || fits.has(fold(text)) || name === "svg")) return;
    if (saysAll(element, name, text) && !selected.has(element)) return;
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
      drawn: drawn(element), colour: offered(element, style, box, text), pointer, handler,
      editable: !!element.isContentEditable,
      disabled: !!element.disabled, draggable: !!element.draggable && name !== "a" && name !== "img",
      selector: selected.has(element) ? selected.get(element) : -1,
    });
    elements.push(element);
  };
  visit(document);
  return JSON.stringify({ rows, modal: isModal(), kept: own.keep(elements) });
}

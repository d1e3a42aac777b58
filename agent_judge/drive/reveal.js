// The elements over which the pointer brings something to sight that cannot be used now, by the style sheets.
(limit) => {
  const own = globalThis[Symbol.for("agent-judge")];
  const shows = (style) => (style.display && style.display !== "none") || style.visibility === "visible"
    || (style.pointerEvents && style.pointerEvents !== "none");
  const selectors = new Set();
  const read = (rules) => {
    for (const rule of rules) {
      if (rule.selectorText?.includes(":hover") && shows(rule.style)) selectors.add(rule.selectorText.replaceAll(":hover", ""));
      if (rule.cssRules?.length) read(rule.cssRules);
    }
  };
  const ofDocument = (name) => Object.getOwnPropertyDescriptor(Document.prototype, name).get.call(document);
  for (const sheet of [...ofDocument("styleSheets"), ...document.adoptedStyleSheets]) {
    try { read(sheet.cssRules); } catch { /* A sheet of another origin tells nothing. */ }
  }
  const isUsable = (element) => {
    const style = getComputedStyle(element);
    return element.getClientRects().length > 0 && style.visibility !== "hidden" && style.pointerEvents !== "none";
  };
  const places = new Set();
  for (const selector of selectors) {
    let found = [];
    try { found = document.querySelectorAll(selector); } catch { /* Without ":hover" it is no selector. */ }
    for (const element of found) {
      if (isUsable(element)) continue;
      let place = element.parentElement;
      while (place && place !== document.body && !isUsable(place)) place = place.parentElement;
      if (place && place !== document.body) places.add(place);
    }
  }
  const elements = [...places].slice(0, limit);
  const texts = elements.map((element) => (element.innerText || "").replace(/\s+/g, " ").trim().slice(0, 300));
  return JSON.stringify({ texts, kept: own.keep(elements) });
}

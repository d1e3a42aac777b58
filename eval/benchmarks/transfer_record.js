// What a recorder knows about an element at the moment it is used, besides role and accessible name.
(element) => {
  const clean = (text) => (text || "").replace(/\s+/g, " ").trim();
  const unique = (selector) => {
    try { return document.querySelectorAll(selector).length === 1; } catch { return false; }
  };
  const path = () => {
    const parts = [];
    for (let one = element; one && one !== document.documentElement; one = one.parentElement) {
      parts.unshift(`${one.localName}:nth-child(${[...one.parentElement.children].indexOf(one) + 1})`);
    }
    return ["html", ...parts].join(" > ");
  };
  const selectors = [];
  if (element.id) selectors.push(`#${CSS.escape(element.id)}`);
  const classes = [...element.classList].map((name) => `.${CSS.escape(name)}`).join("");
  if (classes && unique(classes)) selectors.push(classes);
  selectors.push(path());

  const own = clean(element.innerText);
  const rowOf = () => {
    for (let one = element.parentElement; one && one !== document.body; one = one.parentElement) {
      const entry = one.matches("li,tr,article,[role=listitem],[role=row],[role=article]");
      const twins = one.parentElement
        ? [...one.parentElement.children].filter((other) => other.localName === one.localName
          && other.className.split?.(" ")[0] === one.className.split?.(" ")[0]) : [];
      const text = clean(one.innerText);
      if ((entry || (twins.length > 1 && one.children.length > 1)) && text && text !== own) return one;
    }
    return null;
  };
  const row = rowOf();
  const lines = row ? row.innerText.split(/[\n\t]/).map(clean) : [];
  const fields = row ? [...row.querySelectorAll("input:not([type=checkbox]):not([type=radio]),textarea")] : [];
  const near = lines.find((line) => line && line !== own && /\p{L}/u.test(line))
    || fields.filter((field) => field !== element).map((field) => clean(field.value)).find(Boolean) || "";
  const box = element.getBoundingClientRect();
  const labels = element.labels && element.labels.length ? clean(element.labels[0].innerText) : "";
  return {
    label: labels.slice(0, 100), placeholder: element.getAttribute("placeholder") || "",
    text: element.matches("input,textarea,select") ? "" : own.slice(0, 100),
    title: element.getAttribute("title") || "", test_id: element.dataset.testid || "", near: near.slice(0, 100), selectors,
    box: { x: box.x, y: box.y, width: box.width, height: box.height },
  };
}

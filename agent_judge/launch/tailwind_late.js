// Loads Tailwind itself once a class turns up that the page's style sheet was not made for: one that was put together.
const tailwindLate = (isTailwind, known, source, address) => {
  const met = new Set(known);
  const isNew = (element) => {
    let found = false;
    for (const name of element.classList ?? []) {
      if (met.has(name)) continue;
      met.add(name);
      found ||= isTailwind(name);
    }
    return found;
  };
  const holdsNew = (element) => isNew(element) || [...element.querySelectorAll("[class]")].some(isNew);
  const observer = new MutationObserver((records) => {
    const found = records.some(({ type, target, addedNodes }) =>
      type === "attributes" ? isNew(target) : [...addedNodes].some((one) => one.nodeType === 1 && holdsNew(one)));
    if (!found) return;
    observer.disconnect();
    const style = Object.assign(document.createElement("style"), { type: "text/tailwindcss", textContent: source });
    document.head.append(style, Object.assign(document.createElement("script"), { src: address }));
  });
  observer.observe(document.documentElement, {
    subtree: true, childList: true, attributes: true, attributeFilter: ["class"],
  });
};

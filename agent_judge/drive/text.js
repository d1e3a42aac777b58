// What can be read on the page: its title and the text as it is laid out, shadow trees included.
() => {
  // Forms and pictures that are named so hide the document's own parts.
  const { title, body } = new Proxy(document, { get: (own, name) => Reflect.get(Document.prototype, name, own) });
  const parts = [];
  const read = (root) => {
    for (const element of root.querySelectorAll("*")) {
      if (!element.shadowRoot) continue;
      for (const child of element.shadowRoot.children) {
        if (child instanceof HTMLElement && child.localName !== "style") parts.push(child.innerText);
      }
      read(element.shadowRoot);
    }
  };
  if (body) {
    parts.push(body.innerText);
    read(body);
  }
  return { title, text: parts.filter(Boolean).join("\n") };
}

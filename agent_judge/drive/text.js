// What can be read on the page: its title and the text as it is laid out, shadow trees included.
() => {
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
  if (document.body) {
    parts.push(document.body.innerText);
    read(document.body);
  }
  return { title: document.title, text: parts.filter(Boolean).join("\n") };
}

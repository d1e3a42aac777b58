// Renders a document or a diagram; a diagram that cannot be read is shown as such and reported as an error.
(async () => {
  const { language, text } = JSON.parse(document.getElementById("source").textContent);
  const main = document.querySelector("main");
  mermaid.initialize({ startOnLoad: false, securityLevel: "strict", deterministicIds: true, suppressErrorRendering: true });

  async function draw(source, place, number) {
    try {
      const { svg } = await mermaid.render(`diagram-${number}`, source);
      place.innerHTML = svg;
      place.className = "diagram";
    } catch (error) {
      const message = `The diagram has a syntax error: ${error.message ?? error}`;
      const alert = document.createElement("div");
      alert.setAttribute("role", "alert");
      alert.textContent = message;
      place.replaceChildren(alert);
      setTimeout(() => { throw new Error(message); });
    }
  }

  if (language === "mermaid") {
    const place = main.appendChild(document.createElement("div"));
    await draw(text, place, 0);
  } else {
    main.innerHTML = marked.parse(text);
    const blocks = [...main.querySelectorAll("code.language-mermaid")];
    for (const [number, block] of blocks.entries()) {
      const place = document.createElement("div");
      block.parentElement.replaceWith(place);
      await draw(block.textContent, place, number);
    }
  }
  document.title = main.querySelector("h1, h2")?.textContent ?? (language === "mermaid" ? "Diagram" : "Document");
})().finally(() => document.documentElement.setAttribute("aria-busy", "false"));

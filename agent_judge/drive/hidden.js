// Notices what a click does that cannot be seen: copying, saving, sound, requests, things that come later.
// "arm" begins anew; "read" gives the signs since. What the page asks of the browser its own world tells.
(what) => {
  const own = globalThis[Symbol.for("agent-judge")];
  const install = () => {
    const signs = new Set();
    let clicked = null, before = ["", ""], rewrote = false, observer = null;
    const note = (sign) => { if (clicked) signs.add(sign); };

    // Taking a screenshot hides the caret by styling the fields: that is us, not the page.
    const ours = (record) => record.type === "attributes" && record.attributeName === "style"
      && record.target.matches("input,textarea,[contenteditable]");
    const OUR_STYLE = / style="(caret-color: transparent !important;)?"/g;

    // All that is kept in the document and beside it, but for the clicked element itself, which lights up.
    // Where that has been replaced, it counts as it was.
    const state = (whole) => {
      const own = whole ? "" : clicked.outerHTML;
      const written = document.documentElement.outerHTML.replace(own, "").replace(OUR_STYLE, "");
      const kept = [written, document.title, location.href];
      for (const read of [() => localStorage, () => sessionStorage]) {
        try { kept.push(JSON.stringify({ ...read() })); } catch { kept.push(""); }
      }
      return kept.join("\n");
    };
    const began = (event) => {
      if (!event.isTrusted) return;
      if (clicked) return;
      const target = event.composedPath()[0];
      if (!(target instanceof Element)) return;
      clicked = target.closest("button,a,label,summary,[role],[onclick],[tabindex]") || target;
      if (target.closest("a[download], input[type=file], label:has(input[type=file])")) note("a file");
      before = [state(false), state(true)];
      observer = new MutationObserver((records) => {
        rewrote ||= records.some((record) => !ours(record) && !clicked.contains(record.target));
      });
      observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
    };
    const refused = () => note("the form");

    return {
      arm() {
        signs.clear();
        observer?.disconnect();
        clicked = null;
        rewrote = false;
        own.askPage("arm");
        // Each time, since a document that is written anew loses its listeners.
        window.addEventListener("pointerdown", began, true);
        window.addEventListener("click", began, true);
        window.addEventListener("invalid", refused, true);
      },
      read() {
        if (clicked && before[+!clicked.isConnected] !== state(!clicked.isConnected)) signs.add("the document");
        if (rewrote) signs.add("writing the same");
        return [...signs, ...own.askPage("read").split("\n").filter(Boolean)];
      },
    };
  };
  own.hidden ??= install();
  return own.hidden[what]();
}

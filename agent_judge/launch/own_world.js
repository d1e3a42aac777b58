// A selector engine. Playwright keeps it in a world of its own: the same document, but none of the page's names.
// "meet <number>" makes that world known, "kept <collection> <index>" finds an element that was kept in it.
(() => {
  const KEPT = 20;
  const collections = new Map();
  let last = 0;
  const own = {
    // Keeps elements, so that they can be found again; only the latest collections stay.
    keep(elements) {
      collections.set(++last, elements);
      collections.delete(last - KEPT);
      return last;
    },
    // Tells our side, in so many words as JSON has.
    tell(data) { console.debug("__TOKEN__ tell " + JSON.stringify(data)); },
    // What only the page's own world can tell (see page_world.js); nothing where that does not answer.
    askPage(what) {
      let told = "";
      const hear = (event) => { told = String(event.detail); };
      visualViewport.addEventListener("__TOKEN__-told", hear);
      visualViewport.dispatchEvent(new CustomEvent("__TOKEN__", { detail: what }));
      visualViewport.removeEventListener("__TOKEN__-told", hear);
      return told;
    },
  };
  Object.defineProperty(globalThis, Symbol.for("agent-judge"), { value: own, configurable: true });
  const queryAll = (root, asked) => {
    const [what, number, index] = asked.split(" ");
    if (what === "meet") {
      console.debug("__TOKEN__ " + number, { root });
      return [root.documentElement ?? root];
    }
    const element = collections.get(Number(number))?.[Number(index)];
    return element?.isConnected ? [element] : [];
  };
  return { queryAll, query: (root, asked) => queryAll(root, asked)[0] ?? null };
})()

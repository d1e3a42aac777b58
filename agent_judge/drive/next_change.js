// Resolves with the next change of the document, or after so many milliseconds.
(milliseconds) => new Promise((resolve) => {
  const done = () => { observer.disconnect(); clearTimeout(timer); resolve(); };
  const observer = new MutationObserver(done);
  const timer = setTimeout(done, milliseconds);
  observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
})

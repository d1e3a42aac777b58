// Resolves when the document has been quiet for a while, and says what it saw meanwhile.
// A page that shows a screen says itself while an answer to an input may still come.
// Transitions (hover, focus, fades) are finished at once: how they look half way depends on the clock.
async ({ quiet, bound, patience }) => {
  const began = performance.now();
  let last = began, late = 0, frames = 0, busyFrames = 0, touched = false;
  const note = () => { last = performance.now(); late += 1; touched = true; };
  // Taking a screenshot hides the caret by styling the fields: that is us, not the page.
  const ours = (record) => record.type === "attributes" && record.attributeName === "style"
    && record.target.matches("input,textarea,[contenteditable]");
  const observer = new MutationObserver((records) => { if (!records.every(ours)) note(); });
  const watch = (root) => {
    observer.observe(root, { subtree: true, childList: true, attributes: true, characterData: true });
    for (const element of root.querySelectorAll("*")) if (element.shadowRoot) watch(element.shadowRoot);
  };
  watch(document);
  document.addEventListener("scroll", note, { capture: true, passive: true });

  const finishAnimations = () => {
    let running = false;
    for (const animation of document.getAnimations()) {
      if (animation.playState !== "running") continue;
      const timing = animation.effect ? animation.effect.getComputedTiming() : { endTime: 0, localTime: 0 };
      if (!Number.isFinite(timing.endTime)) continue;
      if (animation instanceof CSSTransition && timing.endTime <= 600) animation.finish();
      else if (timing.endTime - timing.localTime <= patience) running = true;
    }
    return running;
  };
  const frame = () => new Promise((resolve) => {
    const timer = setTimeout(resolve, 100);
    requestAnimationFrame(() => { clearTimeout(timer); resolve(); });
  });

  let animating = finishAnimations(), everAnimating = animating, eternal = false, settled = false;
  for (;;) {
    touched = false;
    await frame();
    if (document.documentElement.hasAttribute("data-awaits-picture")) last = performance.now();
    else {
      frames += 1;
      busyFrames += touched ? 1 : 0;
    }
    animating = finishAnimations();
    everAnimating ||= animating;
    const now = performance.now();
    if (now - last >= quiet && !animating) { settled = true; break; }
    if (frames >= 16 && busyFrames >= 0.7 * frames) { eternal = true; break; }
    if (now - began >= bound) break;
  }
  observer.disconnect();
  document.removeEventListener("scroll", note, { capture: true });
  return { settled, eternal, late, animated: everAnimating };
}

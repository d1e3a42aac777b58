// Starts measuring without touching the page; `read` is called when the page has been used.
(wanted) => {
  const root = () => document.scrollingElement || document.documentElement;
  const measured = { intervals: [], overflow: null };
  let last = performance.now(), frames = 0;
  const tick = (now) => {
    if (frames > 0) measured.intervals.push(now - last);
    last = now;
    frames += 1;
    if (frames <= wanted) requestAnimationFrame(tick);
    if (frames === wanted) measured.overflow = Math.max(0, root().scrollWidth - root().clientWidth);
  };
  requestAnimationFrame(tick);
  measured.read = () => {
    const paint = performance.getEntriesByName("first-contentful-paint")[0];
    const sorted = [...measured.intervals].sort((a, b) => a - b);
    return {
      paint: paint ? paint.startTime : null,
      interval: sorted.length ? sorted[Math.floor(sorted.length / 2)] : null,
      overflow: measured.overflow ?? Math.max(0, root().scrollWidth - root().clientWidth),
    };
  };
  return measured;
}

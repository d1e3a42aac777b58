// Runs before the first paint, so that a chosen theme does not flash the other one.
(() => {
  let theme = "";
  try { theme = localStorage.getItem("agent-judge-theme") || ""; } catch { /* storage is closed to some file:// pages */ }
  if (theme) document.documentElement.dataset.theme = theme;
})();

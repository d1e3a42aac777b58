// Which part of the page is shown (its address says it), the theme and the keyboard.

const overview = document.getElementById("overview");
const detail = document.getElementById("detail");
const TITLE = document.title;
let shown = null; // the open battle's slug
let routed = false; // whether the page has been shown once
let scrolledTo = 0; // where the overview stood when a battle was opened

function route() {
  show();
  routed = true;
}

function show() {
  const hash = location.hash.slice(1);
  const [path, query] = [hash.split("?")[0], hash.split("?").slice(1).join("?")];
  if (path.startsWith("battle-")) return pageIsWhole.then(() => showBattle(...path.slice("battle-".length).split("/")));
  if (path.startsWith("solution/")) return pageIsWhole.then(() => showSolution(...path.split("/").slice(1, 3).map(decodeURIComponent)));
  if (!hash && !routed && BATTLES.size === 1) return pageIsWhole.then(() => showBattle([...BATTLES.keys()][0])); // a comparison
  return showOverview(path, query);
}

function showOverview(section, query) {
  const returning = !detail.hidden;
  shown = null;
  detail.hidden = true;
  detail.replaceChildren();
  overview.hidden = false;
  document.title = TITLE;
  if (section === "battles" && query !== lastListHash().split("?")[1]) { readFilters(query); renderBattles(document.getElementById("battle-list")); }
  if (returning && section === "battles") window.scrollTo(0, scrolledTo);
  else if (section) document.getElementById(section)?.scrollIntoView();
}

function openDetail(title, view) {
  if (!overview.hidden) scrolledTo = window.scrollY;
  overview.hidden = true;
  detail.hidden = false;
  detail.replaceChildren(view);
  document.title = `${title} · ${TITLE}`;
  window.scrollTo(0, 0);
}

function showBattle(slug, side, scenario, at) {
  const battle = BATTLES.get(slug);
  if (!battle) return openDetail("Not found", notFound());
  if (shown !== slug) {
    shown = slug;
    const listed = listedBattles().map((listedBattle) => listedBattle.slug);
    const place = listed.includes(slug) ? listed : [...BATTLES.keys()];
    const position = place.indexOf(slug);
    openDetail(`${battle.task}: ${battle.a} – ${battle.b}`, battleView(battle, { position: position + 1, count: place.length, previous: place[position - 1], next: place[position + 1] }));
    document.getElementById("live").textContent = `Battle ${position + 1} of ${place.length}: ${battle.task}, ${battle.a} against ${battle.b}`;
  }
  if (side) showStep(side, decodeURIComponent(scenario), at);
}

function showStep(side, scenario, at) {
  const step = document.getElementById(at === "launch" ? stepId(side, "", at) : stepId(side, scenario, at))
    || document.querySelector(`[data-scenario="${CSS.escape(scenario)}"]`); // a launch that went well has no card of its own
  if (!step) return;
  step.closest(".only-differences")?.classList.remove("only-differences");
  step.scrollIntoView({ block: "center" });
  step.focus({ preventScroll: true });
  for (const other of document.querySelectorAll(".pointed-at")) other.classList.remove("pointed-at");
  step.classList.add("pointed-at");
}

function showSolution(taskId, model) {
  shown = null;
  const task = TASKS.get(taskId);
  if (!task) return openDetail("Not found", notFound());
  openDetail(`${taskId}: ${model}`, solutionView(task, model));
}

const notFound = () => h("div", { class: "empty" }, h("h1", {}, "Not in this run"), h("p", {}, "This link names something that this report does not hold. ", h("a", { href: "#battles" }, "All battles")));

// --- Theme ------------------------------------------------------------------------------

const THEMES = { "": "Auto", light: "Light", dark: "Dark" };

function showTheme() {
  const theme = document.documentElement.dataset.theme || "";
  document.getElementById("theme-name").textContent = THEMES[theme];
  document.getElementById("theme-button").title = `Colours: ${THEMES[theme].toLowerCase()} (t)`;
}

function nextTheme() {
  const names = Object.keys(THEMES);
  const theme = names[(names.indexOf(document.documentElement.dataset.theme || "") + 1) % names.length];
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
  try { localStorage.setItem("agent-judge-theme", theme); } catch { /* kept for this visit only */ }
  showTheme();
}

// --- Keyboard ---------------------------------------------------------------------------

const KEYS = {
  j: () => follow("a[rel=next]", ".battle-row"),
  k: () => follow("a[rel=prev]", ".battle-row", -1),
  n: () => moveStep(1),
  p: () => moveStep(-1),
  o: () => document.querySelector(".pointed-at .step-picture")?.click(),
  t: nextTheme,
  "?": () => document.getElementById("help").showModal(),
  "/": () => { if (shown) location.hash = lastListHash(); document.getElementById("filter-search").focus(); },
  Escape: () => { if (!detail.hidden) location.hash = lastListHash(); },
};

const VIEWER_KEYS = {
  ArrowLeft: () => moveViewer(-1),
  ArrowRight: () => moveViewer(1),
  x: swapViewer,
  b: () => setViewerMode("before"),
  d: () => setViewerMode("difference"),
};

function follow(link, rows, by = 1) {
  if (!detail.hidden) return document.querySelector(`.detail-bar ${link}[href]`)?.click();
  const listed = [...document.querySelectorAll(`#battle-list ${rows}`)];
  const at = listed.indexOf(document.activeElement);
  listed[Math.max(0, Math.min(listed.length - 1, at + by))]?.focus();
}

function moveStep(by) {
  const steps = [...document.querySelectorAll("#detail .step[id]")].filter((step) => step.offsetParent);
  const at = steps.findIndex((step) => step.classList.contains("pointed-at"));
  const step = steps[Math.max(0, Math.min(steps.length - 1, at + by))];
  if (!step) return;
  for (const other of steps) other.classList.remove("pointed-at");
  step.classList.add("pointed-at");
  step.scrollIntoView({ block: "center" });
  step.focus({ preventScroll: true });
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.matches("input, select, textarea")) return;
  const dialog = document.querySelector("dialog[open]");
  const act = dialog ? (dialog.id === "viewer" ? VIEWER_KEYS[event.key] : null) : KEYS[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

for (const dialog of document.querySelectorAll("dialog")) {
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
}

document.getElementById("theme-button").addEventListener("click", nextTheme);
document.getElementById("help-button").addEventListener("click", KEYS["?"]);
window.addEventListener("hashchange", route);

showTheme();
showMore(document.getElementById("task-list"), INDEX.tasks, taskCard, TASKS_AT_A_TIME, 0);
renderFilters(document.getElementById("battle-filters"));
renderBattles(document.getElementById("battle-list"));
route();

// The overview's lists: tasks with all their solutions, and battles with filters.

const TASKS_AT_A_TIME = 20;
const BATTLES_AT_A_TIME = 60;

function taskCard(task) {
  return h("li", { class: "task" },
    h("div", { class: "task-words" },
      h("h3", {}, untrusted(task.id), task.category ? untrusted(task.category.replaceAll("_", " "), "span", { class: "tag" }) : null),
      instruction(task),
      h("p", {}, h("a", { href: `#battles?task=${encodeURIComponent(task.id)}` }, "Battles of this task"))),
    h("ul", { class: "shelf", tabindex: "0", "aria-label": `Solutions to ${task.id}` }, INDEX.entries.filter((entry) => entry.task === task.id).map((entry) => h("li", {},
      h("a", { href: solutionLink(task.id, entry.model), class: "solution" },
        thumbnail(entry.picture, ""),
        untrusted(entry.model, "b"),
        untrusted(entry.environment, "span", { class: "hint" }),
        stepMarks(entry))))));
}

const FILTERS = {
  task: { label: "Task", options: () => INDEX.tasks.map((task) => [task.id, task.id]) },
  model: { label: "Model", options: () => INDEX.models.map((model) => [model, model]) },
  winner: { label: "Winner", options: () => [["decided", "Decided"], ["tie", "Tie"], ["both_bad", "Both bad"], ["none", "No verdict"], ...INDEX.models.map((model) => [`model:${model}`, model])] },
  outcome: { label: "With a step that", options: () => [["no_effect", "had no effect"], ["not_found", "was not found"], ["crashed", "crashed"], ["driver_error", "failed on our side"], ["launch", "never came: launch failed"], ["errors", "logged errors"]] },
};

const filters = { task: "", model: "", winner: "", outcome: "", search: "", split: "", order: "" };

const OUTCOME_LETTERS = { no_effect: "e", not_found: "f", crashed: "c", driver_error: "o" };

function fits(battle) {
  const entries = [entryOf(battle.task, battle.a), entryOf(battle.task, battle.b)];
  const standing = standingOf(battle);
  if (filters.task && battle.task !== filters.task) return false;
  if (filters.model && battle.a !== filters.model && battle.b !== filters.model) return false;
  if (filters.split && !battle.split) return false;
  if (filters.search) {
    const { instruction = "", category = "" } = TASKS.get(battle.task) || {};
    const words = `${battle.task} ${battle.a} ${battle.b} ${category} ${category.replaceAll("_", " ")} ${instruction}`.toLowerCase();
    if (!words.includes(filters.search.toLowerCase())) return false;
  }
  return fitsWinner(battle, standing) && fitsOutcome(entries);
}

function fitsWinner(battle, standing) {
  const wanted = filters.winner;
  if (!wanted) return true;
  if (wanted === "decided") return standing === "A" || standing === "B";
  if (wanted.startsWith("model:")) return (standing === "A" ? battle.a : standing === "B" ? battle.b : null) === wanted.slice(6);
  return standing === wanted;
}

function fitsOutcome(entries) {
  const wanted = filters.outcome;
  if (!wanted) return true;
  if (wanted === "errors") return entries.some((entry) => entry.errors);
  if (wanted === "launch") return entries.some((entry) => entry.launch && !LAUNCHES[entry.launch]?.good);
  return entries.some((entry) => entry.steps.includes(OUTCOME_LETTERS[wanted]));
}

function listedBattles() {
  const listed = [...BATTLES.values()].filter(fits);
  if (filters.order === "closest") listed.sort((one, other) => (confidenceOf(one) ?? -1) - (confidenceOf(other) ?? -1));
  if (filters.order === "surest") listed.sort((one, other) => (confidenceOf(other) ?? -1) - (confidenceOf(one) ?? -1));
  return listed;
}

function renderFilters(place) {
  const choose = (name) => (event) => { filters[name] = event.target.type === "checkbox" ? (event.target.checked ? "1" : "") : event.target.value; filtersChanged(); };
  const select = (name, label, options, any) => h("label", {}, h("span", {}, label), h("select", { id: `filter-${name}`, onchange: choose(name) }, any ? h("option", { value: "" }, any) : null, options.map(([value, words]) => h("option", { value }, words))));
  place.replaceChildren(
    h("label", { class: "search" }, h("span", {}, "Search"), h("input", { id: "filter-search", type: "search", placeholder: "task, model, words of the task", oninput: choose("search") })),
    ...Object.entries(FILTERS).map(([name, { label, options }]) => select(name, label, options(), "Any")),
    select("order", "Order", [["", "As run"], ["closest", "Least sure first"], ["surest", "Surest first"]]),
    ...(INDEX.judges.length > 1 ? [h("label", { class: "choice" }, h("input", { id: "filter-split", type: "checkbox", onchange: choose("split") }), "Judges disagree")] : []),
    h("p", { class: "count" }, h("span", { id: "battle-count", role: "status" }), " ", h("button", { type: "button", id: "filter-clear", class: "plain-button", onclick: () => { for (const name of Object.keys(filters)) filters[name] = ""; filtersChanged(); } }, "Clear filters")));
}

function showFilters() {
  for (const [name, value] of Object.entries(filters)) {
    const field = document.getElementById(`filter-${name}`);
    if (!field || field === document.activeElement) continue;
    if (field.type === "checkbox") field.checked = Boolean(value);
    else field.value = value;
  }
  document.getElementById("filter-clear").hidden = !Object.values(filters).some(Boolean);
}

function lastListHash() {
  const set = new URLSearchParams(Object.entries(filters).filter(([, value]) => value)).toString();
  return set ? `#battles?${set}` : "#battles";
}

function filtersChanged() {
  history.replaceState(null, "", lastListHash());
  renderBattles(document.getElementById("battle-list"));
}

function readFilters(query) {
  const given = new URLSearchParams(query);
  for (const name of Object.keys(filters)) filters[name] = given.get(name) || "";
}

function renderBattles(place) {
  showFilters();
  const listed = listedBattles();
  document.getElementById("battle-count").textContent = listed.length === BATTLES.size ? plural(listed.length, "battle") : `${listed.length.toLocaleString("en")} of ${plural(BATTLES.size, "battle")}`;
  place.replaceChildren();
  if (listed.length) showMore(place, listed, battleRow, BATTLES_AT_A_TIME, 0);
  else place.append(h("li", { class: "empty" }, BATTLES.size ? "No battle fits these filters." : "There are no battles yet."));
}

function showMore(place, listed, row, count, from) {
  const rows = listed.slice(from, from + count).map(row);
  place.append(...rows);
  const rest = listed.length - from - count;
  if (rest <= 0) return rows;
  const more = h("li", { class: "more" }, h("button", { type: "button", class: "tool", onclick: () => {
    more.remove();
    showMore(place, listed, row, count, from + count)[0].querySelector("a, summary").focus();
  } }, `Show ${Math.min(rest, count)} more of ${rest.toLocaleString("en")}`));
  place.append(more);
  return rows;
}

function battleRow(battle) {
  const standing = standingOf(battle);
  const confidence = confidenceOf(battle);
  return h("li", {}, h("a", { class: `battle-row stands-${standing}`, href: `#battle-${battle.slug}` },
    rowSide(battle, "A", standing),
    h("span", { class: "row-middle" },
      untrusted(battle.task, "span", { class: "row-task" }),
      h("span", { class: "row-verdict" }, standingWords(battle)),
      confidence === null ? null : h("span", { class: "hint" }, `${percent(confidence)} sure`),
      battle.winners.length > 1 ? h("span", { class: "hint" }, plural(battle.winners.length, "judge")) : null),
    rowSide(battle, "B", standing)));
}

function rowSide(battle, side, standing) {
  const model = side === "A" ? battle.a : battle.b;
  const entry = entryOf(battle.task, model);
  return h("span", { class: `row-side row-side-${side} ${standing === side ? "won" : ""}` },
    thumbnail(entry.picture, ""),
    h("span", { class: "row-words" }, h("span", { class: "row-name" }, sideTag(side), " ", untrusted(besideTag(side, model), "b")), stepMarks(entry)));
}

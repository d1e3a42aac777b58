// An opened battle: the verdict, then every use side by side; and one solution alone.

function battleView(battle, place) {
  const task = TASKS.get(battle.task) || { id: battle.task, instruction: "", category: "" };
  const sides = ["A", "B"].map((side) => sideOf(side, battle.task, side === "A" ? battle.a : battle.b));
  sides[0].other = sides[1];
  sides[1].other = sides[0];
  return h("article", { class: "battle" },
    detailBar(place),
    taskHead(task),
    h("div", { class: "fixture" }, sides.map((side) => contender(side, battle))),
    verdicts(battle, sides),
    examination(sides, battle.slug),
    measurements(sides));
}

function solutionView(task, model) {
  const side = { ...sideOf("A", task.id, model), alone: true };
  const battles = INDEX.battles.filter((battle) => battle.task === task.id && (battle.a === model || battle.b === model));
  return h("article", { class: "battle alone" },
    h("div", { class: "detail-bar" }, h("a", { href: "#tasks", class: "back" }, "← Tasks")),
    taskHead(task),
    h("div", { class: "fixture" }, contender(side, null)),
    examination([side], solutionLink(task.id, model).slice(1)),
    measurements([side]),
    battles.length ? h("section", { class: "block" }, h("h2", {}, "Its battles"), h("ol", { class: "battle-list" }, battles.map((battle) => battleRow(BATTLES.get(battle.slug))))) : null);
}

function sideOf(side, task, model) {
  const entry = entryOf(task, model);
  return { side, model, entry, evidence: readEvidence(entry) };
}

function detailBar({ position, count, previous, next }) {
  const step = (slug, words, key) => h("a", { class: "tool", href: slug ? `#battle-${slug}` : null, "aria-disabled": slug ? null : "true", title: `${words} (${key})`, rel: words === "Next" ? "next" : "prev" }, words);
  return h("div", { class: "detail-bar" },
    h("a", { href: lastListHash(), class: "back" }, "← Battles"),
    count > 1 ? [h("span", { class: "hint" }, `${position} of ${count}`), step(previous, "Previous", "k"), step(next, "Next", "j")] : null);
}

function taskHead(task) {
  return h("header", { class: "task-head" },
    h("h1", {}, untrusted(task.id), task.category ? untrusted(task.category.replaceAll("_", " "), "span", { class: "tag" }) : null),
    instruction(task));
}

function contender(side, battle) {
  const { entry, model } = side;
  const won = battle && standingOf(battle) === side.side;
  return h("section", { class: `contender ${won ? "won" : ""} contender-${side.side}` },
    h("div", { class: "contender-name" },
      side.alone ? null : sideTag(side.side),
      side.alone ? untrusted(model, "h2") : h("h2", {}, h("a", { class: "untrusted", href: solutionLink(entry.task, model) }, nameOf(side))),
      won ? h("span", { class: "tag winner" }, "winner") : null),
    h("p", { class: "hint" }, untrusted([...new Set([entry.environment, entry.language])].filter(Boolean).join(" · "))),
    entry.problem ? h("p", { class: "notice" }, untrusted(entry.problem)) : stepMarks(entry));
}

// --- Measurements -----------------------------------------------------------------------

function measurements(sides) {
  const probes = sides.map((side) => (side.evidence[0] || {}).probes || {});
  const rows = MEASUREMENTS.map(([title, read]) => [title, probes.map(read)]).filter(([, values]) => values.some(Boolean));
  const blocked = sides.map((side) => [...new Set(side.evidence.flatMap((evidence) => (evidence.blocked_requests || []).map(({ kind, url }) => `${kind}: ${url}`)))]);
  if (!rows.length && !blocked.some((list) => list.length)) return null;
  return h("section", { class: "block" }, h("h2", {}, "Measured beside"),
    h("div", { class: "scroller card", tabindex: "0", role: "region", "aria-label": "Measurements" },
      h("table", { class: "measured" },
        h("thead", {}, h("tr", {}, h("td", {}), sides.map((side) => h("th", { scope: "col" }, side.alone ? null : sideTag(side.side), " ", untrusted(nameOf(side)))))),
        h("tbody", {}, rows.map(([title, values]) => h("tr", {}, h("th", { scope: "row" }, title), values.map((value) => h("td", {}, value || "–")))),
          blocked.some((list) => list.length) ? h("tr", {}, h("th", { scope: "row" }, "Refused by the closed network"), blocked.map((list) => h("td", {}, list.length ? h("ul", { class: "plain" }, list.slice(0, 20).map((line) => untrusted(line, "li"))) : "–"))) : null))));
}

const known = (value) => value !== undefined && value !== null;

const MEASUREMENTS = [
  ["First paint", (probes) => known(probes.first_contentful_paint) && `${Math.round(probes.first_contentful_paint)} ms`],
  ["Frames per second", (probes) => known(probes.frame_rate) && probes.frame_rate.toFixed(0)],
  ["Wider than the window by", (probes) => known(probes.overflow) && `${Math.round(probes.overflow)} px`],
  ["First picture", (probes) => (probes.blank ? "blank" : known(probes.substance) && `${percent(probes.substance)} filled`)],
  ["Words of the task seen", (probes) => known(probes.coverage) && percent(probes.coverage)],
  ["Accessibility", (probes) => known(probes.accessibility) && accessibility(probes.accessibility)],
];

function accessibility(violations) {
  if (!violations.length) return "no violation";
  return h("ul", { class: "plain" }, violations.map(({ impact, help, count }) => h("li", {}, `${impact}: `, untrusted(help), count > 1 ? ` (${count})` : null)));
}

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
    battles.length ? h("section", { class: "block" }, h("h2", {}, "Its battles"), h("ol", { class: "battle-list" }, battles.map((battle) => battleRow(BATTLES.get(battle.slug))))) : null,
    examination([side], solutionLink(task.id, model).slice(1)),
    measurements([side]));
}

function sideOf(side, task, model) {
  const entry = entryOf(task, model);
  return { side, model, entry, evidence: readEvidence(entry) };
}

function detailBar({ position, count, previous, next }) {
  const step = (slug, words, key) => h("a", { class: "tool", href: slug ? `#battle-${slug}` : null, "aria-disabled": slug ? null : "true", title: `${words} (${key})`, rel: words === "Next" ? "next" : "prev" }, words);
  return h("div", { class: "detail-bar" },
    h("a", { href: lastListHash(), class: "back" }, "← Battles"),
    h("span", { class: "hint" }, `${position} of ${count}`),
    step(previous, "Previous", "k"), step(next, "Next", "j"));
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
      side.alone ? untrusted(model, "h2") : h("h2", {}, h("a", { class: "untrusted", href: solutionLink(entry.task, model) }, model)),
      won ? h("span", { class: "tag winner" }, "winner") : null),
    h("p", { class: "hint" }, untrusted([...new Set([entry.environment, entry.language])].filter(Boolean).join(" · "))),
    entry.problem ? h("p", { class: "notice" }, untrusted(entry.problem)) : stepMarks(entry));
}

// --- Verdicts ---------------------------------------------------------------------------

function verdicts(battle, sides) {
  const decisions = readDecisions(battle);
  return h("section", { class: "block verdicts", "aria-label": "Verdicts" },
    decisions.length > 1 ? judgesTable(decisions, battle) : null,
    decisions.map((decision) => verdictCard(decision, battle, sides)));
}

function judgesTable(decisions, battle) {
  const rows = decisions.map(({ judge, verdict }) => h("tr", {},
    untrusted(judge, "th", { scope: "row" }),
    h("td", {}, verdict ? winnerWords(verdict.winner, battle) : "no verdict"),
    h("td", { class: "num" }, verdict ? percent(verdict.confidence) : "–"),
    h("td", {}, (verdict && costWords(verdict.cost)) || "–")));
  return h("div", { class: "card votes" }, h("h2", {}, "Who voted what"), plainTable("Verdicts by judge", ["Judge", "Verdict", "Confidence", "Cost"], rows));
}

function plainTable(label, titles, rows) {
  return h("div", { class: "scroller", tabindex: "0", role: "region", "aria-label": label },
    h("table", {},
      h("thead", {}, h("tr", {}, titles.map((title) => h("th", { scope: "col", class: title === "Confidence" ? "num" : null }, title)))),
      h("tbody", {}, rows)));
}

function winnerWords(winner, battle) {
  if (winner === "A" || winner === "B") return h("span", { class: "winner-words" }, sideTag(winner), h("span", {}, untrusted(winner === "A" ? battle.a : battle.b, "b"), " wins"));
  return winner === "tie" ? "Tie" : "Both bad";
}

function costWords(cost) {
  if (!cost) return "";
  const tokens = cost.input_tokens + cost.output_tokens;
  return [
    cost.usd === null || cost.usd === undefined ? "" : `$${cost.usd.toFixed(cost.usd < 0.1 ? 4 : 2)}`,
    tokens ? `${tokens.toLocaleString("en")} tokens${cost.cached_tokens ? ` (${cost.cached_tokens.toLocaleString("en")} cached)` : ""}` : "",
    tokens && cost.seconds ? seconds(cost.seconds) : "",
  ].filter(Boolean).join(" · ");
}

function verdictCard({ judge, verdict, problem }, battle, sides) {
  const name = h("p", { class: "kicker" }, "Judge ", untrusted(judge));
  if (!verdict) return h("div", { class: "card verdict" }, name, h("h2", {}, "No verdict"), h("p", { class: "notice" }, untrusted(problem || "The judge did not answer.")));
  const small = [costWords(verdict.cost), verdict.prompt ? `prompt ${verdict.prompt}` : ""].filter(Boolean).join(" · ");
  return h("div", { class: `card verdict verdict-${verdict.winner}` },
    h("div", { class: "verdict-head" },
      h("div", {}, name, h("h2", {}, winnerWords(verdict.winner, battle))),
      h("div", { class: "meters" }, meter("Confidence", verdict.confidence), meter("Strength", verdict.strength),
        verdict.supported === null ? null : meter("Claims borne out", verdict.supported))),
    verdict.position_bias ? h("p", { class: "notice" }, "Shown in the other order, this judge decided differently.") : null,
    verdict.rationale ? h("p", { class: "rationale untrusted" }, withReferences(verdict.rationale, verdict.winner, battle, sides)) : null,
    verdict.criteria.length ? criteriaTable(verdict.criteria, battle, sides) : null,
    claimsList(verdict.claims, battle, sides),
    votesList(verdict.votes, battle, sides),
    small ? untrusted(small, "p", { class: "hint" }) : null);
}

// Claims of model judges; those that the evidence does not bear out are shown, and said not to count.
function claimsList(claims, battle, sides) {
  if (!claims.length) return null;
  const sorted = [...claims].sort((one, other) => Number(other.supported) - Number(one.supported));
  return h("div", { class: "claims" }, h("h3", {}, "What it claims"),
    h("ul", {}, sorted.map((claim) => h("li", { class: claim.supported ? "" : "unsupported" },
      sideTag(claim.side),
      h("div", {},
        h("p", {}, h("span", { class: `severity severity-${claim.severity}` }, claim.severity), " ", untrusted(claim.message)),
        claim.quotes.length ? h("p", { class: "quotes" }, claim.quotes.map((quote) => untrusted(`“${quote}”`))) : null,
        claim.supported ? null : h("p", { class: "reason" }, "Not borne out, does not count: ", untrusted(claim.problem || "the evidence does not show it")),
        h("span", { class: "refs" }, references(claim.side, claim.steps, battle, sides)))))));
}

// The voices within one verdict: orders, panel members, rounds.
function votesList(votes, battle, sides) {
  if (!votes.length) return null;
  const rounds = new Set(votes.map((vote) => vote.round)).size > 1;
  const weights = votes.some((vote) => vote.weight !== 1);
  return h("div", { class: "voices" }, h("h3", {}, "The votes behind it"),
    votes.map((vote) => h("details", { class: "voice" },
      h("summary", {}, untrusted(vote.voter, "b"), rounds ? h("span", { class: "tag" }, `round ${vote.round}`) : null, h("span", {}, winnerWords(vote.winner, battle)),
        h("span", { class: "hint" }, `${percent(vote.confidence)} sure${weights ? `, weight ${+vote.weight.toFixed(2)}` : ""}`)),
      vote.rationale ? h("p", { class: "rationale untrusted" }, withReferences(vote.rationale, vote.winner, battle, sides)) : null,
      claimsList(vote.claims, battle, sides),
      costWords(vote.cost) ? h("p", { class: "hint" }, costWords(vote.cost)) : null)));
}

// What decided comes first; where both did equally well is folded away.
function criteriaTable(criteria, battle, sides) {
  const heaviest = Math.max(...criteria.map((criterion) => criterion.weight), 1e-9);
  const lead = (criterion) => criterion.weight * Math.abs(criterion.a - criterion.b);
  const sorted = [...criteria].sort((one, other) => lead(other) - lead(one));
  const rows = (chosen) => chosen.map((criterion) => criterionRow(criterion, heaviest, battle, sides));
  const telling = sorted.filter((criterion) => Math.abs(criterion.a - criterion.b) >= 0.005);
  const equal = sorted.filter((criterion) => !telling.includes(criterion));
  return h("div", { class: "criteria" },
    telling.length ? h("div", { role: "table", "aria-label": "Criteria that differ" }, criteriaHead(battle), rows(telling)) : null,
    equal.length ? h("details", { open: !telling.length }, h("summary", { class: "hint" }, `${plural(equal.length, "criterion", "criteria")} where both did equally well`),
      h("div", { role: "table", "aria-label": "Criteria where both did equally well" }, criteriaHead(battle), rows(equal))) : null);
}

function criteriaHead(battle) {
  const title = (props, ...words) => h("span", { role: "columnheader", ...props }, words);
  return h("div", { class: "criterion criterion-head", role: "row" },
    title({}, "Criterion"), title({}, sideTag("A"), untrusted(battle.a)), title({}, sideTag("B"), untrusted(battle.b)), title({}, "What it rests on"));
}

function criterionRow(criterion, heaviest, battle, sides) {
  return h("div", { class: "criterion", role: "row" },
    h("span", { role: "rowheader", class: "criterion-name" },
      untrusted(criterion.criterion.replaceAll("_", " ")),
      h("small", {}, "weight ", h("b", {}, String(+criterion.weight.toFixed(2))), h("i", { class: "weight-track", "aria-hidden": "true" }, h("i", { style: { width: `${100 * criterion.weight / heaviest}%` } })))),
    scoreBar("a", criterion.a), scoreBar("b", criterion.b),
    h("span", { role: "cell", class: "because" },
      criterion.message ? untrusted(criterion.message) : null,
      h("span", { class: "refs" }, references("A", criterion.steps_a, battle, sides), references("B", criterion.steps_b, battle, sides))));
}

function scoreBar(side, value) {
  return h("span", { role: "cell", class: `score score-${side}` },
    h("span", { class: "score-track", "aria-hidden": "true" }, h("i", { style: { width: `${Math.max(0, Math.min(1, value)) * 100}%` } })),
    h("b", {}, String(Math.round(value * 100))));
}

// `scenario#3` becomes a link to that step; one that names nothing in the evidence says so.
function references(side, steps, battle, sides) {
  return steps.map((reference) => {
    const found = referred(reference, sides[side === "A" ? 0 : 1]);
    if (!found) return h("span", { class: "ref ref-unknown" }, sideTag(side), " ", untrusted(reference), " ", h("em", {}, "not in the evidence"));
    return h("a", { class: "ref", href: stepHash(battle, side, found), title: `${found.title}, ${found.words}` },
      sideTag(side), ` ${found.words}`, found.outcome ? h("i", { class: `mark outcome-${found.outcome}`, "aria-hidden": "true" }) : null);
  });
}

function referred(reference, side) {
  const cut = reference.lastIndexOf("#");
  const [scenario, at] = [reference.slice(0, cut), reference.slice(cut + 1)];
  const trajectory = trajectoryOf(side, scenario);
  if (!trajectory) return null;
  const title = trajectory.title || scenario;
  if (at === "launch") return { scenario, at, title, words: "launch", outcome: null };
  const step = trajectory.steps.find(({ index }) => String(index) === at);
  return step ? { scenario, at, title, words: `step ${step.index + 1}`, outcome: step.outcome } : null;
}

const stepHash = (battle, side, { scenario, at }) => `#battle-${battle.slug}/${side.toLowerCase()}/${encodeURIComponent(scenario)}/${at}`;

// A rationale names steps without a side: the one meant is the side where that step went wrong, else the loser's.
function withReferences(text, winner, battle, sides) {
  return text.split(/([\p{L}\p{N}_.-]+#(?:\d+|launch))/u).map((part, number) => {
    if (number % 2 === 0) return part;
    const found = sides.map((side) => referred(part, side));
    const wrong = found.findIndex((step) => step && step.outcome && step.outcome !== "done");
    const meant = wrong >= 0 ? wrong : found[winner === "B" ? 0 : 1] ? (winner === "B" ? 0 : 1) : found.findIndex(Boolean);
    return meant < 0 ? part : h("a", { href: stepHash(battle, "AB"[meant], found[meant]), title: found[meant].title }, found[meant].words);
  });
}

// --- Uses -------------------------------------------------------------------------------

// Where something did not start, that is told first; else the launch is told last.
function examination(sides, hash) {
  const scenarios = [...new Set(sides.flatMap((side) => side.evidence.flatMap((evidence) => evidence.trajectories.map((found) => found.scenario))))];
  const failed = sides.some(({ evidence }) => evidence.some(({ launch }) => !LAUNCHES[launch.outcome]?.good));
  const told = [scenarios.length > 1 ? contents(scenarios, sides) : null, ...scenarios.map((scenario) => use(scenario, sides, hash))];
  return failed ? [launches(sides), ...told] : [...told, launches(sides)];
}

// All uses at a glance, each with how far the sides came.
function contents(scenarios, sides) {
  const marks = (trajectory) => (trajectory && trajectory.steps.length
    ? h("span", { class: "marks" }, h("span", { class: "marks-row", "aria-hidden": "true" }, trajectory.steps.slice(0, 40).map((step) => h("i", { class: `mark outcome-${step.outcome}` }))), h("span", {}, `${trajectory.steps.filter((step) => step.outcome === "done").length}/${trajectory.steps.length}`))
    : h("span", { class: "hint" }, trajectory ? "no step" : "not used"));
  const title = (scenario) => (sides.map((side) => trajectoryOf(side, scenario)).find(Boolean).title || scenario);
  return h("nav", { class: "block card contents", "aria-label": "Uses" },
    h("h2", {}, "How far each came"),
    h("ul", {}, scenarios.map((scenario) => h("li", {},
      h("button", { type: "button", class: "plain-button untrusted", onclick: () => document.querySelector(`[data-scenario="${CSS.escape(scenario)}"]`).scrollIntoView() }, title(scenario)),
      sides.map((side) => h("span", { class: "contents-side" }, side.alone ? null : sideTag(side.side), marks(trajectoryOf(side, scenario))))))));
}

function launches(sides) {
  const telling = sides.some(({ evidence }) => evidence.some(({ launch }) => !LAUNCHES[launch.outcome]?.good || launch.build_log || launch.stdout || launch.stderr || launch.artifacts));
  if (!telling) return null;
  return h("section", { class: "block" }, h("h2", {}, "Launch"),
    h("div", { class: `columns columns-${sides.length}` }, sides.map((side) => {
      const launch = (side.evidence[0] || {}).launch;
      return h("div", { class: "card launch", id: stepId(side.side, "", "launch") }, columnName(side),
        launch ? launchReport(launch) : h("p", { class: "hint" }, "nothing was launched"));
    })));
}

function launchReport(launch) {
  const failed = !LAUNCHES[launch.outcome]?.good;
  return [
    h("p", {}, launchBadge(launch.outcome), launch.seconds ? h("span", { class: "hint" }, ` after ${seconds(launch.seconds)}`) : null,
      launch.exit_code === undefined || launch.exit_code === null ? null : h("span", { class: "hint" }, ` · exit code ${launch.exit_code}`)),
    launch.reason ? untrusted(launch.reason, "p", { class: failed ? "reason" : "" }) : null,
    log("Build log", launch.build_log, failed),
    log("Standard output", launch.stdout, failed || launch.outcome === "finished"),
    log("Standard error", launch.stderr, true),
    launch.artifacts ? h("p", { class: "hint" }, "Files it made: ", untrusted(launch.artifacts.join(", "))) : null,
  ];
}

const columnName = (side) => (side.alone ? null : h("p", { class: "column-name" }, sideTag(side.side), " ", untrusted(side.model)));

function trajectoryOf(side, scenario) {
  return side.evidence.flatMap((evidence) => evidence.trajectories).find((found) => found.scenario === scenario);
}

const stepId = (side, scenario, index) => `step-${side.toLowerCase()}-${encodeURIComponent(scenario)}-${index}`;

const POLICIES = { replay: "recorded scenario", explore: "explored without a scenario", agent: "used by a model", look: "looked at only" };

function use(scenario, sides, hash) {
  const found = sides.map((side) => ({ side, trajectory: trajectoryOf(side, scenario) }));
  const first = found.find(({ trajectory }) => trajectory).trajectory;
  const length = Math.max(...found.map(({ trajectory }) => (trajectory ? trajectory.steps.length : 0)));
  const rows = Array.from({ length }, (_, number) => stepRow(number, found, scenario, hash));
  const list = h("ol", { class: "steps" }, rows);
  return h("section", { class: "block use", dataset: { scenario } },
    h("div", { class: "use-head" },
      h("div", {}, h("p", { class: "kicker" }, POLICIES[first.policy] || first.policy), untrusted(first.title || scenario, "h2")),
      sides.length > 1 && length > 2 ? onlyDifferences(list) : null),
    h("div", { class: "strips" }, found.map(({ side, trajectory }) => strip(side, trajectory, scenario, hash))),
    list);
}

function onlyDifferences(list) {
  const differing = list.querySelectorAll(":scope > .differs").length;
  if (!differing || differing === list.children.length) return null;
  return h("label", { class: "choice" }, h("input", { type: "checkbox", onchange: (event) => list.classList.toggle("only-differences", event.target.checked) }), `Only the ${plural(differing, "step")} where the two differ`);
}

function strip(side, trajectory, scenario, hash) {
  if (!trajectory) return h("div", { class: "strip" }, stripName(side), h("p", { class: "notice" }, side.entry.problem ? untrusted(side.entry.problem) : "This use is not in the evidence."));
  const start = trajectory.steps.length ? trajectory.frames[trajectory.steps[0].before] : trajectory.frames[0];
  const frames = [
    start ? filmFrame(side, trajectory, null, start, scenario) : null,
    trajectory.steps.map((step) => filmFrame(side, trajectory, step, trajectory.frames[step.after], scenario)),
  ].flat().filter(Boolean);
  return h("div", { class: `strip strip-${side.side}` }, stripName(side, trajectory),
    trajectory.driver_error ? h("p", { class: "notice" }, "Our own side failed: ", untrusted(trajectory.driver_error), ". This is not held against the program.") : null,
    frames.length ? h("ol", { class: "film", tabindex: "0", "aria-label": `Film strip of ${side.model}` }, frames)
      : h("p", { class: "notice" }, launchBadge(trajectory.launch.outcome), " ", untrusted(trajectory.launch.reason || "There was nothing to see.")));
}

function stripName(side, trajectory) {
  const steps = trajectory ? trajectory.steps : [];
  const done = steps.filter((step) => step.outcome === "done").length;
  return h("p", { class: "strip-name" }, side.alone ? null : sideTag(side.side), " ", untrusted(side.model, "b"),
    steps.length ? h("span", { class: "hint" }, `${done} of ${steps.length} steps done`) : null,
    trajectory && trajectory.exercised !== undefined && trajectory.exercised !== null ? h("span", { class: "hint" }, `${percent(trajectory.exercised)} of its controls used`) : null);
}

function filmFrame(side, trajectory, step, frame, scenario) {
  const words = step ? step.detail || step.do : "at the start";
  const outcome = step ? OUTCOMES[step.outcome] : null;
  return h("li", { class: `frame ${step ? `outcome-${step.outcome}` : "start"}` },
    h("button", { type: "button", "aria-label": `${step ? `Step ${step.index + 1}: ${words}, ${outcome ? outcome.words : step.outcome}` : "At the start"}. Look at it full size`, onclick: () => openViewer(side, trajectory, step ? trajectory.steps.indexOf(step) : -1) },
      thumbnail(frame && frame.picture, ""),
      step ? h("i", { class: "frame-glyph", "aria-hidden": "true" }, outcome ? outcome.glyph : "?") : null),
    h("span", { class: "frame-words", "aria-hidden": "true" }, h("b", {}, step ? step.index + 1 : "0"), " ", untrusted(words)));
}

function stepRow(number, found, scenario, hash) {
  const steps = found.map(({ trajectory }) => trajectory && trajectory.steps[number]);
  const intents = new Set(steps.map((step) => step && step.intent));
  const outcomes = new Set(steps.map((step) => step && step.outcome));
  const intent = intents.size === 1 ? [...intents][0] : "";
  return h("li", { class: `step-row ${outcomes.size > 1 ? "differs" : ""}` },
    h("div", { class: "step-title" }, h("span", { class: "step-number" }, String(number + 1)), intent ? untrusted(intent, "h3") : h("h3", {}, `Step ${number + 1}`), outcomes.size > 1 && found.length > 1 ? h("span", { class: "tag" }, "differs") : null),
    h("div", { class: `columns columns-${found.length}` }, found.map(({ side, trajectory }, column) => stepCard(side, trajectory, steps[column], number, scenario, hash, Boolean(intent)))));
}

function stepCard(side, trajectory, step, number, scenario, hash, intentIsShared) {
  if (!step) return h("div", { class: "step step-absent" }, columnName(side), h("p", { class: "hint" }, trajectory ? "There was no such step." : "Not used."));
  const frame = trajectory.frames[step.after] || {};
  const link = side.alone ? null : `#${hash.startsWith("solution") ? hash : `battle-${hash}`}/${side.side.toLowerCase()}/${encodeURIComponent(scenario)}/${step.index}`;
  return h("div", { class: "step", id: stepId(side.side, scenario, step.index), tabindex: "-1", dataset: { position: String(number), side: side.side } },
    h("button", { type: "button", class: "step-picture", "aria-label": `Look at step ${step.index + 1} of ${side.model} full size`, onclick: () => openViewer(side, trajectory, number) }, thumbnail(frame.picture, "")),
    h("div", { class: "step-words" },
      h("p", { class: "step-head" }, side.alone ? null : sideTag(side.side), outcomeBadge(step.outcome), link ? h("a", { class: "permalink", href: link, title: `Link to this step: ${scenario}#${step.index}`, "aria-label": `Link to step ${step.index + 1} of ${side.side}` }, "#") : null),
      !intentIsShared && step.intent ? untrusted(step.intent, "p", { class: "intent" }) : null,
      untrusted(step.detail || step.do, "p", { class: "action" }),
      step.reason && !toldByExpectations(step) ? untrusted(step.reason, "p", { class: "reason" }) : null,
      grounding(step),
      expectations(step),
      changeOf(step),
      complaints(frame)));
}

function grounding(step) {
  if (!step.grounding) return null;
  const { score, method, element, alternatives } = step.grounding;
  return h("p", { class: "grounding hint", title: alternatives ? `Next best: ${alternatives.join("; ")}` : null }, "found ", untrusted(element, "code"), ` by ${method.replaceAll("+", " + ")}, ${percent(score)} sure`);
}

const toldByExpectations = (step) => step.outcome === "no_effect" && (step.expectations || []).some((result) => !result.held);

function expectations(step) {
  if (!step.expectations || !step.expectations.length) return null;
  return h("ul", { class: "expectations" }, step.expectations.map((result) => h("li", { class: result.held ? "held" : "failed" },
    h("i", { "aria-hidden": "true" }, result.held ? "✓" : "✕"),
    h("span", {}, h("span", { class: "unseen" }, result.held ? "held: " : "did not hold: "), untrusted(result.expected), result.seen ? h("span", { class: "seen" }, "seen: ", untrusted(result.seen)) : null))));
}

function changeOf(step) {
  const { pixels = 0, added = [], removed = [], url = false } = step.change || {};
  const words = [
    pixels ? `${percent(pixels)} of the picture changed` : "",
    added.length ? `+${added.length}` : "", removed.length ? `−${removed.length}` : "",
    url ? "new address" : "",
  ].filter(Boolean);
  if (!words.length) return h("p", { class: "change hint" }, "Nothing changed.");
  if (!added.length && !removed.length) return h("p", { class: "change hint" }, words.join(" · "));
  return h("details", { class: "change" }, h("summary", {}, words.join(" · "), added.length + removed.length ? " lines" : ""),
    h("div", { class: "diff", role: "group", "aria-label": "What changed" },
      removed.map((line) => untrusted(`− ${line.trim()}`, "div", { class: "removed" })),
      added.map((line) => untrusted(`+ ${line.trim()}`, "div", { class: "added" }))));
}

function complaints(frame) {
  const console_ = (frame.console || []).map(([level, text]) => `${level}: ${text}`);
  return [
    messages((count) => plural(count, "uncaught exception"), frame.errors, "error"),
    messages((count) => plural(count, "console message"), console_, "console"),
    messages((count) => plural(count, "failed request"), frame.failed_requests, "error"),
    messages((count) => plural(count, "dialog"), frame.dialogs, "console"),
  ];
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
        h("thead", {}, h("tr", {}, h("td", {}), sides.map((side) => h("th", { scope: "col" }, side.alone ? null : sideTag(side.side), " ", untrusted(side.model))))),
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

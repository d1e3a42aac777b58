// How solutions were used: launches, film strips, and every step side by side.

function scenariosOf(sides) {
  return [...new Set(sides.flatMap((side) => side.evidence.flatMap((evidence) => evidence.trajectories.map((found) => found.scenario))))];
}

// Where something did not start, that is told first; else the launch is told last.
function examination(sides, hash) {
  const scenarios = scenariosOf(sides);
  const failed = sides.some(({ evidence }) => evidence.some(({ launch }) => !LAUNCHES[launch.outcome]?.good));
  const told = [scenarios.length > 1 ? contents(scenarios, sides) : null, ...scenarios.map((scenario, number) => use(scenario, scenarios.length > 1 ? ` ${number + 1}` : "", sides, hash))];
  return failed ? [launches(sides), ...told] : [...told, launches(sides)];
}

// All uses at a glance, each with how far the sides came.
function contents(scenarios, sides) {
  const marks = (trajectory) => (trajectory && trajectory.steps.length
    ? h("span", { class: "marks" }, h("span", { class: "marks-row", "aria-hidden": "true" }, trajectory.steps.slice(0, 40).map((step) => h("i", { class: `mark outcome-${step.outcome}` }))), h("span", {}, `${trajectory.steps.filter((step) => step.outcome === "done").length}/${trajectory.steps.length}`))
    : h("span", { class: "hint" }, trajectory ? "no step" : "not used"));
  const title = (scenario) => (sides.map((side) => trajectoryOf(side, scenario)).find(Boolean).title || scenario);
  return h("nav", { class: "block card contents", "aria-label": "Uses" },
    h("h2", {}, sides.length > 1 ? "How far each came" : "How far it came"),
    h("ol", {}, scenarios.map((scenario, number) => h("li", {},
      h("button", { type: "button", class: "plain-button untrusted", onclick: () => document.querySelector(`[data-scenario="${CSS.escape(scenario)}"]`).scrollIntoView() }, `${number + 1}. ${title(scenario)}`),
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

const columnName = (side) => (side.alone ? null : h("p", { class: "column-name" }, sideTag(side.side), " ", untrusted(nameOf(side))));

function trajectoryOf(side, scenario) {
  return side.evidence.flatMap((evidence) => evidence.trajectories).find((found) => found.scenario === scenario);
}

const stepId = (side, scenario, index) => `step-${side.toLowerCase()}-${encodeURIComponent(scenario)}-${index}`;

const POLICIES = { replay: "recorded scenario", explore: "explored without a scenario", agent: "used by a model", look: "looked at only" };

function use(scenario, number, sides, hash) {
  const found = sides.map((side) => ({ side, trajectory: trajectoryOf(side, scenario) }));
  const first = found.find(({ trajectory }) => trajectory).trajectory;
  const length = Math.max(...found.map(({ trajectory }) => (trajectory ? trajectory.steps.length : 0)));
  const rows = Array.from({ length }, (_, number) => stepRow(number, found, scenario, hash));
  const list = h("ol", { class: "steps" }, rows);
  return h("section", { class: "block use", dataset: { scenario } },
    h("div", { class: "use-head" },
      h("div", {}, h("p", { class: "kicker" }, number ? `Use${number} · ` : "", POLICIES[first.policy] || first.policy), untrusted(first.title || scenario, "h2")),
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
      : h("p", { class: "notice" }, launchBadge(trajectory.launch.outcome), " ", untrusted(trajectory.launch.reason || "There was nothing to see.")),
    driverClaims(side, trajectory));
}

// What a model that drove says it found, each at its step.
function driverClaims(side, trajectory) {
  const { claims, cost } = trajectory;
  const price = costWords(cost);
  return [
    claims && claims.length ? h("div", { class: "claims" }, h("h3", {}, "What the driving model found"),
      h("ul", {}, claims.map((claim) => claimItem({ ...claim, quotes: claim.quote ? [claim.quote] : [] }, side.alone ? "" : side.side, stepButton(side, trajectory, claim.step))))) : null,
    price ? h("p", { class: "hint" }, `Driving cost ${price}`) : null,
  ];
}

function stepButton(side, trajectory, reference) {
  const at = trajectory.steps.findIndex((step) => `${trajectory.scenario}#${step.index}` === reference);
  if (at < 0) return h("span", { class: "hint" }, untrusted(reference), " is not in the evidence");
  return h("button", { type: "button", class: "plain-button", onclick: () => openViewer(side, trajectory, at) }, `step ${trajectory.steps[at].index + 1}`);
}

function stripName(side, trajectory) {
  const steps = trajectory ? trajectory.steps : [];
  const done = steps.filter((step) => step.outcome === "done").length;
  return h("p", { class: "strip-name" }, side.alone ? null : sideTag(side.side), " ", untrusted(nameOf(side), "b"),
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

// Small pieces that lists, battles and the viewer are made of.

// The big blocks stand at the end of the page: nothing of them is read before it is whole.
const pageIsWhole = new Promise((resolve) => {
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", resolve, { once: true });
  else resolve();
});

function thumbnail(name, alt, props = {}) {
  if (!name) return h("span", { ...props, class: `no-picture ${props.class || ""}` }, "no picture");
  const image = h("img", { ...props, alt, loading: "lazy", decoding: "async" });
  pageIsWhole.then(() => {
    const size = pictureSize(name);
    if (size) { image.width = size.width; image.height = size.height; }
    image.src = pictureSource(name);
  });
  return image;
}

function outcomeBadge(outcome) {
  const { words, glyph, tells } = OUTCOMES[outcome] || { words: outcome, glyph: "?", tells: "" };
  return h("span", { class: `badge outcome-${outcome}`, title: tells }, h("i", { "aria-hidden": "true" }, glyph), words);
}

function launchBadge(outcome) {
  const { words, good } = LAUNCHES[outcome] || { words: outcome };
  return h("span", { class: `badge outcome-${good ? "done" : "crashed"}` }, h("i", { "aria-hidden": "true" }, good ? "✓" : "✕"), words);
}

const sideTag = (side) => h("span", { class: `side side-${side}`, "aria-label": `Side ${side}` }, side);

// A comparison calls its models "A: file"; beside the tag of the side, its letter is not said again.
const besideTag = (side, model) => (model.startsWith(`${side}: `) ? model.slice(side.length + 2) : model);
const nameOf = (side) => (side.alone ? side.model : besideTag(side.side, side.model));

// A use at a glance: one mark per step, in order.
function stepMarks(entry) {
  if (entry.problem) return h("span", { class: "hint" }, "not examined");
  const launch = LAUNCHES[entry.launch];
  if (entry.launch && !(launch && launch.good)) return launchBadge(entry.launch);
  const outcomes = [...entry.steps].map((letter) => STEP_LETTERS[letter]);
  if (!outcomes.length) return h("span", { class: "hint" }, "only looked at");
  const done = outcomes.filter((outcome) => outcome === "done").length;
  return h("span", { class: "marks" },
    h("span", { class: "marks-row", "aria-hidden": "true" }, outcomes.slice(0, 24).map((outcome) => h("i", { class: `mark outcome-${outcome}` }))),
    h("span", { class: "marks-words" }, `${done}/${outcomes.length} steps`),
    entry.errors ? h("span", { class: "marks-errors" }, plural(entry.errors, "error")) : null);
}

const STEP_LETTERS = { d: "done", e: "no_effect", f: "not_found", c: "crashed", o: "driver_error" };

// What was asked: its beginning, and all of it on demand.
function instruction(task) {
  if (task.instruction.length < 140) return untrusted(task.instruction, "p", { class: "instruction hint" });
  return h("details", { class: "instruction" }, h("summary", {}, untrusted(task.instruction)), untrusted(task.instruction, "p"));
}

const solutionLink = (task, model) => `#solution/${encodeURIComponent(task)}/${encodeURIComponent(model)}`;

function meter(label, value) {
  return h("div", { class: "meter" },
    h("span", {}, label),
    h("span", { class: "meter-track", "aria-hidden": "true" }, h("i", { style: { width: `${Math.round(value * 100)}%` } })),
    h("b", {}, percent(value)));
}

// A folded list of messages; open at once when short.
function messages(title, lines, kind) {
  if (!lines || !lines.length) return null;
  return h("details", { class: `messages messages-${kind}`, open: lines.length <= 3 },
    h("summary", {}, title(lines.length)),
    h("ul", {}, lines.map((line) => untrusted(line, "li"))));
}

function log(title, text, open) {
  if (!text || !text.trim()) return null;
  return h("details", { class: "log", open },
    h("summary", {}, title),
    h("pre", { tabindex: "0", class: "untrusted" }, text));
}

// The page's data: a small index that is read at once, and blocks that are read when something is opened.
const INDEX = JSON.parse(document.getElementById("index").textContent);
const TASKS = new Map(INDEX.tasks.map((task) => [task.id, task]));
const ENTRIES = new Map(INDEX.entries.map((entry) => [entryKey(entry.task, entry.model), entry]));
const BATTLES = new Map(INDEX.battles.map((battle, number) => [battle.slug, { ...battle, number }]));

function entryKey(task, model) { return JSON.stringify([task, model]); }

const NO_ENTRY = { environment: "", language: "", evidence: [], problem: "This model has no solution to this task.", launch: "", steps: "", errors: 0, picture: "" };

function entryOf(task, model) { return ENTRIES.get(entryKey(task, model)) || { ...NO_ENTRY, task, model }; }

function block(id) {
  const element = document.getElementById(id);
  return element && JSON.parse(element.textContent);
}

const readDecisions = (battle) => block(`decisions-${battle.number}`) || [];
const readEvidence = (entry) => entry.evidence.map((key) => block(`evidence-${key}`)).filter(Boolean);

function pictureSource(name) {
  const element = name && document.getElementById(`picture-${name}`);
  return element ? `data:image/webp;base64,${element.textContent}` : "";
}

function pictureSize(name) {
  const element = name && document.getElementById(`picture-${name}`);
  return element ? { width: Number(element.dataset.width), height: Number(element.dataset.height) } : null;
}

const OUTCOMES = {
  done: { words: "done", glyph: "✓", tells: "acted, and what was expected came true" },
  no_effect: { words: "no effect", glyph: "–", tells: "acted, but what was expected did not come true" },
  not_found: { words: "not found", glyph: "?", tells: "nothing on the page matches what the step is about" },
  crashed: { words: "crashed", glyph: "✕", tells: "the program died or hung" },
  driver_error: { words: "driver error", glyph: "!", tells: "our own side failed: not held against the program" },
};

const LAUNCHES = {
  ready: { words: "started", good: true },
  finished: { words: "ran to its end", good: true },
  build_failed: { words: "build failed" },
  never_ready: { words: "never ready" },
  crashed: { words: "crashed at start" },
  killed: { words: "killed by a limit" },
  blocked: { words: "blocked" },
};

// What all judges together say: the winner that they agree on, or that they do not.
function standingOf(battle) {
  const winners = [...new Set(battle.winners.map(([, winner]) => winner).filter(Boolean))];
  if (!winners.length) return "none";
  return winners.length > 1 ? "split" : winners[0];
}

function standingWords(battle) {
  const standing = standingOf(battle);
  return {
    A: [untrusted(battle.a, "b"), " wins"],
    B: [untrusted(battle.b, "b"), " wins"],
    tie: ["Tie"],
    both_bad: ["Both bad"],
    split: ["Judges disagree"],
    none: ["No verdict"],
  }[standing];
}

function confidenceOf(battle) {
  const sure = battle.winners.filter(([, winner]) => winner).map(([, , confidence]) => confidence);
  return sure.length ? sure.reduce((sum, value) => sum + value, 0) / sure.length : null;
}

// What judges said of a battle: verdicts, criteria, claims and votes, with the steps that they cite.

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
  if (winner === "A" || winner === "B") return h("span", { class: "winner-words" }, sideTag(winner), h("span", {}, untrusted(besideTag(winner, winner === "A" ? battle.a : battle.b), "b"), " wins"));
  return winner === "tie" ? "Tie" : "Both bad";
}

function costWords(cost) {
  if (!cost) return "";
  const tokens = (cost.input_tokens || 0) + (cost.output_tokens || 0);
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
    h("ul", {}, sorted.map((claim) => claimItem(claim, claim.side, h("span", { class: "refs" }, references(claim.side, claim.steps, battle, sides))))));
}

function claimItem({ severity, message, quotes, supported, problem }, side, cited) {
  return h("li", { class: supported ? "" : "unsupported" },
    side ? sideTag(side) : h("span"),
    h("div", {},
      h("p", {}, h("span", { class: `severity severity-${severity}` }, severity), " ", untrusted(message)),
      quotes.length ? h("p", { class: "quotes" }, quotes.map((quote) => untrusted(`“${quote}”`))) : null,
      supported ? null : h("p", { class: "reason" }, "Not borne out, does not count: ", untrusted(problem || "the evidence does not show it")),
      cited));
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
  const shown = (score) => Math.round(100 * score);
  const telling = sorted.filter(({ a, b }) => Math.abs(a - b) >= 0.005 && shown(a) !== shown(b));
  const equal = sorted.filter((criterion) => !telling.includes(criterion));
  return h("div", { class: "criteria" },
    telling.length ? h("div", { role: "table", "aria-label": "Criteria that differ" }, criteriaHead(battle), rows(telling)) : null,
    equal.length ? h("details", { open: !telling.length }, h("summary", { class: "hint" }, `${plural(equal.length, "criterion", "criteria")} where both did equally well`),
      h("div", { role: "table", "aria-label": "Criteria where both did equally well" }, criteriaHead(battle), rows(equal))) : null);
}

function criteriaHead(battle) {
  const title = (props, ...words) => h("span", { role: "columnheader", ...props }, words);
  return h("div", { class: "criterion criterion-head", role: "row" },
    title({}, "Criterion"), title({}, sideTag("A"), untrusted(besideTag("A", battle.a))), title({}, sideTag("B"), untrusted(besideTag("B", battle.b))), title({}, "What it rests on"));
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
  const uses = scenariosOf([side, side.other]);
  const use = uses.length > 1 ? `use ${uses.indexOf(scenario) + 1}, ` : "";
  if (at === "launch") return { scenario, at, title, words: "launch", outcome: null };
  const step = trajectory.steps.find(({ index }) => String(index) === at);
  return step ? { scenario, at, title, words: `${use}step ${step.index + 1}`, outcome: step.outcome } : null;
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

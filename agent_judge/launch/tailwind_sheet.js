// Runs in an empty page without network, after Tailwind: gives the style sheet for the classes that texts may mean.
const given = document.querySelector('style[type="text/tailwindcss"]');
const made = document.head.querySelector("style:not([type])");
const usual = given.textContent;
let uses = 0, fresh = true;
// Tailwind works in microtasks, which all end before the next task.
const worked = () => new Promise((resolve) => setTimeout(resolve));

// Between quotes of any kind stand most names, and names of objects' properties; those that hold quotes themselves, in
// brackets, stand between quotes of another kind.
const BETWEEN = [/[\s"'`{}<>()=;,]+|:(?=[\s{])/, /[\s"'`]+/];
const QUOTING = [/[\s"]+/, /[\s']+/, /[\s`]+/];

function namesIn(texts, isTailwind) {
  const names = new Set();
  for (const text of texts) {
    const quotes = /[[(][^\s\])]*["'`]/.test(text);
    for (const between of quotes ? [...BETWEEN, ...QUOTING] : BETWEEN) {
      for (const name of text.split(between)) if (name.length < 300 && isTailwind(name)) names.add(name);
    }
  }
  return [...names];
}

// Of a text that it has not read before, however little differs, Tailwind makes a compiler that knows no class yet.
async function reads(source) {
  document.body.className = "";
  given.textContent = `${source}\n/* ${++uses} */`;
  await worked();
  fresh = true;
}

async function tailwindAfresh() {
  if (!fresh) await reads(usual);
}

async function tailwindSheet({ source, texts, words }) {
  performance.clearMarks();
  performance.clearMeasures();
  if (!fresh || source !== usual) await reads(source);
  fresh = false;
  const known = namesIn(texts, tailwindNames(words));
  document.body.className = known.join(" ");
  await worked();
  return { known, sheet: performance.getEntriesByName("(error)").length ? null : made.textContent };
}
window.ready = true;

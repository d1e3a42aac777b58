import * as React from "react";

/* Chakra UI's markup: chakra-* classes, data-* states, hidden radio inputs inside labels. */
const css = `
.chakra-container { max-width: 36rem; margin: 3rem auto; font-family: Inter, "Liberation Sans", sans-serif; color: #1a202c; }
.chakra-card { border-radius: .5rem; box-shadow: 0 1px 3px rgba(0,0,0,.25); padding: 1.5rem; }
.chakra-progress { background: #edf2f7; height: .5rem; border-radius: 1rem; overflow: hidden; margin-bottom: 1.25rem; }
.chakra-progress > div { background: #319795; height: 100%; }
.chakra-radio { display: flex; align-items: center; padding: .4rem 0; cursor: pointer; }
.chakra-radio__input { border: 0; clip: rect(0 0 0 0); height: 1px; width: 1px; margin: -1px; position: absolute; overflow: hidden; }
.chakra-radio__control { width: 1rem; height: 1rem; border: 2px solid #cbd5e0; border-radius: 50%; }
.chakra-radio__control[data-checked] { border: 5px solid #319795; width: .6rem; height: .6rem; }
.chakra-radio__label { margin-left: .5rem; }
.chakra-button { height: 2.5rem; padding: 0 1rem; border: 0; border-radius: .375rem; font-weight: 600; background: #edf2f7; cursor: pointer; }
.chakra-button[data-solid] { background: #319795; color: #fff; }
.chakra-button:disabled { opacity: .4; }
.chakra-input { border: 1px solid #e2e8f0; border-radius: .375rem; height: 2.5rem; padding: 0 1rem; }
.chakra-stack { display: flex; gap: .75rem; margin-top: 1.25rem; }
.chakra-alert { background: #e6fffa; padding: .75rem 1rem; margin-top: 1rem; }
`;

const QUESTIONS = [
  { prompt: "What is the capital of Japan?", choices: ["Kyoto", "Tokyo", "Osaka"], answer: "Tokyo", help: "It hosted the games of 1964." },
  { prompt: "Which is the largest ocean?", choices: ["Atlantic", "Indian", "Pacific"], answer: "Pacific", help: "Its name means peaceful." },
  { prompt: "Which river flows through Cairo?", choices: null, answer: "Nile", help: "It flows north." },
];

export default function Quiz() {
  const [name, setName] = React.useState("");
  const [index, setIndex] = React.useState(-1);
  const [given, setGiven] = React.useState<string[]>(["", "", ""]);
  const [help, setHelp] = React.useState(false);

  const go = (by: number) => {
    setHelp(false);
    setIndex(index + by);
  };
  const answer = (value: string) => setGiven(given.map((old, i) => (i === index ? value : old)));
  const question = QUESTIONS[index];

  return (
    <div className="chakra-container">
      <style>{css}</style>
      <div className="chakra-card">
        {index === -1 && (
          <>
            <h2 className="chakra-heading">World quiz</h2>
            <div className="chakra-form-control" role="group">
              <label className="chakra-form__label" htmlFor="field-:r3:">
                Player
              </label>{" "}
              <input id="field-:r3:" className="chakra-input" value={name} onChange={(e) => setName(e.target.value)} />
            </div>
            <div className="chakra-stack">
              <button type="button" className="chakra-button" data-solid="" onClick={() => go(1)}>
                Let's go
              </button>
            </div>
          </>
        )}
        {question && (
          <>
            <div className="chakra-progress">
              <div role="progressbar" aria-valuemin={0} aria-valuemax={3} aria-valuenow={index + 1} style={{ width: `${((index + 1) / 3) * 100}%` }} />
            </div>
            <h3 className="chakra-heading">{question.prompt}</h3>
            {question.choices ? (
              <div role="radiogroup">
                {question.choices.map((choice) => (
                  <label className="chakra-radio" key={choice}>
                    <input className="chakra-radio__input" type="radio" value={choice} checked={given[index] === choice} onChange={() => answer(choice)} />
                    <span className="chakra-radio__control" aria-hidden="true" data-checked={given[index] === choice ? "" : undefined} />
                    <span className="chakra-radio__label">{choice}</span>
                  </label>
                ))}
              </div>
            ) : (
              <input className="chakra-input" placeholder="Type your answer" value={given[index]} onChange={(e) => answer(e.target.value)} />
            )}
            {help && (
              <div className="chakra-alert" role="alert">
                {question.help}
              </div>
            )}
            <div className="chakra-stack">
              <button type="button" className="chakra-button back" disabled={index === 0} onClick={() => go(-1)}>
                Back
              </button>
              <button type="button" className="chakra-button help" onClick={() => setHelp(true)}>
                Need help?
              </button>
              <button type="button" className="chakra-button forth" data-solid="" disabled={!given[index]} onClick={() => go(1)}>
                {index === 2 ? "Submit answers" : "Continue"}
              </button>
            </div>
          </>
        )}
        {index === 3 && (
          <>
            <h2 className="chakra-heading">
              {QUESTIONS.filter((q, i) => q.answer.toLowerCase() === given[i].toLowerCase()).length} out of 3 correct
            </h2>
            <p>Well played{name && `, ${name}`}.</p>
            <button type="button" className="chakra-button" onClick={() => { setGiven(["", "", ""]); setIndex(-1); }}>
              Play again
            </button>
          </>
        )}
      </div>
    </div>
  );
}

import { useState } from "react";

/* Bootstrap's classes and grid. */
const css = `
.container { max-width: 360px; margin: 2rem auto; font-family: system-ui, "Liberation Sans", sans-serif; }
.card { border: 1px solid rgba(0,0,0,.175); border-radius: .375rem; }
.card-header { padding: .5rem 1rem; background: rgba(0,0,0,.03); border-bottom: 1px solid rgba(0,0,0,.175); }
.card-body { padding: 1rem; }
.form-control { display: block; width: 100%; box-sizing: border-box; padding: .5rem .75rem; font-size: 1.6rem; text-align: end; border: 1px solid #dee2e6; border-radius: .375rem; margin-bottom: 1rem; }
.row { display: flex; gap: .5rem; margin-bottom: .5rem; }
.col { flex: 1; }
.btn { width: 100%; padding: .6rem 0; font-size: 1.1rem; border-radius: .375rem; border: 1px solid transparent; cursor: pointer; }
.btn-light { background: #f8f9fa; border-color: #ddd; }
.btn-primary { background: #0d6efd; color: #fff; }
.btn-success { background: #198754; color: #fff; }
.btn-outline-danger { background: #fff; border-color: #dc3545; color: #dc3545; }
.btn-outline-secondary { background: #fff; border-color: #6c757d; color: #6c757d; }
`;

type Op = "plus" | "minus" | "times" | "divided by";
const SYMBOL: Record<Op, string> = { plus: "+", minus: "−", times: "×", "divided by": "÷" };

function calculate(a: number, op: Op, b: number) {
  switch (op) {
    case "plus":
      return a + b;
    case "minus":
      return a - b;
    case "times":
      return a * b;
    default:
      return a / b;
  }
}

const show = (n: number) => Number(n.toFixed(9)).toString();

export default function CalculatorCard() {
  const [entry, setEntry] = useState("0");
  const [pending, setPending] = useState<{ value: number; op: Op } | null>(null);
  const [replace, setReplace] = useState(true);
  const [memory, setMemory] = useState(0);

  const digit = (d: string) => {
    setEntry(replace ? (d === "." ? "0." : d) : entry === "0" && d !== "." ? d : entry + d);
    setReplace(false);
  };
  const operator = (op: Op) => {
    const value = pending && !replace ? calculate(pending.value, pending.op, Number(entry)) : Number(entry);
    setPending({ value, op });
    setEntry(show(value));
    setReplace(true);
  };
  const finish = () => {
    if (pending) setEntry(show(calculate(pending.value, pending.op, Number(entry))));
    setPending(null);
    setReplace(true);
  };

  const Digit = ({ d, label }: { d: string; label?: string }) => (
    <div className="col">
      <button type="button" className="btn btn-light" aria-label={label} onClick={() => digit(d)}>
        {d}
      </button>
    </div>
  );
  const Operator = ({ op }: { op: Op }) => (
    <div className="col">
      <button type="button" className="btn btn-primary" aria-label={op} onClick={() => operator(op)}>
        {SYMBOL[op]}
      </button>
    </div>
  );
  const Other = ({ text, label, look = "outline-secondary", act }: { text: string; label: string; look?: string; act: () => void }) => (
    <div className="col">
      <button type="button" className={`btn btn-${look}`} aria-label={label} onClick={act}>
        {text}
      </button>
    </div>
  );

  return (
    <div className="container">
      <style>{css}</style>
      <div className="card">
        <div className="card-header">Calculator</div>
        <div className="card-body">
          <input type="text" className="form-control" readOnly value={entry} aria-label="Current value" />
          <div className="row">
            <Other text="MS" label="memory store" act={() => { setMemory(Number(entry)); setReplace(true); }} />
            <Other text="MR" label="memory recall" act={() => { setEntry(show(memory)); setReplace(true); }} />
            <Other text="⌫" label="delete digit" act={() => setEntry(entry.length > 1 ? entry.slice(0, -1) : "0")} />
            <Other text="AC" label="all clear" look="outline-danger" act={() => { setEntry("0"); setPending(null); setReplace(true); }} />
          </div>
          <div className="row"><Digit d="1" /><Digit d="2" /><Digit d="3" /><Operator op="plus" /></div>
          <div className="row"><Digit d="4" /><Digit d="5" /><Digit d="6" /><Operator op="minus" /></div>
          <div className="row"><Digit d="7" /><Digit d="8" /><Digit d="9" /><Operator op="times" /></div>
          <div className="row">
            <Other text="+/−" label="change sign" act={() => setEntry(show(-Number(entry)))} />
            <Digit d="0" />
            <Digit d="." label="decimal point" />
            <Operator op="divided by" />
          </div>
          <div className="row"><Other text="=" label="equals" look="success" act={finish} /></div>
        </div>
      </div>
    </div>
  );
}

import { useState } from "react";

interface SignUp {
  email: string;
  password: string;
  name: string;
  country: string;
  newsletter: boolean;
  plan: string;
}

const EMPTY: SignUp = { email: "", password: "", name: "", country: "", newsletter: false, plan: "Free" };

const COUNTRIES = [
  "Argentina", "Australia", "Brazil", "Canada", "Egypt", "France", "Germany", "India", "Japan",
  "Kenya", "Mexico", "Norway", "Portugal", "South Africa", "Spain", "United Kingdom", "United States",
];

const PLANS = [
  { name: "Free", price: 0, note: "5 GB for your favourites" },
  { name: "Plus", price: 6, note: "200 GB and shared albums" },
  { name: "Premium", price: 12, note: "2 TB and original quality" },
];

const TITLES = ["Account", "Profile", "Plan", "Review"];

interface StepProps {
  data: SignUp;
  onBack: (part: Partial<SignUp>) => void;
  onNext: (part: Partial<SignUp>) => void;
}

function Field(props: { id: string; label: string; error?: string; children: React.ReactNode }) {
  return (
    <div className="space-y-1">
      <label htmlFor={props.id} className="block text-sm font-medium text-slate-700">
        {props.label}
      </label>
      {props.children}
      {props.error && (
        <p role="alert" className="text-sm text-red-600">
          {props.error}
        </p>
      )}
    </div>
  );
}

function Buttons({ onBack, next }: { onBack?: () => void; next: string }) {
  return (
    <div className="flex justify-between pt-4">
      {onBack ? (
        <button type="button" onClick={onBack} className="rounded-md border border-slate-300 px-5 py-2 text-slate-700">
          Back
        </button>
      ) : (
        <span />
      )}
      <button type="submit" className="rounded-md bg-indigo-600 px-5 py-2 font-semibold text-white hover:bg-indigo-500">
        {next}
      </button>
    </div>
  );
}

const input = "w-full rounded-md border border-slate-300 px-3 py-2 focus:border-indigo-500 focus:outline-none";

function AccountStep({ onNext }: StepProps) {
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [tried, setTried] = useState(false);
  const emailOk = /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email);
  const passwordOk = password.length >= 8;

  return (
    <form
      noValidate
      className="space-y-4"
      onSubmit={(e) => {
        e.preventDefault();
        setTried(true);
        if (emailOk && passwordOk) onNext({ email, password });
      }}
    >
      <Field id="email" label="Email address" error={tried && !emailOk ? "Enter a valid email address" : undefined}>
        <input id="email" type="email" className={input} value={email} onChange={(e) => setEmail(e.target.value)} />
      </Field>
      <Field id="password" label="Password" error={tried && !passwordOk ? "Use at least 8 characters" : undefined}>
        <input
          id="password"
          type="password"
          className={input}
          value={password}
          onChange={(e) => setPassword(e.target.value)}
        />
      </Field>
      <Buttons next="Next" />
    </form>
  );
}

function ProfileStep({ onBack, onNext }: StepProps) {
  const [name, setName] = useState("");
  const [country, setCountry] = useState("");
  const [newsletter, setNewsletter] = useState(false);
  const [tried, setTried] = useState(false);

  return (
    <form
      noValidate
      className="space-y-4"
      onSubmit={(e) => {
        e.preventDefault();
        setTried(true);
        if (name.trim()) onNext({ name: name.trim(), country, newsletter });
      }}
    >
      <Field id="name" label="Full name" error={tried && !name.trim() ? "Enter your name" : undefined}>
        <input id="name" className={input} value={name} onChange={(e) => setName(e.target.value)} />
      </Field>
      <Field id="country" label="Country">
        <select id="country" className={input} value={country} onChange={(e) => setCountry(e.target.value)}>
          <option value="">Choose a country</option>
          {COUNTRIES.map((c) => (
            <option key={c}>{c}</option>
          ))}
        </select>
      </Field>
      <label className="flex items-center gap-2 text-sm text-slate-700">
        <input type="checkbox" checked={newsletter} onChange={(e) => setNewsletter(e.target.checked)} />
        Send me the monthly newsletter
      </label>
      <Buttons onBack={() => onBack({ name, country, newsletter })} next="Next" />
    </form>
  );
}

function PlanStep({ onBack, onNext }: StepProps) {
  const [plan, setPlan] = useState("Free");

  return (
    <form
      className="space-y-3"
      onSubmit={(e) => {
        e.preventDefault();
        onNext({ plan });
      }}
    >
      <fieldset className="space-y-3">
        <legend className="mb-2 text-sm font-medium text-slate-700">Choose your plan</legend>
        {PLANS.map((p) => (
          <label
            key={p.name}
            className={`flex cursor-pointer items-center gap-3 rounded-lg border p-4 ${
              plan === p.name ? "border-indigo-600 bg-indigo-50" : "border-slate-300"
            }`}
          >
            <input type="radio" name="plan" checked={plan === p.name} onChange={() => setPlan(p.name)} />
            <span className="flex-1">
              <span className="block font-semibold">{p.name}</span>
              <span className="text-sm text-slate-600">{p.note}</span>
            </span>
            <span>${p.price} a month</span>
          </label>
        ))}
      </fieldset>
      <Buttons onBack={() => onBack({ plan })} next="Next" />
    </form>
  );
}

function ReviewStep({ data, onBack, onNext }: StepProps) {
  const price = PLANS.find((p) => p.name === data.plan)!.price;
  const rows = [
    ["Email address", data.email],
    ["Full name", data.name],
    ["Country", data.country || "Not given"],
    ["Newsletter", data.newsletter ? "Yes" : "No"],
    ["Plan", `${data.plan} ($${price} a month)`],
  ];

  return (
    <form
      onSubmit={(e) => {
        e.preventDefault();
        onNext({});
      }}
    >
      <dl className="divide-y divide-slate-200">
        {rows.map(([label, value]) => (
          <div key={label} className="flex justify-between py-2">
            <dt className="text-slate-600">{label}</dt>
            <dd className="font-medium">{value}</dd>
          </div>
        ))}
      </dl>
      <Buttons onBack={() => onBack({})} next="Create account" />
    </form>
  );
}

const STEPS = [AccountStep, ProfileStep, PlanStep, ReviewStep];

export default function App() {
  const [step, setStep] = useState(0);
  const [data, setData] = useState(EMPTY);

  const go = (by: number) => (part: Partial<SignUp>) => {
    setData({ ...data, ...part });
    setStep(step + by);
  };

  const Step = STEPS[step];

  return (
    <main className="flex min-h-screen items-center justify-center bg-slate-100 p-6">
      <div className="w-full max-w-lg rounded-xl bg-white p-8 shadow-lg">
        <p className="text-sm font-semibold uppercase tracking-wide text-indigo-700">Snapkeep photo storage</p>
        {Step ? (
          <>
            <h1 className="mt-1 text-2xl font-bold text-slate-900">{TITLES[step]}</h1>
            <p className="mb-6 text-sm text-slate-600">Step {step + 1} of 4</p>
            <Step key={step} data={data} onBack={go(-1)} onNext={go(1)} />
          </>
        ) : (
          <>
            <h1 className="mt-1 text-2xl font-bold text-slate-900">Welcome, {data.name}!</h1>
            <p className="mt-3 text-slate-600">Your account is ready. Start by uploading your first photos.</p>
          </>
        )}
      </div>
    </main>
  );
}

import { useEffect, useId, useRef, useState, type ReactNode } from "react";

// React Aria Components: its DOM, default class names, slots and data attributes.

type Area = "Health" | "Household" | "Learning";

interface Habit {
  id: string;
  name: string;
  perWeek: number;
  area: Area;
  reminder: string | null;
  completed: string[];
  archived: boolean;
}

const AREAS: Area[] = ["Health", "Household", "Learning"];

function dateKey(offset: number): string {
  const date = new Date();
  date.setHours(12, 0, 0, 0);
  date.setDate(date.getDate() + offset);
  return date.toISOString().slice(0, 10);
}

const TODAY = dateKey(0);
const past = (...days: number[]) => days.map((n) => dateKey(-n));
const INITIAL: Habit[] = [
  { id: "h1", name: "Read 20 pages", perWeek: 5, area: "Learning", reminder: "21:00", completed: past(1, 2, 3, 6, 8, 9), archived: false },
  { id: "h2", name: "Stretch", perWeek: 3, area: "Health", reminder: null, completed: past(2, 5, 7), archived: false },
  { id: "h3", name: "Water the plants", perWeek: 2, area: "Household", reminder: null, completed: past(4, 8), archived: false },
];

function currentStreak(habit: Habit): number {
  let offset = habit.completed.includes(TODAY) ? 0 : -1;
  let streak = 0;
  while (habit.completed.includes(dateKey(offset))) {
    streak += 1;
    offset -= 1;
  }
  return streak;
}

const css = `
:root { --accent: #5b3fd6; --border: #cfcbe0; --text: #27233a; }
body { margin: 0; font: 15px/1.5 system-ui, sans-serif; color: var(--text); background: #faf9ff; }
.app { max-width: 820px; margin: 24px auto; padding: 0 20px; }
.app-header, .toolbar { display: flex; align-items: center; gap: 10px; margin-bottom: 16px; } .app-header h1 { flex: 1; font-size: 24px; margin: 0; } .toolbar { justify-content: space-between; }
.react-aria-Button, .react-aria-ToggleButton { border: 1px solid var(--border); background: #fff; border-radius: 6px; color: inherit; font: inherit; padding: 4px 12px; cursor: default; }
.react-aria-Button[data-variant=accent] { background: var(--accent); border-color: var(--accent); color: #fff; } .react-aria-Button[data-variant=danger] { background: #c2273d; border-color: #c2273d; color: #fff; }
.react-aria-ToggleButtonGroup { display: flex; } .react-aria-ToggleButton { border-radius: 0; margin-left: -1px; } .react-aria-ToggleButton[data-selected] { background: var(--text); color: #fff; }
.react-aria-GridList { border: 1px solid var(--border); border-radius: 8px; background: #fff; padding: 4px; } .react-aria-GridListItem { display: flex; align-items: center; gap: 14px; padding: 8px 10px; } .react-aria-GridListItem .name { flex: 1; }
.react-aria-Checkbox, .react-aria-Radio { display: flex; align-items: center; gap: 8px; } .checkbox { width: 20px; height: 20px; border: 2px solid #8a84a8; border-radius: 4px; box-sizing: border-box; } [data-selected] > .checkbox { background: var(--accent); border-color: var(--accent); } .checkbox svg { display: block; width: 16px; height: 16px; fill: none; stroke: #fff; stroke-width: 3; }
.react-aria-Radio::before { content: ""; width: 18px; height: 18px; border-radius: 50%; border: 2px solid #8a84a8; box-sizing: border-box; } .react-aria-Radio[data-selected]::before { border: 6px solid var(--accent); }
.react-aria-Meter { width: 130px; font-size: 12px; } .react-aria-Meter .bar { height: 6px; border-radius: 3px; background: #e7e4f2; overflow: hidden; } .react-aria-Meter .fill { height: 100%; background: var(--accent); }
.react-aria-ModalOverlay { position: fixed; inset: 0; background: #0007; display: flex; align-items: center; justify-content: center; z-index: 100; } .react-aria-Modal { background: #fff; border-radius: 8px; min-width: 340px; } .react-aria-Dialog { padding: 24px; outline: none; } .react-aria-Dialog .actions { display: flex; gap: 8px; margin-top: 16px; justify-content: flex-end; } .react-aria-Heading[slot=title] { margin: 0 0 12px; font-size: 19px; }
.react-aria-TextField, .react-aria-NumberField, .react-aria-Select, .react-aria-TimeField { display: flex; flex-direction: column; margin-bottom: 12px; } .react-aria-Group { display: flex; gap: 4px; align-items: center; } .react-aria-Input, .react-aria-DateInput { border: 1px solid var(--border); border-radius: 6px; padding: 5px 8px; font: inherit; background: #fff; } .react-aria-DateInput { display: flex; width: max-content; } .react-aria-DateSegment { padding: 0 2px; } .react-aria-DateSegment[data-placeholder] { color: #777; }
.react-aria-Select > .react-aria-Button { display: flex; justify-content: space-between; }
.react-aria-Popover { position: fixed; background: #fff; border: 1px solid var(--border); border-radius: 8px; box-shadow: 0 8px 20px #0002; min-width: 160px; z-index: 110; } .react-aria-ListBox, .react-aria-Menu { padding: 3px; } .react-aria-ListBoxItem, .react-aria-MenuItem { padding: 5px 12px; border-radius: 6px; cursor: default; } .react-aria-ListBoxItem:hover, .react-aria-MenuItem:hover { background: var(--accent); color: #fff; }
.react-aria-ToastRegion { position: fixed; bottom: 16px; right: 16px; z-index: 90; } .react-aria-Toast { display: flex; align-items: center; gap: 16px; background: var(--text); color: #fff; padding: 10px 16px; border-radius: 8px; } .react-aria-Toast .react-aria-Button { background: none; color: #fff; }
`;

const hidden = { border: 0, clip: "rect(0 0 0 0)", clipPath: "inset(50%)", height: 1, margin: -1, overflow: "hidden", padding: 0, position: "absolute", width: 1, whiteSpace: "nowrap" } as const;

interface ButtonProps {
  children: ReactNode;
  onPress?: (event: React.MouseEvent<HTMLButtonElement>) => void;
  variant?: "accent" | "danger";
  slot?: string;
  "aria-label"?: string;
  "aria-haspopup"?: "menu" | "dialog" | "listbox";
  "aria-expanded"?: boolean;
  "aria-labelledby"?: string;
}

function Button({ children, onPress, variant, ...props }: ButtonProps) {
  return (
    <button type="button" className="react-aria-Button" data-rac="" data-variant={variant} onClick={onPress} {...props}>
      {children}
    </button>
  );
}

function TextField({ label, value, onChange }: { label: string; value: string; onChange: (value: string) => void }) {
  const id = "react-aria" + useId();
  return (
    <div className="react-aria-TextField" data-rac="">
      <label className="react-aria-Label" htmlFor={id}>{label}</label>
      <input id={id} type="text" className="react-aria-Input" data-rac="" value={value} onChange={(e) => onChange(e.target.value)} />
    </div>
  );
}

function NumberField({ label, value, onChange }: { label: string; value: string; onChange: (value: string) => void }) {
  const id = "react-aria" + useId();
  const step = (by: number) => onChange(String(Math.min(7, Math.max(1, (Number(value) || 0) + by))));
  return (
    <div className="react-aria-NumberField" data-rac="">
      <label className="react-aria-Label" htmlFor={id}>{label}</label>
      <div role="group" className="react-aria-Group" data-rac="">
        <Button slot="decrement" aria-label={`Decrease ${label}`} onPress={() => step(-1)}>-</Button>
        <input
          id={id}
          type="text"
          inputMode="numeric"
          aria-roledescription="Number field"
          autoComplete="off"
          className="react-aria-Input"
          data-rac=""
          value={value}
          onChange={(e) => onChange(e.target.value.replace(/\D/g, "").slice(0, 1))}
        />
        <Button slot="increment" aria-label={`Increase ${label}`} onPress={() => step(1)}>+</Button>
      </div>
    </div>
  );
}

interface PopoverProps {
  anchor: DOMRect;
  trigger: string;
  onClose: () => void;
  children: ReactNode;
}

function Popover({ anchor, trigger, onClose, children }: PopoverProps) {
  return (
    <>
      <div data-testid="underlay" aria-hidden="true" style={{ position: "fixed", inset: 0, zIndex: 105 }} onClick={onClose} />
      <div
        className="react-aria-Popover"
        data-rac=""
        data-trigger={trigger}
        data-placement="bottom"
        style={{ top: anchor.bottom + 6, left: Math.min(anchor.left, window.innerWidth - 220) }}
        onKeyDown={(e) => e.key === "Escape" && onClose()}
      >
        {children}
      </div>
    </>
  );
}

function Select({ label, value, onChange }: { label: string; value: Area | null; onChange: (value: Area) => void }) {
  const [anchor, setAnchor] = useState<DOMRect | null>(null);
  const id = "react-aria" + useId();
  return (
    <div className="react-aria-Select" data-rac="">
      <span className="react-aria-Label" id={`${id}-label`}>{label}</span>
      <Button
        aria-haspopup="listbox"
        aria-expanded={!!anchor}
        aria-labelledby={`${id}-value ${id}-label`}
        onPress={(e) => setAnchor(e.currentTarget.getBoundingClientRect())}
      >
        <span className="react-aria-SelectValue" id={`${id}-value`} data-placeholder={value ? undefined : true}>
          {value ?? "Select an item"}
        </span>
        <span aria-hidden="true">▼</span>
      </Button>
      {anchor && (
        <Popover anchor={anchor} trigger="Select" onClose={() => setAnchor(null)}>
          <div role="listbox" className="react-aria-ListBox" aria-labelledby={`${id}-label`}>
            {AREAS.map((area) => (
              <div
                key={area}
                role="option"
                aria-selected={area === value}
                data-key={area}
                className="react-aria-ListBoxItem"
                tabIndex={-1}
                onClick={() => {
                  onChange(area);
                  setAnchor(null);
                }}
              >
                {area}
              </div>
            ))}
          </div>
        </Popover>
      )}
    </div>
  );
}

interface SegmentProps {
  type: "hour" | "minute";
  label: string;
  value: number | null;
  max: number;
  onChange: (value: number) => void;
}

function DateSegment({ type, label, value, max, onChange }: SegmentProps) {
  const element = useRef<HTMLDivElement>(null);
  const entered = useRef("");
  const changed = useRef(onChange);
  changed.current = onChange;
  const step = (by: number) => onChange(((value ?? 0) + by + max + 1) % (max + 1));

  // The text is React's: what is typed changes the value only.
  useEffect(() => {
    const segment = element.current;
    const typed = (event: InputEvent) => {
      event.preventDefault();
      const digits = (event.data ?? "").replace(/\D/g, "");
      if (!digits) return;
      const keys = (entered.current + digits).slice(-2);
      entered.current = Number(keys) > max ? digits.slice(-1) : keys;
      changed.current(Number(entered.current));
      if (entered.current.length === 2) entered.current = "";
    };
    segment?.addEventListener("beforeinput", typed);
    return () => segment?.removeEventListener("beforeinput", typed);
  }, [max]);

  return (
    <div
      ref={element}
      role="spinbutton"
      aria-label={`${type}, ${label}`}
      aria-valuenow={value ?? undefined}
      aria-valuetext={value === null ? "Empty" : String(value)}
      aria-valuemin={0}
      aria-valuemax={max}
      contentEditable
      suppressContentEditableWarning
      spellCheck={false}
      inputMode="numeric"
      tabIndex={0}
      className="react-aria-DateSegment"
      data-type={type}
      data-placeholder={value === null ? true : undefined}
      onFocus={() => {
        entered.current = "";
      }}
      onKeyDown={(e) => {
        if (e.key !== "ArrowUp" && e.key !== "ArrowDown") return;
        e.preventDefault();
        step(e.key === "ArrowUp" ? 1 : -1);
      }}
    >
      {value === null ? "––" : String(value).padStart(2, "0")}
    </div>
  );
}

type Time = { hour: number | null; minute: number | null };

function TimeField({ label, value, onChange }: { label: string; value: Time; onChange: (value: Time) => void }) {
  const id = "react-aria" + useId();
  return (
    <div className="react-aria-TimeField" data-rac="">
      <span className="react-aria-Label" id={id}>{label}</span>
      <div role="group" className="react-aria-DateInput" aria-labelledby={id}>
        <DateSegment type="hour" label={label} value={value.hour} max={23} onChange={(hour) => onChange({ ...value, hour })} />
        <div className="react-aria-DateSegment" data-type="literal" aria-hidden="true">:</div>
        <DateSegment type="minute" label={label} value={value.minute} max={59} onChange={(minute) => onChange({ ...value, minute })} />
      </div>
    </div>
  );
}

interface ModalProps {
  title: string;
  role?: "dialog" | "alertdialog";
  children: ReactNode;
}

function Modal({ title, role = "dialog", children }: ModalProps) {
  const id = "react-aria" + useId();
  return (
    <div className="react-aria-ModalOverlay" data-rac="">
      <div className="react-aria-Modal" data-rac="">
        <section role={role} className="react-aria-Dialog" aria-labelledby={id} tabIndex={-1}>
          <h2 id={id} slot="title" className="react-aria-Heading">{title}</h2>
          {children}
        </section>
      </div>
    </div>
  );
}

function CreateDialog({ onCreate, onClose }: { onCreate: (habit: Habit) => void; onClose: () => void }) {
  const [name, setName] = useState("");
  const [perWeek, setPerWeek] = useState("3");
  const [area, setArea] = useState<Area | null>(null);
  const [time, setTime] = useState<Time>({ hour: null, minute: null });
  const create = () => {
    if (!name.trim()) return;
    const pad = (n: number) => String(n).padStart(2, "0");
    const reminder = time.hour !== null && time.minute !== null ? `${pad(time.hour)}:${pad(time.minute)}` : null;
    onCreate({ id: `h${Date.now()}`, name: name.trim(), perWeek: Number(perWeek) || 1, area: area ?? "Learning", reminder, completed: [], archived: false });
    onClose();
  };
  return (
    <Modal title="Create habit">
      <TextField label="Title" value={name} onChange={setName} />
      <NumberField label="Times per week" value={perWeek} onChange={setPerWeek} />
      <Select label="Area" value={area} onChange={setArea} />
      <TimeField label="Reminder" value={time} onChange={setTime} />
      <div className="actions">
        <Button slot="close" onPress={onClose}>Cancel</Button>
        <Button variant="accent" onPress={create}>Create</Button>
      </div>
    </Modal>
  );
}

function RenameDialog({ habit, onRename, onClose }: { habit: Habit; onRename: (name: string) => void; onClose: () => void }) {
  const [name, setName] = useState(habit.name);
  return (
    <Modal title="Rename habit">
      <TextField label="Title" value={name} onChange={setName} />
      <div className="actions">
        <Button slot="close" onPress={onClose}>Cancel</Button>
        <Button
          variant="accent"
          onPress={() => {
            onRename(name.trim() || habit.name);
            onClose();
          }}
        >
          Apply
        </Button>
      </div>
    </Modal>
  );
}

type Open = { what: "create" } | { what: "stats" | "rename" | "delete"; id: string };
type Floating = { anchor: DOMRect; menu: string | null };

export default function App() {
  const [habits, setHabits] = useState<Habit[]>(INITIAL);
  const [area, setArea] = useState<Area | "all">("all");
  const [week, setWeek] = useState(0);
  const [firstDay, setFirstDay] = useState<"sun" | "mon">("sun");
  const [open, setOpen] = useState<Open | null>(null);
  const [floating, setFloating] = useState<Floating | null>(null);
  const [toast, setToast] = useState<string | null>(null);

  const update = (id: string, part: (habit: Habit) => Partial<Habit>) =>
    setHabits((all) => all.map((habit) => (habit.id === id ? { ...habit, ...part(habit) } : habit)));
  const setDone = (id: string, done: boolean) => {
    update(id, (habit) => ({ completed: done ? [...habit.completed, TODAY] : habit.completed.filter((day) => day !== TODAY) }));
    setToast(done ? id : null);
  };

  const sinceFirst = (new Date().getDay() + (firstDay === "mon" ? 6 : 0)) % 7;
  const days = Array.from({ length: 7 }, (_, n) => dateKey(n - sinceFirst + week * 7));
  const shown = habits.filter((habit) => !habit.archived && (area === "all" || habit.area === area));
  const target = open && "id" in open ? habits.find((habit) => habit.id === open.id) : undefined;
  const close = () => setOpen(null);

  return (
    <div className="app">
      <style>{css}</style>
      <div className="app-header">
        <h1>Habits</h1>
        <Button aria-haspopup="dialog" onPress={(e) => setFloating({ anchor: e.currentTarget.getBoundingClientRect(), menu: null })}>
          Preferences
        </Button>
        <Button variant="accent" onPress={() => setOpen({ what: "create" })}>Create habit</Button>
      </div>
      <div className="toolbar">
        <div role="radiogroup" aria-label="Area" className="react-aria-ToggleButtonGroup" data-orientation="horizontal">
          {(["all", ...AREAS] as const).map((value) => (
            <button
              key={value}
              type="button"
              role="radio"
              aria-checked={area === value}
              className="react-aria-ToggleButton"
              data-rac=""
              data-selected={area === value || undefined}
              onClick={() => setArea(value)}
            >
              {value === "all" ? "All" : value}
            </button>
          ))}
        </div>
        <div role="group" aria-label="Week" className="react-aria-Group">
          <Button slot="previous" aria-label="Previous" onPress={() => setWeek(week - 1)}>◀</Button>
          <span className="react-aria-Heading">{days[0]} – {days[6]}</span>
          <Button slot="next" aria-label="Next" onPress={() => setWeek(Math.min(0, week + 1))}>▶</Button>
        </div>
      </div>

      <div role="grid" aria-label="Habits" className="react-aria-GridList" data-rac="" data-layout="stack">
        {shown.map((habit) => {
          const done = habit.completed.includes(TODAY);
          const count = days.filter((day) => habit.completed.includes(day)).length;
          return (
            <div key={habit.id} role="row" className="react-aria-GridListItem" data-rac="" data-key={habit.id} aria-label={habit.name}>
              <div role="gridcell" style={{ display: "contents" }}>
                <label className="react-aria-Checkbox" data-rac="" data-selected={done || undefined}>
                  <span style={hidden}>
                    <input type="checkbox" aria-label="Complete" checked={done} onChange={() => setDone(habit.id, !done)} />
                  </span>
                  <div className="checkbox">{done && <svg viewBox="0 0 18 18" aria-hidden="true"><polyline points="1 9 7 14 15 4" /></svg>}</div>
                </label>
                <span className="name">
                  {habit.name}
                  {habit.reminder && <small> at {habit.reminder}</small>}
                </span>
                <div role="meter" aria-valuenow={count} aria-valuemin={0} aria-valuemax={habit.perWeek} aria-label="Progress" className="react-aria-Meter">
                  {count} / {habit.perWeek}
                  <div className="bar"><div className="fill" style={{ width: `${Math.min(100, (100 * count) / habit.perWeek)}%` }} /></div>
                </div>
                <Button
                  aria-label="Actions"
                  aria-haspopup="menu"
                  aria-expanded={floating?.menu === habit.id}
                  onPress={(e) => setFloating({ anchor: e.currentTarget.getBoundingClientRect(), menu: habit.id })}
                >
                  ☰
                </Button>
              </div>
            </div>
          );
        })}
      </div>

      {floating && floating.menu !== null && (
        <Popover anchor={floating.anchor} trigger="MenuTrigger" onClose={() => setFloating(null)}>
          <div role="menu" className="react-aria-Menu" aria-label="Actions">
            {([["stats", "Statistics"], ["rename", "Rename…"], ["archive", "Archive"], ["delete", "Delete…"]] as const).map(([key, text]) => (
              <div
                key={key}
                role="menuitem"
                tabIndex={-1}
                data-key={key}
                className="react-aria-MenuItem"
                onClick={() => {
                  const id = floating.menu as string;
                  setFloating(null);
                  if (key === "archive") update(id, () => ({ archived: true }));
                  else setOpen({ what: key, id });
                }}
              >
                {text}
              </div>
            ))}
          </div>
        </Popover>
      )}
      {floating && floating.menu === null && (
        <Popover anchor={floating.anchor} trigger="DialogTrigger" onClose={() => setFloating(null)}>
          <section role="dialog" className="react-aria-Dialog" aria-label="Preferences">
            <div role="radiogroup" className="react-aria-RadioGroup" aria-labelledby="first-day" data-rac="">
              <span className="react-aria-Label" id="first-day">First day of the week</span>
              {([["sun", "Sunday"], ["mon", "Monday"]] as const).map(([value, text]) => (
                <label key={value} className="react-aria-Radio" data-rac="" data-selected={firstDay === value || undefined}>
                  <span style={hidden}>
                    <input type="radio" name="first-day" value={value} checked={firstDay === value} onChange={() => setFirstDay(value)} />
                  </span>
                  {text}
                </label>
              ))}
            </div>
          </section>
        </Popover>
      )}

      {open?.what === "create" && <CreateDialog onCreate={(habit) => setHabits((all) => [...all, habit])} onClose={close} />}
      {open?.what === "rename" && target && (
        <RenameDialog habit={target} onRename={(name) => update(target.id, () => ({ name }))} onClose={close} />
      )}
      {open?.what === "stats" && target && (
        <Modal title={target.name}>
          <p>Current streak: {currentStreak(target)} days</p>
          <p>Completed {target.completed.length} times</p>
          <div className="actions"><Button slot="close" onPress={close}>Close</Button></div>
        </Modal>
      )}
      {open?.what === "delete" && target && (
        <Modal title="Delete habit" role="alertdialog">
          <p>“{target.name}” and its history will be removed for good.</p>
          <div className="actions">
            <Button slot="close" onPress={close}>Cancel</Button>
            <Button
              variant="danger"
              onPress={() => {
                setHabits((all) => all.filter((habit) => habit.id !== target.id));
                close();
              }}
            >
              Delete
            </Button>
          </div>
        </Modal>
      )}

      {toast && (
        <div role="region" aria-label="1 notification." className="react-aria-ToastRegion" tabIndex={-1}>
          <div role="alertdialog" className="react-aria-Toast" aria-modal="false">
            <div role="alert" className="react-aria-ToastContent">
              <span slot="title">Well done!</span>
            </div>
            <Button onPress={() => setDone(toast, false)}>Undo</Button>
            <Button slot="close" aria-label="Close" onPress={() => setToast(null)}>✕</Button>
          </div>
        </div>
      )}
    </div>
  );
}

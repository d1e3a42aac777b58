import { useState } from "react";

// shadcn/ui-like: Radix primitives and Tailwind classes.

interface Room { id: string; name: string; seats: number; projector: boolean }
interface Booking { id: number; room: string; date: string; start: string; hours: number; name: string; email: string; notes: string }

const ROOMS: Room[] = [
  { id: "alder", name: "Alder", seats: 4, projector: false },
  { id: "birch", name: "Birch", seats: 6, projector: true },
  { id: "cedar", name: "Cedar", seats: 10, projector: true },
  { id: "dogwood", name: "Dogwood", seats: 12, projector: false },
  { id: "elm", name: "Elm", seats: 20, projector: true },
];
const TIMES = Array.from({ length: 10 }, (_, i) => `${String(i + 8).padStart(2, "0")}:00`);
const EMPTY = { date: "", start: "", hours: 1, name: "", email: "", notes: "" };

function Select({ label, value, placeholder, items, onValueChange }: { label: string; value: string; placeholder: string; items: string[]; onValueChange: (v: string) => void }) {
  const [open, setOpen] = useState(false);
  return (
    <div className="relative grid gap-2" data-field={label}>
      <span className="text-sm font-medium" id={`l-${label}`}>{label}</span>
      <button type="button" role="combobox" aria-expanded={open} aria-labelledby={`l-${label}`} className="flex h-10 w-full items-center justify-between rounded-md border px-3 py-2 text-sm" onClick={() => setOpen(!open)}>
        <span>{value || placeholder}</span><svg width="16" height="16" className="lucide lucide-chevron-down"><path d="m4 6 4 4 4-4" stroke="currentColor" fill="none" /></svg>
      </button>
      {open && (
        <div role="listbox" className="absolute top-full z-50 w-full rounded-md border bg-white p-1 shadow-md">
          {items.map((item) => <div key={item} role="option" aria-selected={item === value} className="cursor-default rounded-sm px-2 py-1.5 text-sm hover:bg-slate-100" onClick={() => { onValueChange(item); setOpen(false); }}>{item}</div>)}
        </div>
      )}
    </div>
  );
}

export default function RoomBooking() {
  const [tab, setTab] = useState<"rooms" | "bookings">("rooms");
  const [capacity, setCapacity] = useState("");
  const [projector, setProjector] = useState(false);
  const [room, setRoom] = useState<string | null>(null);
  const [form, setForm] = useState<typeof EMPTY>(EMPTY);
  const [editId, setEditId] = useState<number | null>(null);
  const [bookings, setBookings] = useState<Booking[]>([]);
  const [cancelling, setCancelling] = useState<Booking | null>(null);
  const [toast, setToast] = useState("");

  const min = parseInt(capacity) || 0;
  const rooms = ROOMS.filter((r) => r.seats >= min && (!projector || r.projector));

  function submit(e: React.FormEvent) {
    e.preventDefault();
    if (!room) return;
    if (editId !== null) setBookings(bookings.map((b) => (b.id === editId ? { ...b, ...form } : b)));
    else setBookings([...bookings, { ...form, id: Date.now(), room }]);
    setToast(`Reservation confirmed: ${room}, ${form.date} ${form.start}`);
    setRoom(null);
    setEditId(null);
  }

  return (
    <div className="min-h-screen bg-slate-50 p-8">
      <style>{`.btn{display:inline-flex;height:40px;align-items:center;border-radius:6px;padding:0 16px;font:500 14px sans-serif;border:1px solid #e2e8f0;background:#fff;cursor:pointer}.btn-primary{background:#0f172a;color:#fff}.switch{width:44px;height:24px;border-radius:12px;border:0;background:#cbd5e1}.switch[aria-checked=true]{background:#0f172a}.overlay{position:fixed;inset:0;background:#000c;display:flex;align-items:center;justify-content:center}.panel{background:#fff;padding:24px;border-radius:8px;width:520px;display:grid;gap:12px}.panel input,.panel textarea{width:100%;box-sizing:border-box;height:40px;border:1px solid #e2e8f0;border-radius:6px;padding:0 12px}.relative{position:relative}.absolute{position:absolute;background:#fff;border:1px solid #ccc;z-index:9;left:0;right:0}.cards{display:grid;grid-template-columns:repeat(3,1fr);gap:16px;margin-top:16px}.card{background:#fff;border:1px solid #e2e8f0;border-radius:8px;padding:20px}`}</style>
      <h1 className="text-3xl font-bold tracking-tight">Reserve a space</h1>
      <div role="tablist" className="inline-flex h-10 rounded-md bg-slate-100 p-1">
        <button role="tab" aria-selected={tab === "rooms"} data-state={tab === "rooms" ? "active" : "inactive"} className="btn" onClick={() => setTab("rooms")}>Spaces</button>
        <button role="tab" aria-selected={tab === "bookings"} data-state={tab === "bookings" ? "active" : "inactive"} className="btn" onClick={() => setTab("bookings")}>My reservations</button>
      </div>
      {tab === "rooms" && (
        <div role="tabpanel">
          <div className="flex items-end gap-4" style={{ display: "flex", gap: 20, alignItems: "end" }}>
            <Select label="Group size" value={capacity} placeholder="All sizes" items={["2+ people", "4+ people", "8+ people", "16+ people"]} onValueChange={setCapacity} />
            <div className="flex items-center space-x-2">
              <button type="button" role="switch" aria-checked={projector} id="has-projector" className="switch" onClick={() => setProjector(!projector)} />
              <label htmlFor="has-projector"> With projector</label>
            </div>
            <button className="btn" data-variant="ghost" onClick={() => { setCapacity(""); setProjector(false); }}>Reset</button>
          </div>
          <div className="cards">
            {rooms.map((r) => (
              <div className="card" key={r.id} data-room={r.id}>
                <h3 className="font-semibold">{r.name}</h3>
                <p className="text-sm text-slate-500">{r.seats} seats{r.projector && " · projector"}</p>
                <button className="btn btn-primary" onClick={() => { setRoom(r.name); setForm(EMPTY); setEditId(null); }}>Reserve</button>
              </div>
            ))}
          </div>
        </div>
      )}
      {tab === "bookings" && (
        <div role="tabpanel" className="cards">
          {bookings.map((b) => (
            <div className="card" key={b.id}>
              <h3>{b.room}</h3>
              <p>{b.date}, {b.start}, {b.hours} h — {b.name}</p>
              <button className="btn" onClick={() => { setRoom(b.room); setForm(b); setEditId(b.id); }}>Modify</button>{" "}
              <button className="btn" data-variant="destructive" onClick={() => setCancelling(b)}>Cancel</button>
            </div>
          ))}
          {bookings.length === 0 && <p>You have no reservations yet.</p>}
        </div>
      )}
      {room && (
        <div className="overlay">
          <form role="dialog" aria-modal="true" aria-labelledby="dlg" className="panel" onSubmit={submit}>
            <h2 id="dlg">{editId === null ? `Reserve ${room}` : `Modify reservation of ${room}`}</h2>
            <label>Day<input type="date" name="day" value={form.date} onChange={(e) => setForm({ ...form, date: e.target.value })} /></label>
            <Select label="From" value={form.start} placeholder="Pick a time" items={TIMES} onValueChange={(start) => setForm({ ...form, start })} />
            <fieldset><legend>How long</legend>
              {[1, 2, 3, 4].map((h) => <label key={h} style={{ marginRight: 12 }}><input type="radio" name="hours" style={{ width: "auto", height: "auto" }} value={h} checked={form.hours === h} onChange={() => setForm({ ...form, hours: h })} /> {h} h</label>)}
            </fieldset>
            <label>Full name<input name="fullname" value={form.name} onChange={(e) => setForm({ ...form, name: e.target.value })} /></label>
            <label>E-mail<input name="mail" type="email" placeholder="you@company.com" value={form.email} onChange={(e) => setForm({ ...form, email: e.target.value })} /></label>
            <label>Notes (optional)<textarea name="notes" value={form.notes} onChange={(e) => setForm({ ...form, notes: e.target.value })} /></label>
            <div style={{ display: "flex", gap: 8, justifyContent: "end" }}>
              <button type="button" className="btn close" onClick={() => setRoom(null)}>Close</button>
              <button type="submit" className="btn btn-primary">{editId === null ? "Reserve now" : "Save changes"}</button>
            </div>
          </form>
        </div>
      )}
      {cancelling && (
        <div className="overlay">
          <div role="alertdialog" aria-modal="true" className="panel">
            <h2>Are you absolutely sure?</h2>
            <p>Your reservation of {cancelling.room} will be cancelled.</p>
            <div><button className="btn keep" onClick={() => setCancelling(null)}>Keep it</button> <button className="btn btn-primary continue" onClick={() => { setBookings(bookings.filter((b) => b.id !== cancelling.id)); setCancelling(null); }}>Continue</button></div>
          </div>
        </div>
      )}
      {toast && <div role="status" className="toast">{toast}</div>}
    </div>
  );
}

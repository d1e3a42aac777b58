import { useState, type ReactNode } from "react";

/* Radix primitives with shadcn's classes: dialog, dropdown menu, badge, data-state everywhere. */

type Status = "planned" | "running" | "complete";
interface Card {
  id: number;
  title: string;
  status: Status;
  priority: "normal" | "high";
}

const STATUS: Record<Status, string> = { planned: "Planned", running: "In progress", complete: "Complete" };

function Dialog({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div data-state="open" className="fixed inset-0 z-50 bg-black/60 flex items-center justify-center">
      <div role="dialog" aria-labelledby="radix-title" data-state="open" className="rounded-lg border bg-white p-6 shadow-lg w-96 grid gap-4">
        <h2 id="radix-title" className="text-lg font-semibold">
          {title}
        </h2>
        {children}
      </div>
    </div>
  );
}

const outline = "inline-flex items-center justify-center rounded-md border px-3 h-9 text-sm bg-white";
const solid = "inline-flex items-center justify-center rounded-md px-3 h-9 text-sm bg-zinc-900 text-white";
const inputClass = "flex h-9 w-full rounded-md border px-3 text-sm";

export default function Board() {
  const [cards, setCards] = useState<Card[]>([]);
  const [draft, setDraft] = useState<Partial<Card> | null>(null);
  const [menu, setMenu] = useState(0);
  const [query, setQuery] = useState("");

  const update = (id: number, part: Partial<Card>) => {
    setCards(cards.map((c) => (c.id === id ? { ...c, ...part } : c)));
    setMenu(0);
  };
  const submit = () => {
    if (!draft?.title?.trim()) return;
    if (draft.id) update(draft.id, draft);
    else setCards([...cards, { id: Date.now(), title: draft.title, status: "planned", priority: "normal" }]);
    setDraft(null);
  };

  return (
    <div className="p-8 font-sans text-zinc-900 bg-white min-h-screen">
      <div className="flex gap-3 mb-6 items-center">
        <h1 className="text-2xl font-semibold tracking-tight mr-auto">Project board</h1>
        <input className={inputClass + " max-w-56"} placeholder="Filter cards..." value={query} onChange={(e) => setQuery(e.target.value)} />
        <button type="button" className={solid + " create"} aria-haspopup="dialog" data-state={draft ? "open" : "closed"} onClick={() => setDraft({})}>
          New card
        </button>
      </div>
      <div className="grid grid-cols-3 gap-4">
        {(Object.keys(STATUS) as Status[]).map((status) => (
          <div key={status} className="rounded-xl border bg-zinc-50 p-4 min-h-80">
            <div className="text-sm font-medium text-zinc-600 mb-3">{STATUS[status]}</div>
            {cards
              .filter((c) => c.status === status && c.title.toLowerCase().includes(query.toLowerCase()))
              .map((card) => (
                <div key={card.id} data-slot="card" className="relative rounded-xl border bg-white p-4 mb-3 shadow-sm flex items-start gap-2">
                  <div className="flex-1">
                    <div data-slot="card-title" className="font-medium">
                      {card.title}
                    </div>
                    {card.priority === "high" && (
                      <span data-slot="badge" className="rounded-md bg-red-600 text-white text-xs px-2">
                        High
                      </span>
                    )}
                  </div>
                  <button
                    type="button"
                    aria-haspopup="menu"
                    aria-expanded={menu === card.id}
                    data-state={menu === card.id ? "open" : "closed"}
                    className={outline}
                    onClick={() => setMenu(menu === card.id ? 0 : card.id)}
                  >
                    <span className="sr-only">Open menu</span>
                    <svg width="15" height="15" viewBox="0 0 15 15" aria-hidden="true">
                      <circle cx="3" cy="7.5" r="1.3" /> <circle cx="7.5" cy="7.5" r="1.3" /> <circle cx="12" cy="7.5" r="1.3" />
                    </svg>
                  </button>
                  {menu === card.id && (
                    <div role="menu" data-state="open" className="absolute right-4 top-14 z-10 min-w-40 rounded-md border bg-white p-1 shadow-md">
                      <div role="menuitem" tabIndex={-1} className="px-2 py-1.5 text-sm" onClick={() => { setDraft(card); setMenu(0); }}>
                        Rename
                      </div>
                      {(Object.keys(STATUS) as Status[])
                        .filter((s) => s !== status)
                        .map((s) => (
                          <div role="menuitem" tabIndex={-1} key={s} className="px-2 py-1.5 text-sm" onClick={() => update(card.id, { status: s })}>
                            Move to {STATUS[s]}
                          </div>
                        ))}
                      <div role="menuitem" tabIndex={-1} className="px-2 py-1.5 text-sm" onClick={() => update(card.id, { priority: "high" })}>
                        High priority
                      </div>
                      <div role="separator" className="-mx-1 my-1 h-px bg-zinc-200" />
                      <div role="menuitem" tabIndex={-1} className="px-2 py-1.5 text-sm text-red-600" onClick={() => setCards(cards.filter((c) => c !== card))}>
                        Delete
                      </div>
                    </div>
                  )}
                </div>
              ))}
          </div>
        ))}
      </div>
      {draft && (
        <Dialog title={draft.id ? "Rename card" : "New card"}>
          <label className="text-sm font-medium" htmlFor="radix-field">
            Title
          </label>
          <input id="radix-field" className={inputClass} value={draft.title ?? ""} onChange={(e) => setDraft({ ...draft, title: e.target.value })} />
          <div className="flex justify-end gap-2">
            <button type="button" className={outline} onClick={() => setDraft(null)}>
              Cancel
            </button>
            <button type="button" className={solid + " submit"} onClick={submit}>
              {draft.id ? "Save changes" : "Create"}
            </button>
          </div>
        </Dialog>
      )}
    </div>
  );
}

import React, { useState } from "react";

// Semantic UI React's markup: menu, cards, modal, dropdown, message.

type Note = { id: number; title: string; content: string; tags: string[]; pinned: boolean; created: number };

const css = `
body { margin: 0; font: 14px/1.4285em Lato, "Liberation Sans", sans-serif; color: #000000de; }
.ui.menu { display: flex; border-bottom: 1px solid #22242626; padding: 0 1em; min-height: 3.2em; align-items: center; }
.ui.menu .item { padding: .9em 1.1em; cursor: pointer; color: #000000de; text-decoration: none; }
.ui.menu .item.active { background: #0000000d; }
.ui.menu .right.menu { margin-left: auto; border: 0; }
.ui.container { width: 1080px; margin: 1.5em auto; }
.ui.button { border: 0; border-radius: .28rem; padding: .78em 1.5em; background: #e0e1e2; font: inherit; font-weight: 700; cursor: pointer; }
.ui.primary.button { background: #2185d0; color: #fff; } .ui.icon.button { padding: .78em; } .ui.negative.button { background: #db2828; color: #fff; }
.ui.cards { display: flex; flex-wrap: wrap; gap: 1em; } .ui.card { width: 290px; box-shadow: 0 1px 3px #d4d4d5, 0 0 0 1px #d4d4d5; border-radius: .28rem; background: #fff; }
.ui.card .content { padding: 1em; } .ui.card .header { font-weight: 700; font-size: 1.28em; } .ui.card .extra { border-top: 1px solid #0000000d; padding: .75em 1em; display: flex; gap: .4em; }
.ui.label { display: inline-block; background: #e8e8e8; border-radius: .28rem; padding: .4em .8em; font-size: .85em; font-weight: 700; margin: 0 .2em; }
.ui.dimmer { position: fixed; inset: 0; background: #000000d9; display: flex; align-items: center; justify-content: center; z-index: 1000; }
.ui.modal { background: #fff; width: 640px; border-radius: .28rem; } .ui.modal > .header { padding: 1.2em 1.5em; font-size: 1.4em; font-weight: 700; border-bottom: 1px solid #22242626; }
.ui.modal > .content { padding: 1.5em; } .ui.modal > .actions { background: #f9fafb; padding: 1em; text-align: right; }
.field { margin: 0 0 1em; } .field > label { display: block; font-weight: 700; margin-bottom: .3em; } .field input, .field textarea, .ui.input input { width: 100%; box-sizing: border-box; padding: .68em 1em; border: 1px solid #22242626; border-radius: .28rem; font: inherit; }
.ui.dropdown { position: relative; cursor: pointer; padding: .6em 1em; border: 1px solid #22242626; display: inline-block; min-width: 10em; }
.ui.dropdown .menu { position: absolute; left: -1px; top: 100%; display: block; background: #fff; border: 1px solid #96c8da; min-width: 100%; z-index: 11; padding: 0; } .ui.dropdown .menu .item { padding: .7em 1.1em; }
.ui.message { position: fixed; right: 1em; bottom: 1em; background: #f8f8f9; padding: 1em 1.5em; box-shadow: 0 0 0 1px #22242638; }
i.icon { font-style: normal; }
`;

const SORTS = [{ key: "created", text: "Last created" }, { key: "title", text: "Title A–Z" }];

export default function NotesApp() {
  const [notes, setNotes] = useState<Note[]>([]);
  const [draft, setDraft] = useState<Partial<Note> & { tagText: string } | null>(null);
  const [query, setQuery] = useState("");
  const [activeTag, setActiveTag] = useState<string | null>(null);
  const [sort, setSort] = useState("created");
  const [sortOpen, setSortOpen] = useState(false);
  const [deleted, setDeleted] = useState<Note | null>(null);

  const tags = Array.from(new Set(notes.flatMap((n) => n.tags))).sort();
  const visible = notes
    .filter((n) => (!activeTag || n.tags.includes(activeTag)) && `${n.title} ${n.content}`.toLowerCase().includes(query.toLowerCase()))
    .sort((a, b) => Number(b.pinned) - Number(a.pinned) || (sort === "title" ? a.title.localeCompare(b.title) : b.created - a.created));

  const submit = () => {
    if (!draft) return;
    const data = { title: draft.title ?? "", content: draft.content ?? "", tags: draft.tagText.split(",").map((t) => t.trim()).filter(Boolean) };
    setNotes((all) => draft.id ? all.map((n) => (n.id === draft.id ? { ...n, ...data } : n)) : [...all, { ...data, id: all.length + 1 + (deleted ? 1 : 0), pinned: false, created: all.length }]);
    setDraft(null);
  };

  return (
    <div>
      <style>{css}</style>
      <div className="ui secondary menu">
        <div className="header item"><b>NoteKeeper</b></div>
        <a className={`item${activeTag === null ? " active" : ""}`} onClick={() => setActiveTag(null)}>Everything</a>
        {tags.map((tag) => (
          <a key={tag} className={`item${activeTag === tag ? " active" : ""}`} onClick={() => setActiveTag(tag)}>{tag}</a>
        ))}
        <div className="right menu">
          <div className="item"><div className="ui icon input"><input type="text" placeholder="Find…" value={query} onChange={(e) => setQuery(e.target.value)} /></div></div>
        </div>
      </div>
      <div className="ui container">
        <p>
          <button className="ui primary button" onClick={() => setDraft({ tagText: "" })}><i aria-hidden="true" className="plus icon">+</i> Create Note</button>{" "}
          <div role="listbox" aria-expanded={sortOpen} className="ui dropdown" tabIndex={0} onClick={() => setSortOpen(!sortOpen)}>
            <div className="divider text" aria-live="polite">{SORTS.find((s) => s.key === sort)?.text}</div>
            {sortOpen && (
              <div className="visible menu">
                {SORTS.map((s) => (
                  <div key={s.key} role="option" aria-selected={s.key === sort} className="item" onClick={(e) => { e.stopPropagation(); setSort(s.key); setSortOpen(false); }}><span className="text">{s.text}</span></div>
                ))}
              </div>
            )}
          </div>
        </p>
        <div className="ui cards">
          {visible.map((n) => (
            <div className={`ui card note-${n.id}`} key={n.id}>
              <div className="content">
                <div className="header">{n.title}</div>
                <div className="description">{n.content}</div>
                <div className="meta">{n.tags.map((t) => <span className="ui label" key={t}>{t}</span>)}</div>
              </div>
              <div className="extra content">
                <button className="ui icon button" aria-label={n.pinned ? "Unpin" : "Pin"} onClick={() => setNotes(notes.map((m) => (m.id === n.id ? { ...m, pinned: !m.pinned } : m)))}><i className="pin icon">📌</i></button>
                <button className="ui icon button" aria-label="Edit" onClick={() => setDraft({ ...n, tagText: n.tags.join(", ") })}><i className="edit icon">✎</i></button>
                <button className="ui icon button" aria-label="Remove" onClick={() => { setDeleted(n); setNotes(notes.filter((m) => m.id !== n.id)); }}><i className="trash icon">🗑</i></button>
              </div>
            </div>
          ))}
        </div>
      </div>
      {draft && (
        <div className="ui page modals dimmer active">
          <div className="ui small modal active" role="dialog" aria-modal="true">
            <div className="header">{draft.id ? "Update Note" : "Create Note"}</div>
            <div className="content">
              <form className="ui form" onSubmit={(e) => e.preventDefault()}>
                <div className="field"><label>Heading</label><div className="ui input"><input name="heading" value={draft.title ?? ""} onChange={(e) => setDraft({ ...draft, title: e.target.value })} /></div></div>
                <div className="field"><label>Content</label><textarea name="content" rows={4} value={draft.content ?? ""} onChange={(e) => setDraft({ ...draft, content: e.target.value })} /></div>
                <div className="field"><label>Labels</label><div className="ui input"><input name="labels" placeholder="work, home, …" value={draft.tagText} onChange={(e) => setDraft({ ...draft, tagText: e.target.value })} /></div></div>
              </form>
            </div>
            <div className="actions">
              <button className="ui button" onClick={() => setDraft(null)}>Discard</button>{" "}
              <button className="ui primary button" onClick={submit}>{draft.id ? "Update" : "Create"}</button>
            </div>
          </div>
        </div>
      )}
      {deleted && (
        <div className="ui message">
          Moved to trash. <button className="ui mini button restore" onClick={() => { setNotes([...notes, deleted]); setDeleted(null); }}>Restore</button>
        </div>
      )}
    </div>
  );
}

import React, { useId, useState } from "react";

// Primer's markup: nav list, segmented control, action menu, dialog, toggle switch, flash.

type Folder = "inbox" | "sent" | "archive" | "trash";
type Message = {
  id: number; person: string; subject: string; body: string; unread: boolean;
  starred: boolean; folder: Folder; assignee: string | null; replies: string[];
};

const css = `
body { margin: 0; font: 14px/1.5 -apple-system, "Segoe UI", "Noto Sans", "Liberation Sans", sans-serif; color: #1f2328; background: #fff; }
.AppHeader { display: flex; align-items: center; gap: 16px; padding: 12px 24px; background: #f6f8fa; border-bottom: 1px solid #d1d9e0; }
.AppHeader h1 { font-size: 16px; margin: 0; flex: 1; }
.Layout { display: grid; grid-template-columns: 220px 1fr; min-height: calc(100vh - 58px); }
.prc-NavList { padding: 16px 8px; border-right: 1px solid #d1d9e0; } .prc-ActionList { list-style: none; margin: 0; padding: 0; }
.prc-ActionListItem { border-radius: 6px; } .prc-ActionListItem:hover, .prc-ActionListItem[data-active] { background: #818b981a; }
.prc-ActionListContent { display: flex; gap: 8px; align-items: center; width: 100%; padding: 6px 8px; border: 0; background: none; font: inherit; color: inherit; text-decoration: none; text-align: left; cursor: pointer; box-sizing: border-box; }
.Content { padding: 20px 24px; max-width: 960px; position: relative; }
.prc-Button { font: inherit; font-weight: 500; border: 1px solid #d1d9e0; border-radius: 6px; background: #f6f8fa; padding: 5px 14px; cursor: pointer; display: inline-flex; gap: 8px; align-items: center; }
.prc-Button[data-variant=primary] { background: #1f883d; border-color: #1f883d; color: #fff; } .prc-Button[data-variant=invisible] { background: none; border-color: transparent; color: #59636e; }
.prc-IconButton { padding: 5px 8px; } .octicon { fill: currentColor; width: 16px; height: 16px; vertical-align: text-bottom; }
.toolbar { display: flex; gap: 12px; align-items: center; margin-bottom: 16px; }
.TextInput-wrapper { display: inline-flex; align-items: center; gap: 8px; border: 1px solid #d1d9e0; border-radius: 6px; padding: 5px 12px; box-sizing: border-box; width: 100%; } .TextInput-wrapper input { border: 0; outline: 0; font: inherit; width: 100%; }
.prc-Textarea { width: 100%; box-sizing: border-box; border: 1px solid #d1d9e0; border-radius: 6px; padding: 8px 12px; font: inherit; }
.prc-SegmentedControl { display: inline-flex; list-style: none; margin: 0; padding: 0; background: #e6eaef; border-radius: 6px; } .prc-SegmentedControl button { border: 0; background: none; font: inherit; padding: 6px 12px; border-radius: 6px; cursor: pointer; } .prc-SegmentedControl button[aria-current=true] { background: #fff; box-shadow: 0 0 0 1px #818b98; font-weight: 600; }
.Box { border: 1px solid #d1d9e0; border-radius: 6px; } .Box-row { display: flex; align-items: center; gap: 8px; padding: 12px 16px; border-top: 1px solid #d1d9e0; position: relative; } .Box-row:first-child { border-top: 0; } .Box--condensed .Box-row { padding: 2px 16px; font-size: 12px; }
.Box-row .Link { flex: 1; color: inherit; text-decoration: none; } .Box-row--unread .Link { font-weight: 600; } .fg-muted { color: #59636e; } .Label { border: 1px solid #d1d9e0; border-radius: 2em; padding: 0 7px; font-size: 12px; }
.prc-Overlay { position: absolute; right: 16px; top: 100%; z-index: 20; width: 200px; background: #fff; border-radius: 12px; padding: 8px; box-shadow: 0 0 0 1px #d1d9e080, 0 6px 12px -3px #25292e44; }
.prc-Dialog-Backdrop { position: fixed; inset: 0; background: #c8d1da66; display: flex; align-items: center; justify-content: center; z-index: 40; } .prc-Dialog { width: 480px; background: #fff; border-radius: 12px; box-shadow: 0 8px 24px #25292e55; } .prc-Dialog header { display: flex; padding: 12px 16px; border-bottom: 1px solid #d1d9e0; align-items: center; } .prc-Dialog header h1 { flex: 1; font-size: 14px; margin: 0; } .prc-Dialog-Body { padding: 16px; } .prc-Dialog footer { padding: 16px; display: flex; gap: 8px; justify-content: flex-end; }
.prc-FormControl { display: flex; flex-direction: column; gap: 4px; margin-bottom: 16px; } .prc-FormControl label { font-weight: 600; }
.prc-ToggleSwitch { display: flex; align-items: center; gap: 8px; } .prc-ToggleSwitch button { width: 48px; height: 24px; border-radius: 6px; border: 1px solid #d1d9e0; background: #e6eaef; padding: 0; position: relative; } .prc-ToggleSwitch button::after { content: ""; position: absolute; top: 0; left: 0; width: 22px; height: 22px; background: #fff; border-radius: 6px; } .prc-ToggleSwitch button[aria-pressed=true] { background: #0969da; } .prc-ToggleSwitch button[aria-pressed=true]::after { left: 24px; }
.flash { padding: 12px 16px; border: 1px solid #54aeff66; border-radius: 6px; background: #ddf4ff; margin-bottom: 16px; display: flex; align-items: center; justify-content: space-between; }
.Conversation { display: grid; grid-template-columns: 1fr 200px; gap: 24px; } .comment { border: 1px solid #d1d9e0; border-radius: 6px; margin-bottom: 16px; } .comment > header { background: #f6f8fa; padding: 8px 16px; border-bottom: 1px solid #d1d9e0; border-radius: 6px 6px 0 0; } .comment > div { padding: 16px; }
`;

const PATHS = {
  star: "M8 .25l2.1 4.5 4.9.7-3.5 3.5.8 4.9L8 11.5l-4.3 2.35.8-4.9L1 5.45l4.9-.7z", kebab: "M8 9a1.5 1.5 0 100-3 1.5 1.5 0 000 3zM1.5 9a1.5 1.5 0 100-3 1.5 1.5 0 000 3zm13 0a1.5 1.5 0 100-3 1.5 1.5 0 000 3z",
  gear: "M8 0l1.5 2.2 2.6-.5.6 2.6L15 6l-1.2 2L15 10l-2.3 1.7-.6 2.6-2.6-.5L8 16l-1.5-2.2-2.6.5-.6-2.6L1 10l1.2-2L1 6l2.3-1.7.6-2.6 2.6.5zM8 5.5a2.5 2.5 0 100 5 2.5 2.5 0 000-5z", search: "M10.7 11.7a6 6 0 111-1l4 4-1 1zM7 11.5a4.5 4.5 0 100-9 4.5 4.5 0 000 9z",
  x: "M3.7 2.7L8 7l4.3-4.3 1 1L9 8l4.3 4.3-1 1L8 9l-4.3 4.3-1-1L7 8 2.7 3.7z", back: "M7.8 13L2.5 8l5.3-5 1 1L5.5 7.3H14v1.5H5.5L8.8 12z",
};
const TEAM = ["Maya", "Jonas", "Priya"];
const START = [
  ["Anna Kowalski", "Wrong amount on invoice 4021", "Hello, I was charged 240 euros instead of 204. Could you please check it?", true],
  ["Ben Okafor", "Cannot sign in after the update", "Since the update this morning I only get an error page when I sign in.", true],
  ["Carla Mendes", "Change of delivery address", "We have moved. Please send the next order to 12 Harbour Street.", false],
  ["David Lin", "Idea: dark mode", "I often work at night and would love a dark mode.", false],
  ["Offers Daily", "Weekly offers for your office", "Chairs, desks and lamps at half the price.", true],
].map(([person, subject, body, unread], i) => ({ id: i + 1, person, subject, body, unread, starred: false, folder: "inbox", assignee: null, replies: [] })) as Message[];

const Octicon = ({ name }: { name: keyof typeof PATHS }) => <svg aria-hidden="true" focusable="false" className={`octicon octicon-${name}`} viewBox="0 0 16 16"><path d={PATHS[name]} /></svg>;

function Button({ variant = "default", children, ...rest }: React.ButtonHTMLAttributes<HTMLButtonElement> & { variant?: string }) {
  return <button type="button" className="prc-Button" data-variant={variant} data-size="medium" {...rest}><span data-component="buttonContent"><span data-component="text">{children}</span></span></button>;
}
function IconButton({ icon, label, ...rest }: React.ButtonHTMLAttributes<HTMLButtonElement> & { icon: keyof typeof PATHS; label: string }) {
  return <button type="button" data-component="IconButton" className="prc-Button prc-IconButton" data-variant="invisible" aria-label={label} {...rest}><Octicon name={icon} /></button>;
}
function Menu({ items, role = "menuitem" }: { items: [string, () => void, boolean?][]; role?: string }) {
  return (
    <div className="prc-Overlay">
      <ul className="prc-ActionList" role="menu">
        {items.map(([text, act, checked]) => (
          <li key={text} className="prc-ActionListItem" role={role} tabIndex={-1} aria-checked={role === "menuitemradio" ? !!checked : undefined} onClick={act}>
            <div className="prc-ActionListContent"><span className="prc-ItemLabel">{checked ? "✓ " : ""}{text}</span></div>
          </li>
        ))}
      </ul>
    </div>
  );
}
function Dialog({ title, onClose, footer, children }: { title: string; onClose: () => void; footer?: React.ReactNode; children: React.ReactNode }) {
  const id = useId();
  return (
    <div className="prc-Dialog-Backdrop">
      <div role="dialog" aria-modal="true" aria-labelledby={id} className="prc-Dialog">
        <header><h1 id={id}>{title}</h1><IconButton icon="x" label="Close" onClick={onClose} /></header>
        <div className="prc-Dialog-Body">{children}</div>
        {footer && <footer>{footer}</footer>}
      </div>
    </div>
  );
}
function FormControl({ label, children }: { label: string; children: (id: string) => React.ReactNode }) {
  const id = useId();
  return <div className="prc-FormControl"><label htmlFor={id}>{label}</label>{children(id)}</div>;
}

export default function SupportInbox() {
  const [messages, setMessages] = useState<Message[]>(START);
  const [folder, setFolder] = useState<Folder>("inbox");
  const [openId, setOpenId] = useState<number | null>(null);
  const [menu, setMenu] = useState<number | "assignee" | null>(null);
  const [query, setQuery] = useState("");
  const [unreadOnly, setUnreadOnly] = useState(false);
  const [condensed, setCondensed] = useState(false);
  const [dialog, setDialog] = useState<"compose" | "settings" | null>(null);
  const [draft, setDraft] = useState({ to: "", subject: "", body: "" });
  const [reply, setReply] = useState("");
  const [moved, setMoved] = useState<{ id: number; from: Folder; to: Folder } | null>(null);

  const change = (id: number, part: Partial<Message>) => setMessages((all) => all.map((m) => (m.id === id ? { ...m, ...part } : m)));
  const current = messages.find((m) => m.id === openId);
  const visible = messages.filter((m) => m.folder === folder && (!unreadOnly || folder !== "inbox" || m.unread) && `${m.person} ${m.subject} ${m.body}`.toLowerCase().includes(query.toLowerCase()));
  const unread = messages.filter((m) => m.folder === "inbox" && m.unread).length;
  const move = (m: Message, to: Folder) => { change(m.id, { folder: to }); setMoved({ id: m.id, from: m.folder, to }); setMenu(null); setOpenId(null); };
  const goTo = (to: Folder) => { setFolder(to); setOpenId(null); setMenu(null); };
  const send = () => {
    setMessages([...messages, { id: messages.length + 1, person: draft.to, subject: draft.subject, body: draft.body, unread: false, starred: false, folder: "sent", assignee: null, replies: [] }]);
    setDraft({ to: "", subject: "", body: "" });
    setDialog(null);
  };

  return (
    <div data-color-mode="light">
      <style>{css}</style>
      <header className="AppHeader">
        <h1>Support</h1>
        <IconButton icon="gear" label="Settings" onClick={() => setDialog("settings")} />
        <Button variant="primary" onClick={() => setDialog("compose")}>New message</Button>
      </header>
      <div className="Layout">
        <nav className="prc-NavList" aria-label="Mailboxes">
          <ul className="prc-ActionList">
            {(["inbox", "sent", "archive"] as Folder[]).map((name) => (
              <li key={name} className="prc-ActionListItem" data-active={folder === name || undefined}>
                <a href="#" className="prc-ActionListContent" aria-current={folder === name ? "page" : undefined} onClick={(e) => { e.preventDefault(); goTo(name); }}>
                  <span className="prc-ItemLabel">{name[0].toUpperCase() + name.slice(1)}</span>{name === "inbox" && unread > 0 && <span className="Label">{unread}</span>}
                </a>
              </li>
            ))}
          </ul>
        </nav>
        <main className="Content">
          {moved && (
            <div className="flash" role="status">
              {{ trash: "Message deleted.", archive: "Message archived.", inbox: "Message moved to inbox.", sent: "" }[moved.to]}
              <Button onClick={() => { change(moved.id, { folder: moved.from }); setMoved(null); }}>Undo</Button>
            </div>
          )}
          {current ? (
            <>
              <div className="toolbar">
                <IconButton icon="back" label="Back to list" onClick={() => { setOpenId(null); setMenu(null); }} />
                <h2 style={{ flex: 1, margin: 0 }}>{current.subject}</h2>
                <Button onClick={() => { change(current.id, { unread: true }); setOpenId(null); }}>Mark as unread</Button>
              </div>
              <div className="Conversation">
                <div>
                  <div className="comment"><header><b>{current.person}</b> <span className="fg-muted">wrote</span></header><div>{current.body}</div></div>
                  {current.replies.map((text, i) => <div className="comment" key={i}><header><b>You</b> <span className="fg-muted">replied</span></header><div>{text}</div></div>)}
                  <textarea className="prc-Textarea" rows={5} aria-label="Add a comment" placeholder="Leave a reply" value={reply} onChange={(e) => setReply(e.target.value)} />
                  <div style={{ textAlign: "right", marginTop: 8 }}>
                    <Button variant="primary" disabled={!reply.trim()} onClick={() => { change(current.id, { replies: [...current.replies, reply] }); setReply(""); }}>Reply</Button>
                  </div>
                </div>
                <aside style={{ position: "relative" }}>
                  <Button variant="invisible" aria-haspopup="true" aria-expanded={menu === "assignee"} onClick={() => setMenu(menu === "assignee" ? null : "assignee")}>Assignees</Button>
                  <div className="fg-muted" style={{ padding: "4px 14px" }}>{current.assignee ?? "No one assigned"}</div>
                  {menu === "assignee" && <Menu role="menuitemradio" items={TEAM.map((name) => [name, () => { change(current.id, { assignee: name }); setMenu(null); }, current.assignee === name])} />}
                </aside>
              </div>
            </>
          ) : (
            <>
              <div className="toolbar">
                <span className="TextInput-wrapper"><Octicon name="search" /><input type="text" data-component="input" aria-label="Filter messages" placeholder="Search all messages" value={query} onChange={(e) => setQuery(e.target.value)} /></span>
                {folder === "inbox" && (
                  <ul className="prc-SegmentedControl" aria-label="Show">
                    <li><button type="button" aria-current={!unreadOnly} onClick={() => setUnreadOnly(false)}>All</button></li>
                    <li><button type="button" aria-current={unreadOnly} onClick={() => setUnreadOnly(true)}>Unread</button></li>
                  </ul>
                )}
              </div>
              <div className={`Box${condensed ? " Box--condensed" : ""}`}>
                {visible.map((m) => (
                  <div key={m.id} id={`message-${m.id}`} className={`Box-row${m.unread ? " Box-row--unread" : ""}`}>
                    <IconButton icon="star" label={m.starred ? "Unstar" : "Star"} style={{ color: m.starred ? "#eac54f" : undefined }} onClick={() => change(m.id, { starred: !m.starred })} />
                    <a href="#" className="Link" onClick={(e) => { e.preventDefault(); change(m.id, { unread: false }); setReply(""); setOpenId(m.id); }}>{m.subject}</a>
                    {m.assignee && <span className="Label">{m.assignee}</span>}
                    <span className="fg-muted">{m.person}</span>
                    <IconButton icon="kebab" label="More actions" aria-haspopup="true" aria-expanded={menu === m.id} onClick={() => setMenu(menu === m.id ? null : m.id)} />
                    {menu === m.id && <Menu items={[[m.folder === "archive" ? "Move to inbox" : "Archive", () => move(m, m.folder === "archive" ? "inbox" : "archive")], ["Delete", () => move(m, "trash")]]} />}
                  </div>
                ))}
                {!visible.length && <div className="Box-row fg-muted">No messages here</div>}
              </div>
            </>
          )}
        </main>
      </div>
      {dialog === "compose" && (
        <Dialog title="New message" onClose={() => setDialog(null)} footer={<><Button onClick={() => setDialog(null)}>Cancel</Button><Button variant="primary" disabled={!draft.to} onClick={send}>Send</Button></>}>
          <FormControl label="To">{(id) => <span className="TextInput-wrapper"><input id={id} name="to" value={draft.to} onChange={(e) => setDraft({ ...draft, to: e.target.value })} /></span>}</FormControl>
          <FormControl label="Subject">{(id) => <span className="TextInput-wrapper"><input id={id} name="subject" value={draft.subject} onChange={(e) => setDraft({ ...draft, subject: e.target.value })} /></span>}</FormControl>
          <FormControl label="Message">{(id) => <textarea id={id} name="body" className="prc-Textarea" rows={6} value={draft.body} onChange={(e) => setDraft({ ...draft, body: e.target.value })} />}</FormControl>
        </Dialog>
      )}
      {dialog === "settings" && (
        <Dialog title="Settings" onClose={() => setDialog(null)}>
          <div className="prc-ToggleSwitch">
            <span id="condensed-label" style={{ flex: 1 }}><b>Compact rows</b><br /><span className="fg-muted">Fit more messages on the screen</span></span>
            <span aria-hidden="true">{condensed ? "On" : "Off"}</span>
            <button type="button" aria-pressed={condensed} aria-labelledby="condensed-label" onClick={() => setCondensed(!condensed)} />
          </div>
        </Dialog>
      )}
    </div>
  );
}

import * as React from "react";

/* Fluent UI's markup: search box, tab list, table with cell actions, dialog with fields, interaction tags, alert dialog. */

interface Contact {
  key: number;
  displayName: string;
  phone: string;
  tags: string[];
  favorite: boolean;
}

type Form = { key?: number; displayName: string; phone: string; tags: string[] };

const TAGS = ["Work", "Family", "Friends"];

const sheet = `
.fui-FluentProvider { font: 14px/20px "Segoe UI", "Liberation Sans", sans-serif; color: #242424; background: #fff; padding: 24px 40px; max-width: 980px; margin: 0 auto; }
.fui-Toolbar { display: flex; align-items: center; gap: 12px; margin-bottom: 12px; }
.fui-Button { display: inline-flex; align-items: center; gap: 6px; height: 32px; padding: 0 12px; border: 1px solid #d1d1d1; border-radius: 4px; background: #fff; font: inherit; font-weight: 600; cursor: pointer; }
.fui-Button--primary { background: #0f6cbd; border-color: #0f6cbd; color: #fff; }
.fui-Button--subtle { border-color: transparent; padding: 0 6px; }
.fui-Button svg { width: 20px; height: 20px; fill: currentColor; }
.fui-Input { display: inline-flex; align-items: center; gap: 6px; border: 1px solid #d1d1d1; border-bottom-color: #616161; border-radius: 4px; padding: 0 10px; height: 32px; }
.fui-Input__input { border: 0; outline: 0; font: inherit; flex: 1; background: none; min-width: 200px; }
.fui-SearchBox { margin-left: auto; } .fui-SearchBox svg { width: 16px; height: 16px; fill: none; stroke: #616161; stroke-width: 1.5; }
.fui-TabList { display: flex; } .fui-Tab { border: 0; background: none; padding: 12px 10px; font: inherit; cursor: pointer; border-bottom: 3px solid transparent; } .fui-Tab[aria-selected=true] { border-bottom-color: #0f6cbd; font-weight: 600; }
.fui-TagGroup { display: flex; gap: 8px; margin-left: 24px; }
.fui-InteractionTagPrimary { border: 1px solid #d1d1d1; border-radius: 4px; background: #f0f0f0; height: 24px; padding: 0 8px; font: inherit; font-size: 12px; cursor: pointer; } .fui-InteractionTagPrimary[aria-pressed=true] { background: #ebf3fc; border-color: #0f6cbd; color: #115ea3; }
.fui-Table { width: 100%; border-collapse: collapse; } .fui-TableHeaderCell { text-align: left; font-weight: 400; height: 32px; padding: 0 8px; } .fui-TableRow { border-bottom: 1px solid #e0e0e0; } .fui-TableCell { height: 44px; padding: 0 8px; }
.fui-TableCellLayout { display: flex; align-items: center; gap: 8px; }
.fui-Avatar { width: 32px; height: 32px; border-radius: 50%; background: #e6e6e6; display: inline-flex; align-items: center; justify-content: center; font-size: 12px; font-weight: 600; }
.fui-Tag { background: #f0f0f0; border-radius: 4px; padding: 2px 8px; font-size: 12px; margin-right: 4px; }
.fui-DialogSurface__backdrop { position: fixed; inset: 0; background: rgba(0,0,0,.4); }
.fui-DialogSurface { position: fixed; top: 20%; left: 50%; transform: translateX(-50%); background: #fff; border-radius: 8px; padding: 24px; width: 440px; box-shadow: 0 16px 40px #0004; }
.fui-DialogTitle { margin: 0 0 12px; font-size: 20px; } .fui-DialogActions { display: flex; justify-content: flex-end; gap: 8px; margin-top: 20px; }
.fui-Field { display: grid; gap: 4px; margin-bottom: 12px; }
.fui-Checkbox { position: relative; display: inline-flex; align-items: center; margin-right: 12px; } .fui-Checkbox__input { position: absolute; top: 0; left: 0; width: 100%; height: 100%; opacity: 0; margin: 0; cursor: pointer; z-index: 1; } .fui-Checkbox__indicator { width: 16px; height: 16px; border: 1px solid #616161; border-radius: 2px; margin: 8px; } .fui-Checkbox__input:checked + .fui-Checkbox__indicator { background: #0f6cbd; }
`;

const paths = {
  add: "M10 2.5c.28 0 .5.22.5.5v6.5H17a.5.5 0 0 1 0 1h-6.5V17a.5.5 0 0 1-1 0v-6.5H3a.5.5 0 0 1 0-1h6.5V3c0-.28.22-.5.5-.5Z",
  star: "M9.1 2.9a1 1 0 0 1 1.8 0l1.93 3.91 4.31.63a1 1 0 0 1 .56 1.7l-3.12 3.05.73 4.3a1 1 0 0 1-1.45 1.05L10 15.51l-3.86 2.03a1 1 0 0 1-1.45-1.05l.74-4.3L2.3 9.14a1 1 0 0 1 .56-1.71l4.31-.63z",
  edit: "M17.18 2.93a2.97 2.97 0 0 0-4.26-.06l-9.37 9.38c-.33.33-.56.74-.66 1.2l-.88 3.94a.5.5 0 0 0 .6.6l3.92-.87c.47-.1.9-.34 1.23-.68l9.36-9.36a2.97 2.97 0 0 0 .06-4.15z",
  delete: "M8.5 4h3a1.5 1.5 0 0 0-3 0zm-1 0a2.5 2.5 0 0 1 5 0h5a.5.5 0 0 1 0 1h-1.05l-1.2 10.34A3 3 0 0 1 12.27 18H7.73a3 3 0 0 1-2.98-2.66L3.55 5H2.5a.5.5 0 0 1 0-1z",
};

function Icon({ name }: { name: keyof typeof paths }) {
  return (
    <span className="fui-Button__icon">
      <svg aria-hidden="true" viewBox="0 0 20 20" xmlns="http://www.w3.org/2000/svg">
        <path d={paths[name]} />
      </svg>
    </span>
  );
}

function Button({ appearance = "secondary", className = "", ...props }: React.ButtonHTMLAttributes<HTMLButtonElement> & { appearance?: string }) {
  return <button type="button" className={`fui-Button fui-Button--${appearance} ${className}`} {...props} />;
}

function Field({ label, children }: { label: string; children: (id: string) => React.ReactNode }) {
  const id = React.useId();
  return (
    <div className="fui-Field">
      <label className="fui-Label fui-Field__label" htmlFor={id}>
        {label}
      </label>
      {children(id)}
    </div>
  );
}

function Dialog({ title, alert, children }: { title: string; alert?: boolean; children: React.ReactNode }) {
  const id = React.useId();
  return (
    <>
      <div aria-hidden="true" className="fui-DialogSurface__backdrop" />
      <div role={alert ? "alertdialog" : "dialog"} aria-modal="true" aria-labelledby={id} className="fui-DialogSurface">
        <div className="fui-DialogBody">
          <h2 id={id} className="fui-DialogTitle">
            {title}
          </h2>
          {children}
        </div>
      </div>
    </>
  );
}

export default function ContactsApp() {
  const [contacts, setContacts] = React.useState<Contact[]>([]);
  const [form, setForm] = React.useState<Form | null>(null);
  const [removing, setRemoving] = React.useState<Contact | null>(null);
  const [tab, setTab] = React.useState("all");
  const [query, setQuery] = React.useState("");
  const [tag, setTag] = React.useState("");
  const nextKey = React.useRef(1);

  const save = () => {
    if (!form?.displayName.trim()) return;
    const { displayName, phone, tags } = form;
    if (form.key) setContacts(contacts.map((c) => (c.key === form.key ? { ...c, displayName, phone, tags } : c)));
    else setContacts([...contacts, { key: nextKey.current++, displayName, phone, tags, favorite: false }]);
    setForm(null);
  };
  const items = contacts.filter(
    (c) =>
      (tab === "all" || c.favorite) &&
      (!tag || c.tags.includes(tag)) &&
      (c.displayName + c.phone).toLowerCase().includes(query.toLowerCase()),
  );

  return (
    <div className="fui-FluentProvider fui-FluentProvider1" dir="ltr">
      <style>{sheet}</style>
      <h1 style={{ fontSize: 28, lineHeight: "36px" }}>People</h1>
      <div role="toolbar" aria-label="Contacts" className="fui-Toolbar">
        <Button appearance="primary" className="fui-ToolbarButton" onClick={() => setForm({ displayName: "", phone: "", tags: [] })}>
          <Icon name="add" />
          New contact
        </Button>
        <span className="fui-Input fui-SearchBox">
          <span className="fui-SearchBox__contentBefore">
            <svg aria-hidden="true" viewBox="0 0 16 16">
              <circle cx="7" cy="7" r="4.5" />
              <path d="m10.5 10.5 4 4" />
            </svg>
          </span>
          <input type="search" role="searchbox" className="fui-Input__input" placeholder="Search people" value={query} onChange={(e) => setQuery(e.target.value)} />
        </span>
      </div>
      <div style={{ display: "flex", alignItems: "center" }}>
        <div role="tablist" className="fui-TabList">
          {[["all", "All people"], ["favorites", "Favorites"]].map(([value, text]) => (
            <button key={value} type="button" role="tab" value={value} aria-selected={tab === value} className="fui-Tab" onClick={() => setTab(value)}>
              <span className="fui-Tab__content">{text}</span>
            </button>
          ))}
        </div>
        <div role="toolbar" aria-label="Filter by tag" className="fui-TagGroup">
          {TAGS.map((name) => (
            <div key={name} className="fui-InteractionTag">
              <button type="button" className="fui-InteractionTagPrimary" aria-pressed={tag === name} onClick={() => setTag(tag === name ? "" : name)}>
                <span className="fui-InteractionTagPrimary__primaryText">{name}</span>
              </button>
            </div>
          ))}
        </div>
      </div>
      <table role="grid" className="fui-Table" aria-label="People">
        <thead className="fui-TableHeader">
          <tr className="fui-TableRow">
            <th className="fui-TableHeaderCell">Name</th>
            <th className="fui-TableHeaderCell">Phone</th>
            <th className="fui-TableHeaderCell">Tags</th>
            <th className="fui-TableHeaderCell" aria-label="Actions" />
          </tr>
        </thead>
        <tbody className="fui-TableBody">
          {items.map((contact) => (
            <tr key={contact.key} className="fui-TableRow">
              <td role="gridcell" className="fui-TableCell">
                <div className="fui-TableCellLayout">
                  <span role="img" aria-label={contact.displayName} className="fui-Avatar">
                    <span className="fui-Avatar__initials">
                      {contact.displayName.split(" ").map((word) => word[0]).join("").slice(0, 2)}
                    </span>
                  </span>
                  <span className="fui-TableCellLayout__content">{contact.displayName}</span>
                </div>
              </td>
              <td role="gridcell" className="fui-TableCell">{contact.phone}</td>
              <td role="gridcell" className="fui-TableCell">
                {contact.tags.map((name) => (
                  <span key={name} className="fui-Tag">
                    {name}
                  </span>
                ))}
              </td>
              <td role="gridcell" className="fui-TableCell fui-TableCellActions">
                <Button
                  appearance="subtle"
                  aria-label={contact.favorite ? "Remove from favorites" : "Add to favorites"}
                  aria-pressed={contact.favorite}
                  style={{ color: contact.favorite ? "#c19c00" : "#bdbdbd" }}
                  onClick={() => setContacts(contacts.map((c) => (c === contact ? { ...c, favorite: !c.favorite } : c)))}
                >
                  <Icon name="star" />
                </Button>
                <Button appearance="subtle" aria-label="Edit" onClick={() => setForm({ ...contact })}>
                  <Icon name="edit" />
                </Button>
                <Button appearance="subtle" aria-label="Delete" onClick={() => setRemoving(contact)}>
                  <Icon name="delete" />
                </Button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {form && (
        <Dialog title={form.key ? "Edit contact" : "New contact"}>
          <div className="fui-DialogContent">
            <Field label="Full name">
              {(id) => (
                <span className="fui-Input">
                  <input id={id} type="text" className="fui-Input__input" value={form.displayName} onChange={(e) => setForm({ ...form, displayName: e.target.value })} />
                </span>
              )}
            </Field>
            <Field label="Phone number">
              {(id) => (
                <span className="fui-Input">
                  <input id={id} type="tel" className="fui-Input__input" value={form.phone} onChange={(e) => setForm({ ...form, phone: e.target.value })} />
                </span>
              )}
            </Field>
            <div role="group" aria-label="Tags">
              {TAGS.map((name) => (
                <span key={name} className="fui-Checkbox">
                  <input
                    type="checkbox"
                    id={"tag-" + name}
                    className="fui-Checkbox__input"
                    checked={form.tags.includes(name)}
                    onChange={(e) => setForm({ ...form, tags: e.target.checked ? [...form.tags, name] : form.tags.filter((t) => t !== name) })}
                  />
                  <div aria-hidden="true" className="fui-Checkbox__indicator" />
                  <label className="fui-Label fui-Checkbox__label" htmlFor={"tag-" + name}>
                    {name}
                  </label>
                </span>
              ))}
            </div>
          </div>
          <div className="fui-DialogActions">
            <Button onClick={() => setForm(null)}>Cancel</Button>
            <Button appearance="primary" onClick={save}>
              Save
            </Button>
          </div>
        </Dialog>
      )}
      {removing && (
        <Dialog alert title="Delete contact?">
          <div className="fui-DialogContent">{removing.displayName} will be removed from your people.</div>
          <div className="fui-DialogActions">
            <Button
              appearance="primary"
              onClick={() => {
                setContacts(contacts.filter((c) => c !== removing));
                setRemoving(null);
              }}
            >
              Delete
            </Button>
            <Button onClick={() => setRemoving(null)}>Cancel</Button>
          </div>
        </Dialog>
      )}
    </div>
  );
}

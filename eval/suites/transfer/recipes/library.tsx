import { useState, type ReactNode } from "react";

// Blueprint's markup: navbar, HTML table, drawer, dialog, alert, numeric input, popover menu.

type Tag = "Meat" | "Sweet" | "Vegetarian";

interface Recipe {
  id: number;
  title: string;
  time: number;
  servings: number;
  ingredients: string[];
  tag: Tag;
  day: string | null;
}

interface FormState {
  id: number | null;
  title: string;
  time: string;
  ingredients: string;
  tag: Tag | "";
}

const TAGS: Tag[] = ["Meat", "Sweet", "Vegetarian"];
const WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const BASE_SERVINGS = 4;
const INITIAL: Recipe[] = [
  { id: 1, title: "Lentil Soup", time: 40, servings: 4, ingredients: ["250 g lentils", "2 carrots", "1 onion"], tag: "Vegetarian", day: null },
  { id: 2, title: "Pancakes", time: 20, servings: 4, ingredients: ["200 g flour", "2 eggs"], tag: "Sweet", day: null },
  { id: 3, title: "Chicken Curry", time: 50, servings: 4, ingredients: ["600 g chicken", "1 onion"], tag: "Meat", day: null },
];

const css = `
body { margin: 0; font: 14px/1.3 -apple-system, "Segoe UI", "Liberation Sans", sans-serif; color: #1c2127; background: #f6f7f9; }
.bp5-navbar { display: flex; justify-content: space-between; background: #fff; height: 50px; padding: 0 15px; box-shadow: 0 0 0 1px #1114181a, 0 1px 1px #11141833; }
.bp5-navbar-group { display: flex; align-items: center; height: 50px; gap: 8px; } .bp5-navbar-heading { font-size: 16px; margin-right: 15px; } .bp5-navbar-divider { border-left: 1px solid #11141826; height: 20px; margin: 0 10px; }
.bp5-button { display: inline-flex; align-items: center; justify-content: center; gap: 7px; border: 0; border-radius: 2px; min-height: 30px; padding: 5px 10px; font: inherit; cursor: pointer; background: #f6f7f9; box-shadow: inset 0 0 0 1px #11141833, 0 1px 2px #1114181a; }
.bp5-button.bp5-intent-primary { background: #2d72d2; color: #fff; } .bp5-button.bp5-intent-danger { background: #cd4246; color: #fff; } .bp5-button.bp5-minimal { background: none; box-shadow: none; }
.content { padding: 20px; } .bp5-card { background: #fff; border-radius: 2px; box-shadow: 0 0 0 1px #11141826; }
.bp5-html-table { width: 100%; border-spacing: 0; } .bp5-html-table th, .bp5-html-table td { padding: 11px; text-align: left; } .bp5-html-table tbody td { box-shadow: inset 0 1px 0 0 #11141826; } .bp5-html-table.bp5-interactive tbody tr:hover td { background: #8f99a826; cursor: pointer; }
.bp5-tag { display: inline-flex; background: #5f6b7c; color: #fff; border-radius: 2px; font-size: 12px; padding: 2px 6px; } .bp5-tag.bp5-interactive { cursor: pointer; } .bp5-tag.bp5-minimal { background: #8f99a833; color: #1c2127; } .bp5-tag.bp5-intent-success { background: #238551; }
.bp5-overlay-backdrop { position: fixed; inset: 0; background: #111418b3; z-index: 20; }
.bp5-drawer { position: fixed; top: 0; bottom: 0; right: 0; width: 480px; background: #fff; z-index: 21; display: flex; flex-direction: column; } .bp5-drawer-header { display: flex; align-items: center; padding: 5px 5px 5px 20px; min-height: 40px; box-shadow: 0 1px 0 #11141826; } .bp5-drawer-header .bp5-heading { flex: 1; margin: 0; font-size: 18px; } .bp5-drawer-body { flex: 1; padding: 20px; overflow: auto; } .bp5-drawer-footer { padding: 10px 20px; box-shadow: inset 0 1px 0 #11141826; display: flex; gap: 10px; }
.bp5-dialog-container { position: fixed; inset: 0; display: flex; align-items: center; justify-content: center; z-index: 22; } .bp5-dialog { background: #f6f7f9; border-radius: 4px; width: 500px; } .bp5-dialog-header { display: flex; align-items: center; background: #fff; padding: 5px 5px 5px 20px; } .bp5-dialog-header .bp5-heading { flex: 1; } .bp5-dialog-body { padding: 20px; } .bp5-dialog-footer, .bp5-alert-footer { padding: 10px 20px; display: flex; flex-direction: row-reverse; gap: 10px; } .bp5-alert { width: 400px; padding: 20px; } .bp5-alert-body { display: flex; gap: 16px; }
.bp5-form-group { margin: 0 0 15px; } .bp5-label { display: block; margin-bottom: 5px; } .bp5-text-muted { color: #5f6b7c; } .bp5-input, .bp5-html-select select { height: 30px; padding: 0 10px; border: 0; border-radius: 2px; box-shadow: inset 0 0 0 1px #11141833; font: inherit; background: #fff; width: 100%; box-sizing: border-box; } textarea.bp5-input { height: auto; padding: 10px; }
.bp5-control-group { display: flex; width: 140px; } .bp5-button-group.bp5-vertical { display: flex; flex-direction: column; } .bp5-button-group.bp5-vertical .bp5-button { min-height: 0; height: 15px; width: 30px; padding: 0; }
.bp5-popover { position: absolute; z-index: 25; background: #fff; box-shadow: 0 2px 4px #11141833, 0 8px 24px #11141833; } .bp5-menu { list-style: none; margin: 0; padding: 5px; min-width: 180px; } .bp5-menu-item { display: flex; padding: 5px 7px; cursor: pointer; color: inherit; text-decoration: none; } .bp5-menu-item:hover { background: #8f99a826; }
.bp5-popover-target { position: relative; display: inline-block; }
`;

const PATHS: Record<string, string> = {
  add: "M8 2v12M2 8h12",
  cross: "M3 3l10 10M13 3L3 13",
  edit: "M2 14l1-4 8-8 3 3-8 8z",
  trash: "M2 4h12M6 4V2h4v2M3 4l1 10h8l1-10",
  calendar: "M2 4h12v10H2zM2 7h12M5 2v3M11 2v3",
  "chevron-up": "M4 10l4-4 4 4",
  "chevron-down": "M4 6l4 4 4-4",
  time: "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM8 5v3l2 2",
};

function Icon({ icon }: { icon: string }) {
  return (
    <span aria-hidden="true" className={`bp5-icon bp5-icon-${icon}`}>
      <svg data-icon={icon} width="16" height="16" viewBox="0 0 16 16" fill="none" stroke="currentColor" strokeWidth="1.5">
        <path d={PATHS[icon]} />
      </svg>
    </span>
  );
}

function Button({ icon, children, className = "", onClick, ...rest }: { icon?: string; children?: ReactNode; className?: string; onClick?: () => void; "aria-label"?: string }) {
  return (
    <button type="button" className={`bp5-button ${className}`} onClick={onClick} {...rest}>
      {icon && <Icon icon={icon} />}
      {children && <span className="bp5-button-text">{children}</span>}
    </button>
  );
}

function FormGroup({ label, labelFor, info, children }: { label: string; labelFor: string; info?: string; children: ReactNode }) {
  return (
    <div className="bp5-form-group">
      <label className="bp5-label" htmlFor={labelFor}>
        {label} <span className="bp5-text-muted">{info}</span>
      </label>
      <div className="bp5-form-content">{children}</div>
    </div>
  );
}

const scaled = (line: string, servings: number) => line.replace(/^[\d.]+/, (n) => String((Number(n) * servings) / BASE_SERVINGS));

export default function RecipeManager() {
  const [recipes, setRecipes] = useState<Recipe[]>(INITIAL);
  const [activeTag, setActiveTag] = useState<Tag | null>(null);
  const [openId, setOpenId] = useState<number | null>(null);
  const [form, setForm] = useState<FormState | null>(null);
  const [menuOpen, setMenuOpen] = useState(false);
  const [deleting, setDeleting] = useState(false);

  const open = recipes.find((r) => r.id === openId) ?? null;
  const visible = recipes.filter((r) => !activeTag || r.tag === activeTag);
  const update = (id: number, part: Partial<Recipe>) => setRecipes((all) => all.map((r) => (r.id === id ? { ...r, ...part } : r)));

  function closeDrawer() {
    setOpenId(null);
    setMenuOpen(false);
  }

  function submit() {
    if (!form || !form.title) return;
    const data = { title: form.title, time: Number(form.time), ingredients: form.ingredients.split("\n").filter(Boolean), tag: (form.tag || "Meat") as Tag };
    if (form.id === null) setRecipes([...recipes, { ...data, id: Math.max(0, ...recipes.map((r) => r.id)) + 1, servings: BASE_SERVINGS, day: null }]);
    else update(form.id, data);
    setForm(null);
  }

  return (
    <div>
      <style>{css}</style>
      <nav className="bp5-navbar">
        <div className="bp5-navbar-group bp5-align-left">
          <div className="bp5-navbar-heading">Recipe manager</div>
          <span className="bp5-navbar-divider" />
          {TAGS.map((tag) => (
            <span key={tag} tabIndex={0} className={`bp5-tag bp5-interactive bp5-round${activeTag === tag ? "" : " bp5-minimal"}`} onClick={() => setActiveTag(activeTag === tag ? null : tag)}>
              <span className="bp5-fill bp5-text-overflow-ellipsis">{tag}</span>
            </span>
          ))}
          {activeTag && <Button icon="cross" className="bp5-minimal bp5-small" aria-label="Clear filter" onClick={() => setActiveTag(null)} />}
        </div>
        <div className="bp5-navbar-group bp5-align-right">
          <Button icon="add" className="bp5-intent-primary" onClick={() => setForm({ id: null, title: "", time: "", ingredients: "", tag: "" })}>
            New recipe
          </Button>
        </div>
      </nav>
      <div className="content">
        <div className="bp5-card bp5-elevation-1">
          <table className="bp5-html-table bp5-interactive bp5-html-table-striped">
            <thead>
              <tr>
                <th>Title</th>
                <th>Time</th>
                <th>Tag</th>
                <th>Planned</th>
              </tr>
            </thead>
            <tbody>
              {visible.map((r) => (
                <tr key={r.id} onClick={() => setOpenId(r.id)}>
                  <td>{r.title}</td>
                  <td>{r.time} min</td>
                  <td>
                    <span className="bp5-tag bp5-minimal">{r.tag}</span>
                  </td>
                  <td>{r.day ?? "–"}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </div>
      {open && (
        <div className="bp5-overlay bp5-overlay-open bp5-overlay-scroll-container">
          <div className="bp5-overlay-backdrop" onClick={closeDrawer} />
          <div className="bp5-drawer bp5-position-right" role="dialog">
            <div className="bp5-drawer-header">
              <h4 className="bp5-heading">{open.title}</h4>
              <Button icon="cross" className="bp5-minimal bp5-dialog-close-button" aria-label="Close" onClick={closeDrawer} />
            </div>
            <div className="bp5-drawer-body">
              <p>
                <Icon icon="time" /> {open.time} min <span className="bp5-tag bp5-minimal">{open.tag}</span>
              </p>
              <FormGroup label="Servings" labelFor="servings">
                <div className="bp5-control-group bp5-numeric-input" role="group">
                  <div className="bp5-input-group">
                    <input
                      id="servings"
                      className="bp5-input"
                      role="spinbutton"
                      autoComplete="off"
                      aria-valuemin={1}
                      aria-valuenow={open.servings}
                      value={open.servings}
                      onChange={(e) => update(open.id, { servings: Math.max(1, Number(e.target.value) || 1) })}
                    />
                  </div>
                  <div className="bp5-button-group bp5-vertical bp5-fixed">
                    <Button icon="chevron-up" aria-label="increment" onClick={() => update(open.id, { servings: open.servings + 1 })} />
                    <Button icon="chevron-down" aria-label="decrement" onClick={() => update(open.id, { servings: Math.max(1, open.servings - 1) })} />
                  </div>
                </div>
              </FormGroup>
              <h5 className="bp5-heading">Ingredients</h5>
              <ul className="bp5-list">
                {open.ingredients.map((line) => (
                  <li key={line}>{scaled(line, open.servings)}</li>
                ))}
              </ul>
              <span className="bp5-popover-target">
                <Button icon="calendar" onClick={() => setMenuOpen(!menuOpen)}>
                  {open.day ?? "Add to meal plan"}
                </Button>
                {menuOpen && (
                  <div className="bp5-popover">
                    <ul className="bp5-menu" role="menu">
                      {WEEKDAYS.map((day) => (
                        <li key={day} role="none">
                          <a
                            role="menuitem"
                            tabIndex={0}
                            className="bp5-menu-item"
                            onClick={() => {
                              update(open.id, { day });
                              setMenuOpen(false);
                            }}
                          >
                            <div className="bp5-fill bp5-text-overflow-ellipsis">{day}</div>
                          </a>
                        </li>
                      ))}
                    </ul>
                  </div>
                )}
              </span>
            </div>
            <div className="bp5-drawer-footer">
              <Button
                icon="edit"
                onClick={() => {
                  setForm({ id: open.id, title: open.title, time: String(open.time), ingredients: open.ingredients.join("\n"), tag: open.tag });
                  closeDrawer();
                }}
              >
                Edit
              </Button>
              <Button icon="trash" className="bp5-minimal" onClick={() => setDeleting(true)}>
                Delete
              </Button>
            </div>
          </div>
        </div>
      )}
      {form && (
        <div className="bp5-overlay bp5-overlay-open">
          <div className="bp5-overlay-backdrop" />
          <div className="bp5-dialog-container">
            <div className="bp5-dialog" role="dialog" aria-modal="true" aria-labelledby="dialog-title">
              <div className="bp5-dialog-header">
                <h6 id="dialog-title" className="bp5-heading">
                  {form.id === null ? "New recipe" : "Edit recipe"}
                </h6>
                <Button icon="cross" className="bp5-minimal bp5-dialog-close-button" aria-label="Close" onClick={() => setForm(null)} />
              </div>
              <div className="bp5-dialog-body">
                <FormGroup label="Title" labelFor="title" info="(required)">
                  <div className="bp5-input-group">
                    <input id="title" className="bp5-input" value={form.title} onChange={(e) => setForm({ ...form, title: e.target.value })} />
                  </div>
                </FormGroup>
                <FormGroup label="Preparation time" labelFor="prep-time" info="(minutes)">
                  <div className="bp5-input-group">
                    <input id="prep-time" className="bp5-input" placeholder="30" value={form.time} onChange={(e) => setForm({ ...form, time: e.target.value })} />
                  </div>
                </FormGroup>
                <FormGroup label="Ingredients" labelFor="ingredient-lines">
                  <textarea id="ingredient-lines" className="bp5-input bp5-text-area bp5-fill" rows={4} value={form.ingredients} onChange={(e) => setForm({ ...form, ingredients: e.target.value })} />
                </FormGroup>
                <FormGroup label="Tag" labelFor="tag-select">
                  <div className="bp5-html-select bp5-fill">
                    <select id="tag-select" value={form.tag} onChange={(e) => setForm({ ...form, tag: e.target.value as Tag })}>
                      <option value="">Choose a tag…</option>
                      {TAGS.map((tag) => (
                        <option key={tag}>{tag}</option>
                      ))}
                    </select>
                  </div>
                </FormGroup>
              </div>
              <div className="bp5-dialog-footer">
                <Button className="bp5-intent-primary" onClick={submit}>
                  Save
                </Button>
                <Button onClick={() => setForm(null)}>Cancel</Button>
              </div>
            </div>
          </div>
        </div>
      )}
      {open && deleting && (
        <div className="bp5-overlay bp5-overlay-open">
          <div className="bp5-overlay-backdrop" />
          <div className="bp5-dialog-container">
            <div className="bp5-dialog bp5-alert" role="alertdialog" aria-modal="true">
              <div className="bp5-alert-body">
                <Icon icon="trash" />
                <div className="bp5-alert-contents">
                  Are you sure you want to delete <b>{open.title}</b>? You cannot undo this.
                </div>
              </div>
              <div className="bp5-alert-footer">
                <Button
                  className="bp5-intent-danger"
                  onClick={() => {
                    setRecipes(recipes.filter((r) => r.id !== open.id));
                    setDeleting(false);
                    closeDrawer();
                  }}
                >
                  Delete recipe
                </Button>
                <Button onClick={() => setDeleting(false)}>Cancel</Button>
              </div>
            </div>
          </div>
        </div>
      )}
    </div>
  );
}

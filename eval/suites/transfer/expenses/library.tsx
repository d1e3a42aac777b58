import { useMemo, useState, type FormEvent } from "react";

/* IBM Carbon's markup: data table with toolbar and sortable headers, content switcher, modal, dropdown, overflow menu. */

const CATEGORIES = ["Food", "Transport", "Housing", "Leisure"] as const;
type Category = (typeof CATEGORIES)[number];

interface Expense {
  id: string;
  description: string;
  amount: number;
  category: Category;
}

interface Draft {
  id?: string;
  description: string;
  amount: string;
  category: Category | null;
}

const styles = `
.cds--content { font-family: "IBM Plex Sans", "Liberation Sans", sans-serif; font-size: 14px; color: #161616; padding: 2rem; max-width: 62rem; margin: 0 auto; }
.cds--btn { display: inline-flex; justify-content: space-between; min-width: 9rem; height: 48px; align-items: center; padding: 0 16px; border: 0; font: inherit; cursor: pointer; }
.cds--btn--primary { background: #0f62fe; color: #fff; }
.cds--btn--secondary { background: #393939; color: #fff; }
.cds--table-toolbar { display: flex; background: #f4f4f4; align-items: center; }
.cds--content-switcher { display: flex; flex: 1; height: 48px; }
.cds--content-switcher-btn { flex: 1; border: 1px solid #161616; background: #fff; font: inherit; cursor: pointer; }
.cds--content-switcher--selected { background: #161616; color: #fff; }
.cds--data-table { width: 100%; border-collapse: collapse; }
.cds--data-table th { background: #e0e0e0; text-align: left; height: 48px; padding: 0 16px; }
.cds--data-table td { border-bottom: 1px solid #e0e0e0; height: 48px; padding: 0 16px; position: relative; }
.cds--table-sort { display: flex; align-items: center; gap: 8px; border: 0; background: none; font: inherit; font-weight: 600; padding: 0; cursor: pointer; }
.cds--table-column-menu { width: 48px; }
.cds--overflow-menu { width: 40px; height: 40px; border: 0; background: none; cursor: pointer; }
.cds--overflow-menu-options { position: absolute; right: 16px; top: 44px; z-index: 3; list-style: none; padding: 0; margin: 0; background: #f4f4f4; box-shadow: 0 2px 6px #0004; width: 10rem; }
.cds--overflow-menu-options__btn { width: 100%; height: 40px; border: 0; background: none; text-align: left; padding: 0 16px; font: inherit; cursor: pointer; }
.cds--overflow-menu-options__option--danger { border-top: 1px solid #c6c6c6; }
.cds--modal { position: fixed; inset: 0; background: #161616b0; display: flex; align-items: center; justify-content: center; z-index: 9; }
.cds--modal-container { background: #fff; width: 30rem; position: relative; }
.cds--modal-header, .cds--modal-content { padding: 16px; }
.cds--modal-close { position: absolute; top: 0; right: 0; width: 48px; height: 48px; border: 0; background: none; cursor: pointer; }
.cds--btn-set { display: flex; } .cds--btn-set .cds--btn { flex: 1; height: 64px; }
.cds--form-item { margin-bottom: 20px; }
.cds--label { display: block; font-size: 12px; color: #525252; margin-bottom: 8px; }
.cds--text-input, .cds--number input, .cds--list-box__field { width: 100%; box-sizing: border-box; height: 40px; background: #f4f4f4; border: 0; border-bottom: 1px solid #8d8d8d; padding: 0 16px; font: inherit; text-align: left; }
.cds--number__input-wrapper { display: flex; } .cds--number__control-btn { width: 40px; border: 0; background: #f4f4f4; border-bottom: 1px solid #8d8d8d; }
.cds--list-box { position: relative; } .cds--list-box__menu { position: absolute; z-index: 10; left: 0; right: 0; margin: 0; padding: 0; list-style: none; background: #f4f4f4; box-shadow: 0 2px 6px #0004; }
.cds--list-box__menu-item { height: 40px; line-height: 40px; padding: 0 16px; cursor: pointer; } .cds--list-box__menu-item:hover { background: #e8e8e8; }
.cds--table-total { text-align: right; padding: 16px; font-size: 20px; }
.cds--assistive-text { position: absolute; width: 1px; height: 1px; overflow: hidden; clip: rect(0,0,0,0); }
`;

function Dropdown({ id, titleText, value, items, onChange }: { id: string; titleText: string; value: Category | null; items: readonly Category[]; onChange: (item: Category) => void }) {
  const [open, setOpen] = useState(false);
  return (
    <div className="cds--form-item cds--dropdown__wrapper cds--list-box__wrapper">
      <span id={`${id}-label`} className="cds--label">
        {titleText}
      </span>
      <div className={"cds--dropdown cds--list-box" + (open ? " cds--list-box--expanded" : "")}>
        <button
          type="button"
          className="cds--list-box__field"
          role="combobox"
          aria-haspopup="listbox"
          aria-expanded={open}
          aria-controls={`${id}-menu`}
          aria-labelledby={`${id}-label ${id}-value`}
          onClick={() => setOpen(!open)}
        >
          <span id={`${id}-value`} className="cds--list-box__label">
            {value ?? "Choose an option"}
          </span>
        </button>
        <ul role="listbox" id={`${id}-menu`} className="cds--list-box__menu" aria-labelledby={`${id}-label`}>
          {open &&
            items.map((item) => (
              <li
                key={item}
                role="option"
                aria-selected={item === value}
                className="cds--list-box__menu-item"
                onClick={() => {
                  onChange(item);
                  setOpen(false);
                }}
              >
                <div className="cds--list-box__menu-item__option">{item}</div>
              </li>
            ))}
        </ul>
      </div>
    </div>
  );
}

function ExpenseModal({ draft, onChange, onClose, onSubmit }: { draft: Draft; onChange: (part: Partial<Draft>) => void; onClose: () => void; onSubmit: () => void }) {
  const heading = draft.id ? "Edit expense" : "Add expense";
  const step = (by: number) => onChange({ amount: String(Math.max(0, (Number(draft.amount) || 0) + by)) });
  const send = (event: FormEvent) => {
    event.preventDefault();
    onSubmit();
  };
  return (
    <div role="presentation" className="cds--modal is-visible">
      <div role="dialog" aria-modal="true" aria-labelledby="modal-heading" className="cds--modal-container">
        <form onSubmit={send}>
          <div className="cds--modal-header">
            <h2 id="modal-heading" className="cds--modal-header__heading">
              {heading}
            </h2>
            <button type="button" className="cds--modal-close" aria-label="Close" onClick={onClose}>
              <svg width="20" height="20" viewBox="0 0 32 32" aria-hidden="true">
                <path d="M17.4 16 24 9.4 22.6 8 16 14.6 9.4 8 8 9.4 14.6 16 8 22.6 9.4 24 16 17.4 22.6 24 24 22.6z" />
              </svg>
            </button>
          </div>
          <div className="cds--modal-content">
            <div className="cds--form-item cds--text-input-wrapper">
              <label htmlFor="expense-description" className="cds--label">
                Description
              </label>
              <input id="expense-description" type="text" className="cds--text-input" placeholder="e.g. Groceries" value={draft.description} onChange={(e) => onChange({ description: e.target.value })} />
            </div>
            <div className="cds--form-item">
              <div className="cds--number">
                <label htmlFor="expense-amount" className="cds--label">
                  Amount (EUR)
                </label>
                <div className="cds--number__input-wrapper">
                  <input id="expense-amount" type="number" min={0} step="any" value={draft.amount} onChange={(e) => onChange({ amount: e.target.value })} />
                  <button type="button" tabIndex={-1} className="cds--number__control-btn down-icon" title="Decrement number" aria-label="Decrement number" onClick={() => step(-1)}>
                    −
                  </button>
                  <button type="button" tabIndex={-1} className="cds--number__control-btn up-icon" title="Increment number" aria-label="Increment number" onClick={() => step(1)}>
                    +
                  </button>
                </div>
              </div>
            </div>
            <Dropdown id="expense-category" titleText="Category" value={draft.category} items={CATEGORIES} onChange={(category) => onChange({ category })} />
          </div>
          <div className="cds--modal-footer cds--btn-set">
            <button type="button" className="cds--btn cds--btn--secondary" onClick={onClose}>
              Cancel
            </button>
            <button type="submit" className="cds--btn cds--btn--primary">
              Save
            </button>
          </div>
        </form>
      </div>
    </div>
  );
}

export default function ExpenseTracker() {
  const [expenses, setExpenses] = useState<Expense[]>([]);
  const [draft, setDraft] = useState<Draft | null>(null);
  const [category, setCategory] = useState<Category | "All">("All");
  const [menu, setMenu] = useState("");
  const [sorted, setSorted] = useState<"none" | "ascending" | "descending">("none");

  const rows = useMemo(() => {
    const some = expenses.filter((e) => category === "All" || e.category === category);
    if (sorted === "ascending") some.sort((a, b) => a.amount - b.amount);
    if (sorted === "descending") some.sort((a, b) => b.amount - a.amount);
    return some;
  }, [expenses, category, sorted]);
  const total = rows.reduce((sum, e) => sum + e.amount, 0);

  const submit = () => {
    if (!draft?.description.trim() || !draft.category || !(Number(draft.amount) > 0)) return;
    const expense: Expense = {
      id: draft.id ?? `row-${expenses.length}-${Date.now()}`,
      description: draft.description.trim(),
      amount: Number(draft.amount),
      category: draft.category,
    };
    setExpenses(draft.id ? expenses.map((e) => (e.id === draft.id ? expense : e)) : [...expenses, expense]);
    setDraft(null);
  };
  const nextSort = { none: "ascending", ascending: "descending", descending: "none" } as const;

  return (
    <main className="cds--content">
      <style>{styles}</style>
      <div className="cds--data-table-container">
        <div className="cds--data-table-header">
          <h4 className="cds--data-table-header__title">Expenses</h4>
          <p className="cds--data-table-header__description">Keep track of where the money goes.</p>
        </div>
        <section aria-label="data table toolbar" className="cds--table-toolbar">
          <div role="tablist" aria-orientation="horizontal" className="cds--content-switcher">
            {(["All", ...CATEGORIES] as const).map((name) => (
              <button
                key={name}
                type="button"
                role="tab"
                aria-selected={category === name}
                className={"cds--content-switcher-btn" + (category === name ? " cds--content-switcher--selected" : "")}
                onClick={() => setCategory(name)}
              >
                <span className="cds--content-switcher__label" title={name}>
                  {name}
                </span>
              </button>
            ))}
          </div>
          <button type="button" className="cds--btn cds--btn--primary" onClick={() => setDraft({ description: "", amount: "", category: null })}>
            Add expense
            <svg className="cds--btn__icon" width="16" height="16" viewBox="0 0 32 32" fill="currentColor" aria-hidden="true">
              <path d="M17 15 17 8 15 8 15 15 8 15 8 17 15 17 15 24 17 24 17 17 24 17 24 15z" />
            </svg>
          </button>
        </section>
        <table className="cds--data-table cds--data-table--sort">
          <thead>
            <tr>
              <th scope="col">
                <div className="cds--table-header-label">Description</div>
              </th>
              <th scope="col">
                <div className="cds--table-header-label">Category</div>
              </th>
              <th scope="col" aria-sort={sorted} className="cds--table-sort__header">
                <button type="button" className="cds--table-sort" onClick={() => setSorted(nextSort[sorted])}>
                  <div className="cds--table-header-label">Amount</div>
                  <svg width="16" height="16" viewBox="0 0 32 32" className="cds--table-sort__icon" aria-hidden="true">
                    <path d="M27.6 20.6 24 24.2 24 4 22 4 22 24.2 18.4 20.6 17 22 23 28 29 22zM9 4 3 10 4.4 11.4 8 7.8 8 28 10 28 10 7.8 13.6 11.4 15 10z" />
                  </svg>
                </button>
              </th>
              <th scope="col" className="cds--table-column-menu" />
            </tr>
          </thead>
          <tbody>
            {rows.map((expense) => (
              <tr key={expense.id}>
                <td>{expense.description}</td>
                <td>{expense.category}</td>
                <td>€{expense.amount.toFixed(2)}</td>
                <td className="cds--table-column-menu">
                  <button type="button" className="cds--overflow-menu" aria-haspopup="true" aria-expanded={menu === expense.id} aria-label="Options" onClick={() => setMenu(menu === expense.id ? "" : expense.id)}>
                    <svg width="16" height="16" viewBox="0 0 32 32" aria-hidden="true">
                      <circle cx="16" cy="8" r="2" />
                      <circle cx="16" cy="16" r="2" />
                      <circle cx="16" cy="24" r="2" />
                    </svg>
                  </button>
                  {menu === expense.id && (
                    <ul role="menu" className="cds--overflow-menu-options cds--overflow-menu--flip" aria-label="Options">
                      <li role="none" className="cds--overflow-menu-options__option">
                        <button
                          type="button"
                          role="menuitem"
                          className="cds--overflow-menu-options__btn"
                          onClick={() => {
                            setDraft({ ...expense, amount: String(expense.amount) });
                            setMenu("");
                          }}
                        >
                          <span className="cds--overflow-menu-options__option-content">Edit</span>
                        </button>
                      </li>
                      <li role="none" className="cds--overflow-menu-options__option cds--overflow-menu-options__option--danger">
                        <button type="button" role="menuitem" className="cds--overflow-menu-options__btn" onClick={() => setExpenses(expenses.filter((e) => e.id !== expense.id))}>
                          <span className="cds--overflow-menu-options__option-content">Delete</span>
                        </button>
                      </li>
                    </ul>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
        <div className="cds--table-total" aria-live="polite">
          Total: €{total.toFixed(2)}
        </div>
      </div>
      {draft && <ExpenseModal draft={draft} onChange={(part) => setDraft({ ...draft, ...part })} onClose={() => setDraft(null)} onSubmit={submit} />}
    </main>
  );
}

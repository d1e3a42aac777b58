import * as React from "react";

/* Markup as Material UI renders it. */

type Item = { id: string; text: string; checked: boolean };

const sheet = `
.MuiBox-root { font-family: Roboto, Helvetica, Arial, sans-serif; max-width: 600px; margin: 32px auto; }
.MuiTextField-root { position: relative; display: inline-flex; flex-direction: column; width: 420px; }
.MuiInputLabel-root { position: absolute; top: -9px; left: 10px; background: #fff; padding: 0 5px; font-size: 12px; color: rgba(0,0,0,.6); }
.MuiInputBase-input { font: inherit; padding: 16px 14px; border: 1px solid rgba(0,0,0,.23); border-radius: 4px; }
.MuiButton-root { background: #1976d2; color: #fff; border: 0; border-radius: 4px; padding: 12px 22px; margin-left: 12px; text-transform: uppercase; cursor: pointer; }
.MuiToggleButton-root { background: none; border: 1px solid rgba(0,0,0,.12); padding: 9px 16px; cursor: pointer; }
.MuiToggleButton-root.Mui-selected { background: rgba(25,118,210,.12); color: #1976d2; }
.MuiListItem-root { display: flex; align-items: center; padding: 4px 16px; }
.MuiListItemText-root { flex: 1; }
.MuiIconButton-root { background: none; border: 0; padding: 8px; border-radius: 50%; cursor: pointer; }
.MuiSvgIcon-root { width: 24px; height: 24px; fill: rgba(0,0,0,.54); }
.MuiCheckbox-root { position: relative; display: inline-flex; padding: 9px; }
.PrivateSwitchBase-input { position: absolute; inset: 0; opacity: 0; width: 100%; height: 100%; margin: 0; cursor: pointer; }
`;

const ICON = {
  Add: "M19 13h-6v6h-2v-6H5v-2h6V5h2v6h6z",
  Edit: "M3 17.25V21h3.75L17.81 9.94l-3.75-3.75zM20.71 7.04a1 1 0 0 0 0-1.41l-2.34-2.34a1 1 0 0 0-1.41 0l-1.83 1.83 3.75 3.75z",
  Delete: "M6 19c0 1.1.9 2 2 2h8c1.1 0 2-.9 2-2V7H6zM19 4h-3.5l-1-1h-5l-1 1H5v2h14z",
  Box: "M19 5v14H5V5zm0-2H5a2 2 0 0 0-2 2v14a2 2 0 0 0 2 2h14a2 2 0 0 0 2-2V5a2 2 0 0 0-2-2z",
  Checked: "M19 3H5a2 2 0 0 0-2 2v14a2 2 0 0 0 2 2h14a2 2 0 0 0 2-2V5a2 2 0 0 0-2-2zm-9 14-5-5 1.41-1.41L10 14.17l7.59-7.59L19 8z",
};

function SvgIcon({ path, testid }: { path: string; testid: string }) {
  return (
    <svg className="MuiSvgIcon-root" focusable="false" aria-hidden="true" viewBox="0 0 24 24" data-testid={testid}>
      <path d={path} />
    </svg>
  );
}

export default function TodoPage() {
  const [items, setItems] = React.useState<Item[]>([]);
  const [draft, setDraft] = React.useState("");
  const [view, setView] = React.useState("all");
  const [edited, setEdited] = React.useState<{ id: string; text: string } | null>(null);

  const submit = () => {
    if (!draft.trim()) return;
    setItems((all) => [...all, { id: String(Date.now() + all.length), text: draft.trim(), checked: false }]);
    setDraft("");
  };
  const change = (id: string, part: Partial<Item>) =>
    setItems((all) => all.map((item) => (item.id === id ? { ...item, ...part } : item)));
  const save = () => {
    if (edited) change(edited.id, { text: edited.text });
    setEdited(null);
  };
  const shown = items.filter((i) => view === "all" || (view === "done") === i.checked);

  return (
    <div className="MuiBox-root css-1x9k2">
      <style>{sheet}</style>
      <h5 className="MuiTypography-root MuiTypography-h5">Tasks</h5>
      <div className="MuiStack-root" style={{ display: "flex" }}>
        <div className="MuiFormControl-root MuiTextField-root">
          <label className="MuiFormLabel-root MuiInputLabel-root" htmlFor=":r1:">Task description</label>
          <input
            id=":r1:"
            className="MuiInputBase-input MuiOutlinedInput-input"
            value={draft}
            onChange={(e) => setDraft(e.target.value)}
            onKeyDown={(e) => e.key === "Enter" && submit()}
          />
        </div>
        <button className="MuiButtonBase-root MuiButton-root MuiButton-contained" type="button" onClick={submit}>
          Add task
        </button>
      </div>
      <div role="group" className="MuiToggleButtonGroup-root" style={{ margin: "20px 0" }}>
        {[["all", "All"], ["open", "To do"], ["done", "Done"]].map(([value, label]) => (
          <button
            key={value}
            type="button"
            aria-pressed={view === value}
            className={"MuiButtonBase-root MuiToggleButton-root" + (view === value ? " Mui-selected" : "")}
            onClick={() => setView(value)}
          >
            {label}
          </button>
        ))}
      </div>
      <ul className="MuiList-root">
        {shown.map((item) => (
          <li key={item.id} className="MuiListItem-root">
            <span className="MuiButtonBase-root MuiCheckbox-root">
              <input
                className="PrivateSwitchBase-input"
                type="checkbox"
                checked={item.checked}
                onChange={() => change(item.id, { checked: !item.checked })}
              />
              <SvgIcon path={item.checked ? ICON.Checked : ICON.Box} testid={item.checked ? "CheckBoxIcon" : "CheckBoxOutlineBlankIcon"} />
            </span>
            <div className="MuiListItemText-root">
              {edited?.id === item.id ? (
                <input
                  className="MuiInputBase-input MuiInput-input"
                  value={edited.text}
                  autoFocus
                  onChange={(e) => setEdited({ id: item.id, text: e.target.value })}
                  onKeyDown={(e) => e.key === "Enter" && save()}
                  onBlur={save}
                />
              ) : (
                <span className="MuiTypography-root MuiListItemText-primary">{item.text}</span>
              )}
            </div>
            <div className="MuiListItemSecondaryAction-root">
              <button
                className="MuiButtonBase-root MuiIconButton-root"
                type="button"
                aria-label="edit"
                onClick={() => setEdited({ id: item.id, text: item.text })}
              >
                <SvgIcon path={ICON.Edit} testid="EditIcon" />
              </button>
              <button
                className="MuiButtonBase-root MuiIconButton-root MuiIconButton-edgeEnd"
                type="button"
                aria-label="delete"
                onClick={() => setItems((all) => all.filter((other) => other.id !== item.id))}
              >
                <SvgIcon path={ICON.Delete} testid="DeleteIcon" />
              </button>
            </div>
          </li>
        ))}
      </ul>
      {items.some((i) => i.checked) && (
        <button
          className="MuiButtonBase-root MuiButton-root MuiButton-text"
          type="button"
          onClick={() => setItems((all) => all.filter((i) => !i.checked))}
        >
          Remove done
        </button>
      )}
    </div>
  );
}

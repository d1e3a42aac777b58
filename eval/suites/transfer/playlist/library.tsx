import { useState } from "react";

// PrimeReact's markup: DataTable, Dropdown, OrderList, Rating, Inplace, ConfirmDialog.

interface Song {
  id: number;
  title: string;
  artist: string;
  genre: string;
  duration: string;
}

interface QueueItem extends Song {
  rating: number;
}

const SONGS: Song[] = [
  { id: 101, title: "Blue Harbour", artist: "Mara Lind", genre: "Jazz", duration: "3:42" },
  { id: 102, title: "Paper Planes Home", artist: "The Kites", genre: "Pop", duration: "2:58" },
  { id: 103, title: "Night Train", artist: "Otis Grey", genre: "Jazz", duration: "4:15" },
  { id: 104, title: "Golden Hour", artist: "Nina Sol", genre: "Pop", duration: "3:21" },
  { id: 105, title: "Iron Bridge", artist: "Hollow Men", genre: "Rock", duration: "5:04" },
  { id: 106, title: "Slow River", artist: "Mara Lind", genre: "Folk", duration: "3:55" },
  { id: 107, title: "Static", artist: "Hollow Men", genre: "Rock", duration: "3:10" },
];
const GENRES = ["Folk", "Jazz", "Pop", "Rock"];

const theme = `
body { margin: 0; background: #f8f9fa; font-family: Inter, "Liberation Sans", sans-serif; color: #495057; }
.grid { display: grid; grid-template-columns: 1fr 1fr; gap: 1.5rem; padding: 1.5rem; }
.p-card { background: #fff; border-radius: 6px; box-shadow: 0 2px 1px -1px #0003, 0 1px 1px #00000024, 0 1px 3px #0000001f; padding: 1.25rem; }
.p-component { font-family: inherit; font-size: 1rem; }
.p-button { display: inline-flex; align-items: center; justify-content: center; border: 1px solid #6366f1; background: #6366f1; color: #fff; border-radius: 6px; padding: .75rem 1.25rem; cursor: pointer; }
.p-button-icon-only { width: 2.5rem; height: 2.5rem; padding: 0; }
.p-button-text { background: transparent; border-color: transparent; color: #6366f1; }
.p-button-danger { background: #ef4444; border-color: #ef4444; } .p-button-text.p-button-danger { background: transparent; border-color: transparent; color: #ef4444; }
.p-button:disabled { opacity: .6; cursor: default; }
.p-inputtext { padding: .65rem .75rem; border: 1px solid #ced4da; border-radius: 6px; font: inherit; }
.p-datatable-header { display: flex; gap: 1rem; padding-bottom: 1rem; }
.p-input-icon-left { position: relative; flex: 1; } .p-input-icon-left .pi { position: absolute; left: .75rem; top: .8rem; } .p-input-icon-left input { padding-left: 2.2rem; width: 100%; box-sizing: border-box; }
.p-datatable-table { width: 100%; border-collapse: collapse; } .p-datatable-table th, .p-datatable-table td { text-align: left; padding: .5rem .75rem; border-bottom: 1px solid #e9ecef; }
.p-dropdown { position: relative; display: inline-flex; width: 12rem; border: 1px solid #ced4da; border-radius: 6px; cursor: pointer; background: #fff; align-items: center; }
.p-dropdown-label { flex: 1; padding: .65rem .75rem; } .p-dropdown-trigger { width: 2.5rem; text-align: center; } .p-placeholder { color: #6c757d; }
.p-dropdown-panel { position: absolute; top: 100%; left: 0; right: 0; background: #fff; border-radius: 6px; box-shadow: 0 2px 12px #0002; z-index: 1001; } .p-dropdown-items { list-style: none; margin: 0; padding: .75rem 0; } .p-dropdown-item { padding: .65rem 1rem; }
.p-hidden-accessible { position: absolute; width: 1px; height: 1px; overflow: hidden; clip: rect(0 0 0 0); }
.p-inplace-display { padding: .65rem .5rem; cursor: pointer; border-radius: 6px; font-size: 1.4rem; font-weight: 600; } .p-inplace-display:hover { background: #e9ecef; }
.p-orderlist { display: flex; } .p-orderlist-controls { display: flex; flex-direction: column; justify-content: center; gap: .5rem; padding: 1rem; }
.p-orderlist-list { list-style: none; margin: 0; padding: .5rem 0; flex: 1; border: 1px solid #dee2e6; border-radius: 6px; min-height: 16rem; }
.p-orderlist-item { padding: .6rem 1rem; cursor: pointer; } .p-highlight { background: #eef2ff; color: #4338ca; }
.song { display: flex; align-items: center; gap: .75rem; } .song > div { flex: 1; } .song small { display: block; color: #6c757d; }
.p-rating { display: inline-flex; gap: .2rem; } .p-rating-item { cursor: pointer; }
.p-dialog-mask { position: fixed; inset: 0; background: #0006; display: flex; align-items: center; justify-content: center; z-index: 1100; }
.p-dialog { background: #fff; border-radius: 6px; width: 26rem; } .p-dialog > div { padding: 1.25rem; } .p-dialog-header { display: flex; justify-content: space-between; font-weight: 700; } .p-dialog-footer { text-align: right; }
.p-toolbar { display: flex; justify-content: space-between; align-items: center; margin-bottom: 1rem; }
`;

function Icon({ name }: { name: string }) {
  const paths: Record<string, string> = {
    search: "M6 1a5 5 0 1 0 0 10A5 5 0 0 0 6 1zm4 9 4 4",
    plus: "M7 1v12M1 7h12",
    check: "M1 7l4 4 8-8",
    times: "M2 2l10 10M12 2 2 12",
    play: "M3 1l9 6-9 6z",
    pause: "M4 1v12M10 1v12",
    trash: "M1 3h12M5 3V1h4v2M3 3l1 10h6l1-10",
    "angle-up": "M2 9l5-5 5 5",
    "angle-down": "M2 5l5 5 5-5",
    "angle-double-up": "M2 7l5-5 5 5M2 12l5-5 5 5",
    "angle-double-down": "M2 2l5 5 5-5M2 7l5 5 5-5",
    "chevron-down": "M2 4l5 5 5-5",
  };
  return (
    <svg className={`p-icon pi pi-${name}`} width="14" height="14" viewBox="0 0 14 14" fill="none" stroke="currentColor" strokeWidth="1.4" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  );
}

function Rating({ value, onChange }: { value: number; onChange: (value: number) => void }) {
  return (
    <div className="p-rating">
      {[1, 2, 3, 4, 5].map((star) => (
        <div
          key={star}
          className={`p-rating-item${star <= value ? " p-rating-item-active" : ""}`}
          tabIndex={0}
          onClick={(event) => {
            event.stopPropagation();
            onChange(star === value ? 0 : star);
          }}
        >
          <svg className="p-icon p-rating-icon" width="16" height="16" viewBox="0 0 16 16" fill={star <= value ? "#6366f1" : "none"} stroke="#6366f1">
            <path d="M8 1l2.200 4.500 4.800.7-3.500 3.400.8 4.900L8 12.200l-4.300 2.300.8-4.900L1 6.200l4.800-.7z" />
          </svg>
        </div>
      ))}
    </div>
  );
}

export default function PlaylistBuilder() {
  const [keyword, setKeyword] = useState("");
  const [genre, setGenre] = useState<string | null>(null);
  const [genreOpen, setGenreOpen] = useState(false);
  const [queue, setQueue] = useState<QueueItem[]>([]);
  const [selected, setSelected] = useState<number | null>(null);
  const [current, setCurrent] = useState<number | null>(null);
  const [name, setName] = useState("New Playlist");
  const [editingName, setEditingName] = useState(false);
  const [confirming, setConfirming] = useState(false);

  const rows = SONGS.filter((s) => (!genre || s.genre === genre) && `${s.title} ${s.artist}`.toLowerCase().includes(keyword.toLowerCase()));
  const index = queue.findIndex((s) => s.id === selected);

  function moveTo(target: number) {
    if (index < 0 || target < 0 || target >= queue.length) return;
    const next = [...queue];
    const [song] = next.splice(index, 1);
    next.splice(target, 0, song);
    setQueue(next);
  }

  return (
    <div className="grid">
      <style>{theme}</style>
      <div className="p-card p-component">
        <div className="p-datatable p-component">
          <div className="p-datatable-header">
            <span className="p-input-icon-left">
              <Icon name="search" />
              <input className="p-inputtext p-component" placeholder="Keyword Search" value={keyword} onChange={(e) => setKeyword(e.target.value)} />
            </span>
            <div className="p-dropdown p-component p-inputwrapper" onClick={() => setGenreOpen(!genreOpen)}>
              <div className="p-hidden-accessible">
                <input type="text" role="combobox" readOnly aria-haspopup="listbox" aria-expanded={genreOpen} aria-label={genre ?? "Select a Genre"} />
              </div>
              <span className={`p-dropdown-label p-inputtext-label${genre ? "" : " p-placeholder"}`}>{genre ?? "Select a Genre"}</span>
              {genre && (
                <span
                  className="p-dropdown-clear-icon"
                  onClick={(e) => {
                    e.stopPropagation();
                    setGenre(null);
                  }}
                >
                  <Icon name="times" />
                </span>
              )}
              <div className="p-dropdown-trigger" role="button" aria-haspopup="listbox" aria-expanded={genreOpen}>
                <Icon name="chevron-down" />
              </div>
              {genreOpen && (
                <div className="p-dropdown-panel p-component">
                  <ul className="p-dropdown-items" role="listbox">
                    {GENRES.map((g) => (
                      <li key={g} className="p-dropdown-item" role="option" aria-label={g} aria-selected={g === genre} onClick={() => setGenre(g)}>
                        {g}
                      </li>
                    ))}
                  </ul>
                </div>
              )}
            </div>
          </div>
          <table className="p-datatable-table" role="table">
            <thead className="p-datatable-thead">
              <tr role="row">
                <th>Title</th>
                <th>Artist</th>
                <th>Genre</th>
                <th>Duration</th>
                <th />
              </tr>
            </thead>
            <tbody className="p-datatable-tbody">
              {rows.map((song) => (
                <tr key={song.id} role="row">
                  <td>{song.title}</td>
                  <td>{song.artist}</td>
                  <td>{song.genre}</td>
                  <td>{song.duration}</td>
                  <td>
                    <button
                      type="button"
                      aria-label="Add"
                      className="p-button p-component p-button-icon-only p-button-text"
                      data-song={song.id}
                      disabled={queue.some((q) => q.id === song.id)}
                      onClick={() => setQueue([...queue, { ...song, rating: 0 }])}
                    >
                      <Icon name={queue.some((q) => q.id === song.id) ? "check" : "plus"} />
                    </button>
                  </td>
                </tr>
              ))}
              {rows.length === 0 && (
                <tr className="p-datatable-emptymessage">
                  <td colSpan={5}>No results found</td>
                </tr>
              )}
            </tbody>
          </table>
        </div>
      </div>
      <div className="p-card p-component">
        <div className="p-toolbar p-component">
          <div className="p-inplace p-component">
            {editingName ? (
              <span className="p-inplace-content">
                <input className="p-inputtext p-component" autoFocus value={name} onChange={(e) => setName(e.target.value)} />
                <button type="button" aria-label="Save" className="p-inplace-content-close p-button p-component p-button-icon-only" onClick={() => setEditingName(false)}>
                  <Icon name="check" />
                </button>
              </span>
            ) : (
              <div className="p-inplace-display" role="button" tabIndex={0} onClick={() => setEditingName(true)}>
                {name || "Untitled"}
              </div>
            )}
          </div>
          <button type="button" className="p-button p-component p-button-danger" disabled={queue.length === 0} onClick={() => setConfirming(true)}>
            <span className="p-button-label">Delete All</span>
          </button>
        </div>
        <div className="p-orderlist p-component">
          <div className="p-orderlist-controls">
            <button type="button" aria-label="Move Up" className="p-button p-component p-button-icon-only" disabled={index < 0} onClick={() => moveTo(index - 1)}>
              <Icon name="angle-up" />
            </button>
            <button type="button" aria-label="Move Top" className="p-button p-component p-button-icon-only" disabled={index < 0} onClick={() => moveTo(0)}>
              <Icon name="angle-double-up" />
            </button>
            <button type="button" aria-label="Move Down" className="p-button p-component p-button-icon-only" disabled={index < 0} onClick={() => moveTo(index + 1)}>
              <Icon name="angle-down" />
            </button>
            <button type="button" aria-label="Move Bottom" className="p-button p-component p-button-icon-only" disabled={index < 0} onClick={() => moveTo(queue.length - 1)}>
              <Icon name="angle-double-down" />
            </button>
          </div>
          <ul className="p-orderlist-list" role="listbox">
            {queue.map((song) => (
              <li
                key={song.id}
                data-song={song.id}
                role="option"
                aria-selected={song.id === selected}
                className={`p-orderlist-item${song.id === selected ? " p-highlight" : ""}`}
                onClick={() => setSelected(song.id)}
              >
                <div className="song">
                  <button
                    type="button"
                    aria-label={current === song.id ? "Pause" : "Play"}
                    className="p-button p-component p-button-icon-only p-button-text toggle"
                    onClick={(e) => {
                      e.stopPropagation();
                      setCurrent(current === song.id ? null : song.id);
                    }}
                  >
                    <Icon name={current === song.id ? "pause" : "play"} />
                  </button>
                  <div>
                    {song.title}
                    <small>{song.artist}</small>
                  </div>
                  <Rating value={song.rating} onChange={(rating) => setQueue(queue.map((q) => (q.id === song.id ? { ...q, rating } : q)))} />
                  <button
                    type="button"
                    aria-label="Delete"
                    className="p-button p-component p-button-icon-only p-button-text p-button-danger"
                    onClick={(e) => {
                      e.stopPropagation();
                      setQueue(queue.filter((q) => q.id !== song.id));
                      if (current === song.id) setCurrent(null);
                    }}
                  >
                    <Icon name="trash" />
                  </button>
                </div>
              </li>
            ))}
          </ul>
        </div>
      </div>
      {confirming && (
        <div className="p-dialog-mask p-component-overlay">
          <div role="dialog" aria-modal="true" aria-labelledby="confirm-header" className="p-dialog p-confirm-dialog p-component">
            <div className="p-dialog-header">
              <div id="confirm-header" className="p-dialog-title">
                Confirmation
              </div>
              <button type="button" aria-label="Close" className="p-dialog-header-icon p-button-text p-button p-button-icon-only" onClick={() => setConfirming(false)}>
                <Icon name="times" />
              </button>
            </div>
            <div className="p-dialog-content">
              <span className="p-confirm-dialog-message">Do you want to delete all songs of this playlist?</span>
            </div>
            <div className="p-dialog-footer">
              <button type="button" className="p-button p-component p-confirm-dialog-reject p-button-text" onClick={() => setConfirming(false)}>
                <span className="p-button-label">No</span>
              </button>
              <button
                type="button"
                className="p-button p-component p-confirm-dialog-accept"
                onClick={() => {
                  setQueue([]);
                  setCurrent(null);
                  setConfirming(false);
                }}
              >
                <span className="p-button-label">Yes</span>
              </button>
            </div>
          </div>
        </div>
      )}
    </div>
  );
}

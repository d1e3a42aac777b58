import { FormEvent, useEffect, useRef, useState } from "react";
import { Plus, Trash2 } from "lucide-react";

type Filter = "all" | "active" | "completed";

interface Todo {
  id: number;
  title: string;
  completed: boolean;
}

const FILTERS: { value: Filter; label: string }[] = [
  { value: "all", label: "All" },
  { value: "active", label: "Active" },
  { value: "completed", label: "Completed" },
];

export default function TodoApp() {
  const [todos, setTodos] = useState<Todo[]>([]);
  const [title, setTitle] = useState("");
  const [filter, setFilter] = useState<Filter>("all");
  const nextId = useRef(1);
  const listRef = useRef<HTMLUListElement>(null);
  const countBefore = useRef(0);

  // Keep the newest task in view when the list gets longer or shorter.
  useEffect(() => {
    if (todos.length === countBefore.current) return;
    countBefore.current = todos.length;
    const rows = listRef.current!.children;
    rows[rows.length - 1].scrollIntoView({ block: "nearest" });
  }, [todos.length]);

  const addTodo = (event: FormEvent) => {
    event.preventDefault();
    if (!title.trim()) return;
    setTodos([...todos, { id: nextId.current++, title: title.trim(), completed: false }]);
    setTitle("");
  };

  const toggle = (id: number) =>
    setTodos(todos.map((todo) => (todo.id === id ? { ...todo, completed: !todo.completed } : todo)));

  const remove = (id: number) => setTodos(todos.filter((todo) => todo.id !== id));

  const visible = todos.filter((todo) => filter === "all" || todo.completed === (filter === "completed"));
  const left = todos.filter((todo) => !todo.completed).length;

  return (
    <div className="min-h-screen bg-gradient-to-b from-sky-100 to-white py-16">
      <main className="mx-auto max-w-xl rounded-2xl bg-white p-8 shadow-xl">
        <h1 className="text-3xl font-bold text-sky-900">My tasks</h1>

        <form onSubmit={addTodo} className="mt-6 flex gap-2">
          <label htmlFor="new-task" className="sr-only">
            New task
          </label>
          <input
            id="new-task"
            value={title}
            onChange={(event) => setTitle(event.target.value)}
            placeholder="What needs doing?"
            className="flex-1 rounded-lg border border-slate-300 px-4 py-2 focus:outline-sky-500"
          />
          <button type="submit" className="flex items-center gap-1 rounded-lg bg-sky-700 px-4 py-2 font-medium text-white">
            <Plus size={18} /> Add task
          </button>
        </form>

        <div className="mt-6 flex items-center justify-between text-sm text-slate-600">
          <p>
            {left} {left === 1 ? "task" : "tasks"} left
          </p>
          <div role="group" aria-label="Show tasks" className="flex gap-1">
            {FILTERS.map(({ value, label }) => (
              <button
                key={value}
                aria-pressed={filter === value}
                onClick={() => setFilter(value)}
                className={`rounded-md px-3 py-1 ${filter === value ? "bg-sky-700 text-white" : "hover:bg-slate-100"}`}
              >
                {label}
              </button>
            ))}
          </div>
        </div>

        {todos.length === 0 && <p className="mt-10 text-center text-slate-500">Nothing to do</p>}
        <ul ref={listRef} className="mt-4 divide-y divide-slate-100">
          {visible.map((todo) => (
            <li key={todo.id} className="flex items-center gap-3 py-3">
              <input
                type="checkbox"
                id={`todo-${todo.id}`}
                checked={todo.completed}
                onChange={() => toggle(todo.id)}
                className="h-5 w-5"
              />
              <label
                htmlFor={`todo-${todo.id}`}
                className={`flex-1 ${todo.completed ? "text-slate-500 line-through" : "text-slate-800"}`}
              >
                {todo.title}
              </label>
              <button aria-label={`Delete ${todo.title}`} onClick={() => remove(todo.id)} className="p-1 text-slate-500">
                <Trash2 size={18} />
              </button>
            </li>
          ))}
        </ul>
      </main>
    </div>
  );
}

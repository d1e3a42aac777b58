import * as all from "agent-judge/solution";
import { createRoot } from "react-dom/client";
import { createElement } from "react";

const solution = { ...all };
const isComponent = (value) =>
  (typeof value === "function" && /^[A-Z]/.test(value.displayName ?? value.name ?? "A")) || value?.$$typeof;
const named = Object.entries(solution).filter(([name, value]) => /^[A-Z]/.test(name) && isComponent(value));
const exported = solution.default ?? solution.App ?? named.at(-1)?.[1];
if (!exported) throw new Error("The answer defines no React component to show");

const isElement = typeof exported === "object" && "props" in exported;
createRoot(document.getElementById("root")).render(isElement ? exported : createElement(exported));

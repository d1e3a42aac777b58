// Puts what an answer's own tailwind.config says into the words of Tailwind's fourth version, which knows no such file.
import * as all from "agent-judge/tailwind-config";

const config = all.default ?? all;
const SPACES = {
  colors: "color", fontFamily: "font", fontSize: "text", fontWeight: "font-weight", spacing: "spacing",
  borderRadius: "radius", boxShadow: "shadow", screens: "breakpoint", animation: "animate", letterSpacing: "tracking",
  lineHeight: "leading", maxWidth: "container", blur: "blur", backgroundImage: "background-image",
  transitionTimingFunction: "ease",
};
const named = (...parts) => parts.filter((part) => part !== "DEFAULT").join("-").replaceAll(".", "_");
const plain = (value) => (Array.isArray(value) ? (typeof value[1] === "object" ? value[0] : value.join(", ")) : value);

function lines(prefix, value) {
  if (typeof value === "function") return lines(prefix, value({ theme: () => ({}), colors: {} }));
  if (value && typeof value === "object" && !Array.isArray(value)) {
    return Object.entries(value).flatMap(([name, inner]) => lines(named(prefix, name), inner));
  }
  const said = String(plain(value)).replace("<alpha-value>", "1");
  return value == null ? [] : [`--${prefix}: ${said};`];
}

function frames(keyframes) {
  const rule = ([at, style]) => `${at} { ${Object.entries(style).map(([name, value]) =>
    `${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}: ${value};`).join(" ")} }`;
  return Object.entries(keyframes).map(([name, steps]) => `@keyframes ${name} { ${Object.entries(steps).map(rule).join(" ")} }`);
}

const themes = [config.theme ?? {}, config.theme?.extend ?? {}];
const theme = themes.flatMap((one) => [
  ...Object.entries(SPACES).flatMap(([key, space]) => (one[key] ? lines(space, one[key]) : [])),
  ...(one.keyframes ? frames(one.keyframes) : []),
]);
const dark = [config.darkMode ?? []].flat()[0] === "class" ? "@custom-variant dark (&:where(.dark, .dark *));" : "";
const style = document.createElement("style");
style.type = "text/tailwindcss";
style.textContent = `${dark}\n@theme {\n${theme.join("\n")}\n}`;
document.head.append(style);

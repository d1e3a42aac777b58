"use strict";

// All text of the programs under judgement enters the page through here, as text nodes: never as markup.
function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "style") for (const [key, setting] of Object.entries(value)) element.style.setProperty(key, setting);
    else if (name === "dataset") Object.assign(element.dataset, value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false && child !== ""));
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

function svg(tag, props = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(props)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

const untrusted = (text, tag = "span", props = {}) => h(tag, { ...props, class: `untrusted ${props.class || ""}`.trim() }, text);

const plural = (count, noun, many = `${noun}s`) => `${count.toLocaleString("en")} ${count === 1 ? noun : many}`;

// A share that is not quite all or not quite nothing never reads as 100 % or 0 %.
function percent(share) {
  const rounded = Math.round(share * 100);
  const words = rounded === 100 && share < 1 ? ">99" : rounded === 0 && share > 0 ? "<1" : rounded;
  return `${words}\u00a0%`;
}

const seconds = (value) => (value < 10 ? `${value.toFixed(1)} s` : `${Math.round(value)} s`);

// `cn` of shadcn's templates: joins class names, the later of two that exclude each other wins by order alone.
const flat = (value) => {
  if (!value) return [];
  if (typeof value === "string" || typeof value === "number") return [String(value)];
  if (Array.isArray(value)) return value.flatMap(flat);
  return Object.entries(value).filter(([, on]) => on).map(([name]) => name);
};

export const cn = (...values) => flat(values).join(" ");

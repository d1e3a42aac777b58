// Runs in an empty page without network: compiles single-file components into modules.
import { compileScript, compileStyle, compileTemplate, parse } from "./compiler.js";

const told = (error) => {
  const line = error?.loc?.start ? `:${error.loc.start.line}:${error.loc.start.column}` : "";
  return `${line}: ${String(error?.message ?? error).split("\n")[0]}`;
};

const hash = (text) => {
  let value = 5381;
  for (const character of text) value = ((value * 33) ^ character.codePointAt(0)) >>> 0;
  return value.toString(16);
};

function compileOne(path, source, files) {
  const { descriptor, errors } = parse(source, { filename: path });
  if (errors.length) throw errors[0];
  const id = hash(path);
  const scoped = descriptor.styles.some((style) => style.scoped);
  const typed = [descriptor.script?.lang, descriptor.scriptSetup?.lang].some((lang) => /tsx?/.test(lang ?? ""));
  const compilerOptions = { expressionPlugins: typed ? ["typescript"] : [] };
  const shared = { id, filename: path, scoped, slotted: descriptor.slotted, compilerOptions };
  let code = "const component = {};", bindings;
  if (descriptor.script || descriptor.scriptSetup) {
    const compiled = compileScript(descriptor, {
      id, inlineTemplate: Boolean(descriptor.scriptSetup), templateOptions: shared, genDefaultAs: "component",
    });
    code = compiled.content;
    bindings = compiled.bindings;
  }
  if (descriptor.template && !descriptor.scriptSetup) {
    if (descriptor.template.lang && descriptor.template.lang !== "html") {
      throw new Error(`templates in ${descriptor.template.lang} are not supported`);
    }
    const made = compileTemplate({
      ...shared, source: descriptor.template.content, compilerOptions: { ...compilerOptions, bindingMetadata: bindings },
    });
    if (made.errors.length) throw made.errors[0];
    code += `\n${made.code.replace("export function render", "function render")}\ncomponent.render = render;`;
  }
  if (scoped) code += `\ncomponent.__scopeId = "data-v-${id}";`;
  const name = path.split("/").at(-1);
  descriptor.styles.forEach((style, number) => {
    const made = compileStyle({ source: style.content, filename: path, id: `data-v-${id}`, scoped: Boolean(style.scoped) });
    const end = style.module ? "module.css" : "css";
    files[`${path}.${number}.${end}`] = made.errors.length ? style.content : made.code;
    if (style.module) {
      const word = typeof style.module === "string" ? style.module : "$style";
      code = `import style${number} from "./${name}.${number}.${end}";\n${code}`;
      code += `\n(component.__cssModules ??= {})[${JSON.stringify(word)}] = style${number};`;
    } else {
      code = `import "./${name}.${number}.${end}";\n${code}`;
    }
  });
  files[path] = `${code}\nexport default component;\n`;
}

window.compileComponents = (sources) => {
  const files = {};
  for (const [path, source] of Object.entries(sources)) {
    try {
      compileOne(path, source, files);
    } catch (error) {
      return { error: `${path}${told(error)}`, files: {} };
    }
  }
  return { error: "", files };
};
window.ready = true;

// Reads the catalogue in ../locales: makes the types of its codes for TypeScript, and one module for
// each language. A code that does not exist, or a parameter that is missing, does not compile.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
export const locales = join(here, "../../locales");
const target = join(here, "../src/generated/words.ts");

/** Said by the command line, the tray and notifications alone; they never reach a page. */
const NOT_IN_PAGES = ["cli", "help", "notification", "tray"];

/** The sentences of one language by namespace. */
export function catalogue(language) {
  const folder = join(locales, language);
  const files = readdirSync(folder).filter((name) => name.endsWith(".json"));
  const namespaces = files.map((name) => basename(name, ".json")).sort();
  const inPages = namespaces.filter((name) => !NOT_IN_PAGES.includes(name));
  const read = (name) => JSON.parse(readFileSync(join(folder, `${name}.json`), "utf8"));
  return Object.fromEntries(inPages.map((name) => [name, read(name)]));
}

/** The parameters of each code, from all its plural forms. */
export function codes(namespaces) {
  const found = new Map();
  for (const [namespace, sentences] of Object.entries(namespaces)) {
    for (const [key, sentence] of Object.entries(sentences)) {
      const base = key.replace(/_(one|other)$/, "");
      const code = `${namespace}.${base}`;
      const params = found.get(code) ?? new Map();
      for (const [, name] of sentence.matchAll(/\{\{\s*(\w+)\s*\}\}/g)) {
        params.set(name, "Param");
      }
      if (base !== key) params.set("count", "number");
      found.set(code, params);
    }
  }
  return found;
}

function typescript(found) {
  const lines = [...found]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([code, params]) => {
      const fields = [...params].sort().map(([name, type]) => `${name}: ${type}`);
      return `  "${code}": ${fields.length ? `{ ${fields.join("; ")} }` : "null"};`;
    });
  return `// Made from ../locales/en by \`npm run words\`.\n\nimport type { Param } from "./schema";\n\n/** Each code of the catalogue with the parameters of its sentence. */\nexport type Codes = {\n${lines.join("\n")}\n};\n`;
}

/** Writes the types; only when they have changed, so that nothing is built anew for nothing. */
export function write() {
  const text = typescript(codes(catalogue("en")));
  let present = "";
  try {
    present = readFileSync(target, "utf8");
  } catch {}
  if (present !== text) writeFileSync(target, text);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) write();

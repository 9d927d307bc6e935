// How much has to come before the overview is there: its script with all that it imports, its styles,
// one language, and the font. A page loads the rest when it is opened.
import { gzipSync } from "node:zlib";

/** The goal of the design. */
export const LIMIT = 400_000;

const PAGE = /pages\/overview\/index\.tsx$/;
const LANGUAGE = /virtual:catalogue\/zh-CN$/;

/** The names of the files in a bundle that the first page needs. */
function needed(bundle) {
  const chunks = Object.values(bundle).filter((file) => file.type === "chunk");
  const is = (pattern) => (chunk) => pattern.test(chunk.facadeModuleId ?? "");
  const begin = [
    chunks.find((chunk) => chunk.isEntry),
    chunks.find(is(PAGE)),
    chunks.find(is(LANGUAGE)),
  ];
  if (begin.includes(undefined)) throw new Error("the first page is not in the bundle");
  const names = new Set();
  const take = (chunk) => {
    if (!chunk || names.has(chunk.fileName)) return;
    names.add(chunk.fileName);
    for (const name of chunk.imports) take(bundle[name]);
    for (const name of chunk.viteMetadata?.importedCss ?? []) names.add(name);
  };
  begin.forEach(take);
  const fonts = Object.keys(bundle).filter((name) => name.endsWith(".woff2"));
  return [...names, ...fonts];
}

/** Bytes as they cross the network. A font is compressed already. */
function compressed(file) {
  const content = file.type === "chunk" ? file.code : file.source;
  return file.fileName.endsWith(".woff2") ? content.length : gzipSync(content, { level: 9 }).length;
}

/** Each file of the first page with its size, and the sum. */
export function firstPage(bundle) {
  const files = needed(bundle).map((name) => {
    const file = bundle[name];
    return { name, bytes: file ? compressed(file) : 0 };
  });
  return { files, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0) };
}

import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";
import { firstPage, LIMIT } from "./scripts/first-page.mjs";
import { catalogue, locales, write } from "./scripts/words.mjs";

const PREFIX = "virtual:catalogue/";

/** One module for each language with all its sentences, read from ../locales. */
function words(): Plugin {
  return {
    name: "perpetua-words",
    buildStart() {
      write();
    },
    resolveId(id) {
      return id.startsWith(PREFIX) ? `\0${id}` : null;
    },
    load(id) {
      if (!id.startsWith(`\0${PREFIX}`)) return null;
      const language = id.slice(PREFIX.length + 1);
      for (const name of readdirSync(join(locales, language))) {
        this.addWatchFile(join(locales, language, name));
      }
      return `export default ${JSON.stringify(catalogue(language))}`;
    },
  };
}

/** A first page that has grown too large fails the build. */
function size(): Plugin {
  return {
    name: "perpetua-size",
    // The gallery, which names its own page, holds the scenarios too.
    apply: ({ build }, { command }) =>
      command === "build" && build?.rolldownOptions?.input === undefined,
    enforce: "post",
    generateBundle: {
      order: "post",
      handler(_, bundle) {
        const { files, bytes } = firstPage(bundle);
        for (const file of files) this.info(`${file.name}: ${Math.round(file.bytes / 1000)} kB`);
        const said = `the first page takes ${Math.round(bytes / 1000)} kB of ${LIMIT / 1000} kB`;
        if (bytes > LIMIT) this.error(said);
        this.info(said);
      },
    },
  };
}

/** Names the shape of what perpetua tells: another schema has another one. */
function schema(): string {
  const file = join(import.meta.dirname, "src/generated/schema.ts");
  return createHash("sha256").update(readFileSync(file)).digest("hex").slice(0, 16);
}

/** The licence stands beside the pages. */
function licence(): Plugin {
  return {
    name: "perpetua-licence",
    apply: "build",
    generateBundle() {
      const source = readFileSync(join(import.meta.dirname, "../LICENSE"));
      this.emitFile({ type: "asset", fileName: "licence.txt", source });
    },
  };
}

export default defineConfig({
  define: { __SCHEMA__: JSON.stringify(schema()) },
  plugins: [react(), words(), size(), licence()],
  base: "/",
  build: {
    target: ["es2022", "safari16"],
    // The size that matters is measured by the plugin above.
    reportCompressedSize: false,
  },
  // The pages of `docs` are part of the program.
  server: { port: 5180, strictPort: true, fs: { allow: [".."] } },
  test: {
    environment: "happy-dom",
    include: ["tests/unit/**/*.test.{ts,tsx}"],
    setupFiles: ["tests/setup.ts"],
    css: false,
    testTimeout: 20_000,
  },
});

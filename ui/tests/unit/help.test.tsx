/** Which sentences lead to a page of the documents, and that the page can be read here. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { blocks, pieces } from "../../src/help/markdown";
import { helpOf, PAGES } from "../../src/help/pages";
import { account, client, node } from "../fixtures/parts";
import { SHELL } from "../fixtures/shell";
import { show } from "../render";

const DOCS = join(import.meta.dirname, "../../../docs");
const named = (folder: string) => readdirSync(join(DOCS, folder));

test("each page of a sentence is there in both languages, and no page is without a sentence", () => {
  const wanted = Object.keys(PAGES).flatMap((page) => [`${page}.md`, `${page}.zh-CN.md`]);
  expect(named("troubles").toSorted()).toEqual(wanted.toSorted());
});

test("a sentence leads to its page, and one that holds another to that of the other", () => {
  expect(helpOf({ code: "secret.keyring_locked" })).toBe("keyring");
  expect(helpOf({ code: "dial.refused" })).toBe("framework-refused");
  expect(helpOf({ code: "dial.unreachable" })).toBe("framework-not-connected");
  const inner = { code: "refused.wrong_token", params: { peer: "127.0.0.1" } };
  expect(helpOf({ code: "state.client_refused", params: { when: inner, why: inner } })).toBe(
    "framework-refused",
  );
  expect(helpOf({ code: "state.connected" })).toBeNull();
});

test.each(
  ["troubles", "frameworks"].flatMap((folder) => named(folder).map((name) => [folder, name])),
)("all of %s/%s is understood", (folder = "", name = "") => {
  const parts = blocks(readFileSync(join(DOCS, folder, name), "utf8"));
  expect(parts[0]).toMatchObject({ is: "heading", depth: 1 });
  // The second is the way to the other language.
  expect(parts[1]).toMatchObject({ is: "paragraph" });
  const lines = parts.flatMap((part) => {
    if (part.is === "code") return [];
    if (part.is === "list") return part.items;
    if (part.is === "table") return part.rows.flat();
    return [part.text];
  });
  for (const part of parts) {
    if (part.is === "table") {
      const [head, ...rows] = part.rows;
      for (const row of rows) expect(row, row.join()).toHaveLength(head?.length ?? 0);
    }
  }
  for (const piece of lines.flatMap(pieces)) {
    if (piece.is === "text") expect(piece.text).not.toMatch(/[`*|#]|\]\(/);
  }
});

test("a note leads to its page, and a page to others", async () => {
  const problem = { code: "secret.keyring_locked", params: { reason: "no prompt" } };
  const status = node([account({ clients: [client({ problem })] })]);
  await show({ status, shell: SHELL, path: "/clients/main/nonebot" });
  const [link] = await screen.findAllByRole("link", { name: "Learn more" });
  if (!link) throw new Error("a link");
  await userEvent.click(link);
  expect(
    await screen.findByRole("heading", { name: "The keyring is locked or missing" }),
  ).toBeDefined();
});

test("a page is shown in the language of the window, and what is no page says so", async () => {
  const status = node([account({})]);
  await show({ status, path: "/help/framework-refused" }, { language: "zh-CN" });
  expect(await screen.findByRole("heading", { name: "框架被拒绝，或拒绝了连接" })).toBeDefined();
  await userEvent.click(screen.getByRole("link", { name: "Koishi" }));
  expect(await screen.findByRole("heading", { name: "Koishi" })).toBeDefined();
});

test("an address of no page says so", async () => {
  await show({ status: node([account({})]), path: "/help/nothing" });
  expect(await screen.findByText("There is no such page.")).toBeDefined();
});

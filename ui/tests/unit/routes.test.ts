/** What stands in an address is text, whatever it looks like. */
import { createMemoryHistory } from "@tanstack/react-router";
import { expect, test } from "vitest";
import { router } from "../../src/routes";
import { mends } from "../../src/state/standing";

const NAMES = [
  "123",
  "007",
  "1e3",
  "true",
  "null",
  '"quoted"',
  "[1]",
  "{}",
  "a&b=c#d",
  "50%",
  "1+1",
  "小明",
];

/** The innermost page of an address: its parameters and its search. */
async function opened(href: string) {
  const shown = router(createMemoryHistory({ initialEntries: [href] }));
  await shown.load();
  const match = shown.state.matches.at(-1);
  return { params: match?.params, search: match?.search };
}

test.each(NAMES)("a client, an account and a search called %s stay what they are", async (name) => {
  const { buildLocation } = router(createMemoryHistory());
  const { href } = buildLocation({
    to: "/clients/$account/$client",
    params: { account: name, client: name },
    search: { q: name, account: name, tab: "settings" },
  });
  expect(await opened(href)).toEqual({
    params: { account: name, client: name },
    search: { q: name, account: name, tab: "settings" },
  });
});

test.each(NAMES)("the button of a state of %s leads to it", async (name) => {
  const { deed } = mends.signerAddress(name);
  const { search } = await opened(deed.do === "go" ? deed.to : "");
  expect(search).toEqual({ change: name });
});

test("only an address that says so opens the dialog", async () => {
  expect((await opened("/clients?add=true")).search).toEqual({ add: true });
  expect((await opened("/clients?add=false")).search).toEqual({});
});

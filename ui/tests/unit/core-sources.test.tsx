/** The sources of cores: another order, one more, one less, and somebody else who changes them too. */
import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import type { CoreSourceShown } from "../../src/generated/schema";
import { CallFailed } from "../../src/platform";
import type { Answers, Scenario } from "../fake-platform";
import { listOf, SOURCES, withCores, written } from "../fixtures/cores";
import { calls } from "../pages";
import { scenario, show } from "../render";

const MIRROR = "https://mirror.example/";
const KEPT = SOURCES.map((_, place) => ({ kind: "kept", place }));
const GITHUB = "LagrangeDev/Lagrange.Core · nightly";

function page(sources: CoreSourceShown[] = SOURCES, answers: Answers = {}): Scenario {
  return { ...scenario("core"), answers: { ...withCores(listOf({ sources })), ...answers } };
}

const rows = async () => within(await screen.findByRole("list", { name: /^Sources/ }));

const placesOf = (list: Awaited<ReturnType<typeof rows>>) =>
  list.getAllByRole("listitem").map((row) => row.querySelector(".mono")?.textContent);

async function choose(source: string, item: RegExp) {
  await userEvent.click(await screen.findByRole("button", { name: `Actions of ${source}` }));
  await userEvent.click(await screen.findByRole("menuitem", { name: item }));
}

/** Opens the dialog and chooses a kind there. */
async function adding(kind: string) {
  await userEvent.click(await screen.findByRole("button", { name: "Add a source" }));
  const dialog = within(await screen.findByRole("dialog"));
  await userEvent.selectOptions(dialog.getByLabelText("Kind"), kind);
  return dialog;
}

test("the order is changed by keys, saved at once, and taken back", async () => {
  const { platform } = await show(page());
  const list = await rows();
  list.getByRole("button", { name: `Actions of ${GITHUB}` }).focus();
  await userEvent.keyboard("{Alt>}{ArrowUp}{/Alt}");
  expect(await screen.findByText(`Saved: moved ${GITHUB} to place 1`)).toBeDefined();
  expect(placesOf(list)).toEqual([GITHUB, MIRROR]);
  expect(calls(platform, "core_sources_edit")).toEqual([
    {
      sources: [
        { kind: "kept", place: 1 },
        { kind: "kept", place: 0 },
      ],
      instead_of: SOURCES,
    },
  ]);
  await userEvent.click(screen.getByText("Undo"));
  expect(await screen.findByText(`Undone: moved ${GITHUB} to place 1`)).toBeDefined();
  await waitFor(() => expect(placesOf(list)).toEqual([MIRROR, GITHUB]));
});

test("two that look alike are told apart, and the order is changed from the menu or by the handle", async () => {
  const twice = [...SOURCES, ...SOURCES.slice(0, 1)];
  const { platform } = await show(page(twice));
  await choose(GITHUB, /^Move down/);
  const list = await rows();
  await waitFor(() => expect(placesOf(list)).toEqual([MIRROR, MIRROR, GITHUB]));
  expect(calls(platform, "core_sources_edit")).toMatchObject([
    { sources: [0, 2, 1].map((place) => ({ kind: "kept", place })) },
  ]);
  const [first, , third] = list.getAllByRole("listitem");
  const handle = third?.querySelector("[draggable=true]");
  if (!handle || !first) throw new Error("a row has a handle");
  const dataTransfer = { setData: vi.fn(), setDragImage: vi.fn(), effectAllowed: "none" };
  fireEvent.dragStart(handle, { dataTransfer });
  fireEvent.dragOver(first, { dataTransfer });
  fireEvent.drop(first, { dataTransfer });
  await waitFor(() => expect(placesOf(list)).toEqual([GITHUB, MIRROR, MIRROR]));
});

test.each([
  ["github", "Repository", " me/mine ", { kind: "github", repository: "me/mine" }, "me/mine"],
  [
    "mirror",
    "Address of the mirror",
    "https://a.example",
    { kind: "mirror", prefix: "https://a.example" },
    "",
  ],
  [
    "index",
    "Address of the list",
    "https://a.example/i.json",
    { kind: "index", url: "https://a.example/i.json" },
    "",
  ],
  ["local", "Folder or file", "/srv/cores", { kind: "local", path: "/srv/cores" }, ""],
] as const)(
  "a source of the kind %s is added behind the others",
  async (kind, label, typed, sent, name) => {
    const { platform } = await show(page());
    const dialog = await adding(kind);
    const add = dialog.getByRole("button", { name: "Add a source" });
    expect(add).toHaveProperty("disabled", true);
    await userEvent.type(dialog.getByLabelText(label), typed);
    await userEvent.click(add);
    expect(await screen.findByText(`Saved: ${name || typed} is added`)).toBeDefined();
    expect(screen.queryByRole("dialog")).toBeNull();
    expect(calls(platform, "core_sources_edit")).toEqual([
      { sources: [...KEPT, sent], instead_of: SOURCES },
    ]);
    expect(placesOf(await rows())).toHaveLength(3);
  },
);

test("the tag of a release is sent when it is another one", async () => {
  const { platform } = await show(page());
  const dialog = await adding("github");
  await userEvent.type(dialog.getByLabelText("Repository"), "me/mine");
  await userEvent.type(dialog.getByLabelText("Tag of the release"), "v1{Enter}");
  expect(await screen.findByText("Saved: me/mine is added")).toBeDefined();
  const sent = { kind: "github", repository: "me/mine", tag: "v1" };
  expect(calls(platform, "core_sources_edit")).toMatchObject([{ sources: [...KEPT, sent] }]);
});

test("what cannot be a source is told in the dialog, which keeps it", async () => {
  const message = { code: "edit.source_known" };
  const { platform } = await show(
    page(SOURCES, {
      core_sources_edit: () => {
        throw new CallFailed({ code: "conflict", message });
      },
    }),
  );
  const dialog = await adding("mirror");
  const field = dialog.getByLabelText("Address of the mirror");
  await userEvent.type(field, "https://mirror.example/{Enter}");
  expect((await dialog.findByRole("alert")).textContent).toContain("a source of cores already");
  expect(field).toHaveProperty("value", "https://mirror.example/");
  await userEvent.type(field, "2");
  expect(dialog.queryByRole("alert")).toBeNull();
  expect(calls(platform, "core_sources_edit")).toHaveLength(1);
});

test("one is removed at once and comes back with what the settings said of it", async () => {
  const { platform } = await show(page());
  await choose(MIRROR, /^Remove/);
  expect(await screen.findByText(`Saved: ${MIRROR} is removed`)).toBeDefined();
  await waitFor(async () => expect(placesOf(await rows())).toEqual([GITHUB]));
  await userEvent.click(screen.getByText("Undo"));
  expect(await screen.findByText(`Undone: ${MIRROR} is removed`)).toBeDefined();
  await waitFor(async () => expect(placesOf(await rows())).toEqual([MIRROR, GITHUB]));
  expect(calls(platform, "settings_write")).toEqual([
    { text: written(SOURCES), instead_of: written(SOURCES.slice(1)) },
  ]);
});

test.each([
  ["something else has changed meanwhile", 'secrets = "file"\n'],
  ["the settings cannot be read", null],
])("one is removed, but not put back by the text when %s", async (_, more) => {
  let reads = 0;
  const sources = [...SOURCES];
  const settings_read = () => {
    reads += 1;
    if (more === null) throw new CallFailed({ code: "internal", message: { code: "io.other" } });
    const text = reads === 1 ? written(sources) : more + written(sources.slice(1));
    return { text, problems: [] };
  };
  await show(page(sources, { settings_read }));
  await choose(MIRROR, /^Remove/);
  expect(await screen.findByText(`Saved: ${MIRROR} is removed`)).toBeDefined();
  expect(screen.queryByText("Undo")).toBeNull();
});

test("the last one is removed after a question, and what that means stays on the page", async () => {
  const { platform } = await show(scenario("core-sources-default"));
  expect((await rows()).getByText("Default")).toBeDefined();
  await choose(GITHUB, /^Remove/);
  const question = within(await screen.findByRole("dialog"));
  expect(question.getByText(/will then download no core/)).toBeDefined();
  expect(calls(platform, "core_sources_edit")).toHaveLength(0);
  await userEvent.click(question.getByRole("button", { name: "Remove" }));
  expect(await screen.findByText(/^There is no source: perpetua downloads no core/)).toBeDefined();
  expect(calls(platform, "core_sources_edit")).toMatchObject([{ sources: [] }]);
});

test("the second of two browsers is told, and sees the list of the first", async () => {
  const theirs = [...SOURCES].reverse();
  let isChanged = false;
  await show(
    page(SOURCES, {
      core_list: () => listOf(isChanged ? { sources: theirs } : {}),
      core_sources_edit: () => {
        isChanged = true;
        const message = { code: "config.edit_other_sources" };
        throw new CallFailed({ code: "conflict", message });
      },
    }),
  );
  await choose(MIRROR, /^Remove/);
  expect((await screen.findByRole("alert")).textContent).toContain("have changed meanwhile");
  await waitFor(async () => expect(placesOf(await rows())).toEqual(theirs.map((one) => one.place)));
  expect(screen.queryByText("Undo")).toBeNull();
});

test("what has to wait for a restart is said with the change", async () => {
  const pending = [{ code: "edit.secret_kept", params: { name: "x" } }];
  await show(page(SOURCES, { core_sources_edit: () => ({ changes: [], pending }) }));
  await choose(GITHUB, /^Move up/);
  expect(await screen.findByText(/nothing uses the secret/)).toBeDefined();
});

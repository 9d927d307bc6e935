/** The page of signers: each state with its word and its way out; adding, testing, removing by keyboard. */
import { act, fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import type { SignerStatus } from "../../src/generated/schema";
import { tableGone } from "../../src/pages/signers/table-gone";
import { CallFailed } from "../../src/platform";
import { signerStanding } from "../../src/state/signer";
import { mends } from "../../src/state/standing";
import { load } from "../../src/words/language";
import { account, core, NOW, node, signer } from "../fixtures/parts";
import { known, OF_DESIGN, withSigners } from "../fixtures/signers";
import { calls } from "../pages";
import { scenario, show } from "../render";

const english = await load("en");

const list = async (name = "Signers") => within(await screen.findByRole("list", { name }));

/** What a test changes there is gone with it. */
const fresh = () => ({ ...scenario("signers"), answers: withSigners(OF_DESIGN) });

/** The words of a page in both languages: what stands where, in its order. */
const SHOWN: [string, "en" | "zh-CN", string[]][] = [
  [
    "signers",
    "zh-CN",
    [
      "签名服务器",
      "替核心给发往 QQ 的数据签名；没有它，QQ 拒绝一切登录。从上往下，用第一个可用的。",
      "使用中",
      "可用，有疑点",
      "它没有说明签的是哪个版本，登录可能被拒绝（45）；会先用说明了版本的。",
      "系统不符",
      "它签的系统和账号用的不一样；已跳过。",
      "运行签名服务器的人能看到什么",
      "被签名的数据，其中包括消息内容。只用自己搭建的，或你信任的人提供的。perpetua 不内置任何地址。",
    ],
  ],
  [
    "signers",
    "en",
    [
      "In use",
      "Works",
      "Works, but",
      "Other system",
      "It signs for another system than the account uses; skipped.",
      "What the one who runs a signer can see",
    ],
  ],
  ["signers-wrong", "zh-CN", ["没有应答", "出故障", "不让用", "不是签名服务器", "问不了"]],
  ["signers-wrong", "en", ["No answer", "Out of order", "Refused", "No signer", "Not asked"]],
  ["signers-testing", "zh-CN", ["测试中"]],
  ["signers-testing", "en", ["Testing"]],
  ["signers-empty", "zh-CN", ["还没有签名服务器", "添加签名服务器"]],
  ["signers-empty", "en", ["There is no signer yet", "Add a signer"]],
  ["signers-error", "zh-CN", ["再试一次"]],
  ["signers-error", "en", ["Try again"]],
  ["signers-disconnected", "zh-CN", ["和 perpetua 断开了，正在重连", "使用中"]],
  ["signers-disconnected", "en", ["Connection to perpetua lost; reconnecting", "In use"]],
];

test.each(SHOWN)("%s in %s", async (name, language, texts) => {
  await show(scenario(name), { language });
  for (const text of texts) expect((await screen.findAllByText(text)).length).toBeGreaterThan(0);
});

test("what was not asked lately is asked when the page opens, each by itself", async () => {
  vi.setSystemTime(NOW);
  const stale = known("stale", "a.example:443", {});
  const signers: SignerStatus[] = [
    known("fresh", "b.example:443", {}),
    { ...stale, asked_ms: NOW - 120_000 },
    known("never", "c.example:443", null),
  ];
  const { platform } = await show({ ...scenario("signers"), answers: withSigners(signers) });
  await list();
  await waitFor(() =>
    expect(calls(platform, "signer_test")).toEqual([{ name: "stale" }, { name: "never" }]),
  );
  await userEvent.click(screen.getByRole("button", { name: "Test all" }));
  await waitFor(() => expect(calls(platform, "signer_test")).toHaveLength(5));
  expect(await screen.findByText(/2 of 3 can be used/)).toBeDefined();
  vi.useRealTimers();
});

test("a signer is added by keyboard alone, tested before it is saved, and the page says so", async () => {
  const signers = [...OF_DESIGN];
  const made = withSigners(signers);
  const { platform, history } = await show({
    ...scenario("signers"),
    answers: {
      ...made,
      signer_add: ({ name = "sign-example" }) => {
        signers.push(known(name, "sign.example:443", {}));
        return { name, applied: { changes: [], pending: [] } };
      },
    },
  });
  await list();
  screen.getByRole("button", { name: "Add a signer" }).focus();
  await userEvent.keyboard("{Enter}");
  const dialog = within(await screen.findByRole("dialog", { name: "Add a signer" }));
  const address = dialog.getByLabelText("Address of a signer");
  await waitFor(() => expect(document.activeElement).toBe(address));
  await userEvent.paste(" https://sign.example/api/sign ");
  expect(await dialog.findByText("It signs, within 88 ms")).toBeDefined();
  await userEvent.keyboard("{Enter}");
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(calls(platform, "signer_add")).toEqual([{ url: "https://sign.example/api/sign" }]);
  expect(await screen.findByText("Saved: sign-example is added")).toBeDefined();
  expect(await (await list()).findByText("sign.example:443")).toBeDefined();
  expect(history.location.search).toBe("");
});

test("one that does not answer may be added all the same, and a refusal stays in the dialog", async () => {
  const problem = { code: "signer.silent", params: { seconds: 5 } };
  const { platform } = await show({
    ...scenario("signers-add"),
    answers: {
      ...withSigners(OF_DESIGN),
      signer_test: () => signer({ problem }),
      signer_add: () => {
        const message = { code: "edit.signer_known", params: { name: "mine" } };
        throw new CallFailed({ code: "conflict", message });
      },
    },
  });
  const dialog = within(await screen.findByRole("dialog", { name: "Add a signer" }));
  expect(dialog.getByRole("button", { name: "Add" })).toHaveProperty("disabled", true);
  await userEvent.click(dialog.getByLabelText("Address of a signer"));
  await userEvent.paste("https://slow.example");
  await userEvent.click(dialog.getByLabelText("Name"));
  await userEvent.paste("slow");
  await userEvent.click(await dialog.findByRole("button", { name: "Add it all the same" }));
  expect((await dialog.findByRole("alert")).textContent).toContain("mine");
  expect(calls(platform, "signer_add")).toEqual([{ url: "https://slow.example", name: "slow" }]);
  // What was typed is not lost by a key or a click beside it.
  await userEvent.keyboard("{Escape}");
  expect(screen.getByRole("dialog", { name: "Add a signer" })).toBeDefined();
});

test("the way out of a doubt is another address: the new one takes the old one's place", async () => {
  const { platform, history } = await show(fresh());
  const rows = await list();
  const row = within(rows.getByText("old").closest("li") as HTMLElement);
  await userEvent.click(row.getByRole("button", { name: "Change address" }));
  const dialog = within(await screen.findByRole("dialog", { name: "New address of old" }));
  expect(history.location.search).toContain("change=old");
  await userEvent.click(dialog.getByLabelText("Address of a signer"));
  await userEvent.paste("https://new.example");
  expect(await dialog.findByText(/^It signs, within/)).toBeDefined();
  await userEvent.click(dialog.getByRole("button", { name: "Use this address" }));
  await waitFor(() =>
    expect(calls(platform, "signer_edit")).toEqual([
      { name: "old", url: "https://new.example", instead_of: "old.signer.example:443" },
    ]),
  );
  // It is another one under the old name: what the old one said is not said of it.
  await waitFor(() => expect(calls(platform, "signer_test").at(-1)).toEqual({ name: "old" }));
  expect(await screen.findByText("Saved: old has another address")).toBeDefined();
});

const namesOf = (rows: Awaited<ReturnType<typeof list>>) =>
  rows.getAllByRole("listitem").map((row) => row.querySelector("b")?.textContent);

test("the order is changed by keys, saved at once, and taken back", async () => {
  const { platform } = await show(fresh());
  const rows = await list();
  const row = within(rows.getByText("old").closest("li") as HTMLElement);
  row.getByRole("button", { name: "Actions of old" }).focus();
  await userEvent.keyboard("{Alt>}{ArrowUp}{/Alt}");
  const before = ["mine", "backup", "old", "friend"];
  const after = ["mine", "old", "backup", "friend"];
  expect(await screen.findByText("Saved: moved old to place 2")).toBeDefined();
  expect(namesOf(rows)).toEqual(after);
  expect(calls(platform, "signers_order")).toEqual([{ names: after, instead_of: before }]);
  await userEvent.click(screen.getByText("Undo"));
  expect(await screen.findByText("Undone: moved old to place 2")).toBeDefined();
  await waitFor(() => expect(namesOf(rows)).toEqual(before));
});

test("the order is changed from the menu, and not beyond its ends", async () => {
  const { platform } = await show(fresh());
  const rows = await list();
  const open = async (name: string) => {
    await userEvent.click(rows.getByRole("button", { name: `Actions of ${name}` }));
    return screen.findByRole("menuitem", { name: /^Move down/ });
  };
  expect(await open("friend")).toHaveProperty("disabled", true);
  await userEvent.keyboard("{Escape}");
  await waitFor(() => expect(screen.queryByRole("menuitem")).toBeNull());
  await userEvent.click(await open("mine"));
  await waitFor(() => expect(namesOf(rows)).toEqual(["backup", "mine", "old", "friend"]));
  expect(calls(platform, "signers_order")).toHaveLength(1);
});

test("one is dragged by its handle to the place of another", async () => {
  const { platform } = await show(fresh());
  const rows = await list();
  const [first, , third] = rows.getAllByRole("listitem");
  const handle = first?.querySelector("[draggable=true]");
  if (!handle || !third) throw new Error("a row has a handle");
  const dataTransfer = { setData: vi.fn(), setDragImage: vi.fn(), effectAllowed: "none" };
  fireEvent.dragStart(handle, { dataTransfer });
  fireEvent.dragOver(third, { dataTransfer });
  expect(third.dataset["over"]).toBe("true");
  fireEvent.drop(third, { dataTransfer });
  await waitFor(() => expect(namesOf(rows)).toEqual(["backup", "old", "mine", "friend"]));
  expect(calls(platform, "signers_order")).toHaveLength(1);
});

test("an order of a list that somebody else has changed meanwhile is refused, and theirs is shown", async () => {
  const theirs = [...OF_DESIGN].reverse();
  let isChanged = false;
  await show({
    ...scenario("signers"),
    answers: {
      ...withSigners(OF_DESIGN),
      signer_list: () => (isChanged ? theirs : OF_DESIGN),
      signers_order: () => {
        isChanged = true;
        const message = { code: "config.edit_other_signers" };
        throw new CallFailed({ code: "conflict", message });
      },
    },
  });
  const rows = await list();
  rows.getByRole("button", { name: "Actions of old" }).focus();
  await userEvent.keyboard("{Alt>}{ArrowUp}{/Alt}");
  expect((await screen.findByRole("alert")).textContent).toContain("have changed meanwhile");
  await waitFor(() => expect(namesOf(rows)).toEqual(theirs.map(({ name }) => name)));
});

test("what another browser changes is seen without a reload", async () => {
  let signers = OF_DESIGN;
  const { platform } = await show({
    ...scenario("signers"),
    answers: { ...withSigners(OF_DESIGN), signer_list: () => signers },
  });
  const rows = await list();
  signers = OF_DESIGN.filter(({ name }) => name !== "friend");
  platform.send({ event: "settings", problems: [] });
  await waitFor(() => expect(namesOf(rows)).toEqual(["mine", "backup", "old"]));
});

test("a name is changed in a dialog that keeps what was typed when it is refused", async () => {
  let refuses = true;
  const { platform } = await show({
    ...scenario("signers"),
    answers: {
      ...withSigners(OF_DESIGN),
      signer_edit: () => {
        if (!refuses) return { changes: [], pending: [] };
        const message = { code: "config.edit_signer_taken", params: { signer: "backup" } };
        throw new CallFailed({ code: "conflict", message });
      },
    },
  });
  const rows = await list();
  await userEvent.click(rows.getByRole("button", { name: "Actions of old" }));
  await userEvent.click(await screen.findByRole("menuitem", { name: "Rename" }));
  const dialog = within(await screen.findByRole("dialog", { name: "Another name for old" }));
  const field = dialog.getByLabelText("Name");
  await userEvent.clear(field);
  await userEvent.type(field, "backup{Enter}");
  expect((await dialog.findByRole("alert")).textContent).toContain("backup");
  expect(field).toHaveProperty("value", "backup");
  refuses = false;
  await userEvent.type(field, "2{Enter}");
  expect(await screen.findByText("Saved: old is called backup2")).toBeDefined();
  await userEvent.click(screen.getByText("Undo"));
  await waitFor(() =>
    expect(calls(platform, "signer_edit").at(-1)).toEqual({ name: "backup2", rename: "old" }),
  );
});

test("a host that nobody knows is asked for again, or its address is changed", async () => {
  const problem = { code: "signer.unreachable", params: { text: { code: "io.unknown_host" } } };
  const { platform } = await show({
    ...fresh(),
    answers: withSigners([known("lost", "sign.example:443", { problem, latency_ms: null })]),
  });
  const row = within((await list()).getByText("lost").closest("li") as HTMLElement);
  const before = calls(platform, "signer_test").length;
  await userEvent.click(await row.findByRole("button", { name: "Try again" }));
  await waitFor(() =>
    expect(calls(platform, "signer_test").slice(before)).toEqual([{ name: "lost" }]),
  );
  await userEvent.click(await row.findByRole("button", { name: "Change address" }));
  expect(await screen.findByRole("dialog")).toBeDefined();
});

test("the way out of silence is another test of that one", async () => {
  const { platform } = await show(scenario("signers-wrong"));
  const row = within((await list()).getByText("silent").closest("li") as HTMLElement);
  await waitFor(() => expect(row.queryByText("Testing")).toBeNull());
  const before = calls(platform, "signer_test").length;
  await userEvent.click(row.getByRole("button", { name: "Try again" }));
  await waitFor(() =>
    expect(calls(platform, "signer_test").slice(before)).toEqual([{ name: "silent" }]),
  );
});

test("one is removed by keyboard after a question; why it cannot be stands at its row", async () => {
  let refuses = true;
  const { platform } = await show({
    ...scenario("signers"),
    answers: {
      ...withSigners(OF_DESIGN),
      signer_remove: () => {
        if (!refuses) return { changes: [], pending: [] };
        const message = { code: "edit.signer_used", params: { accounts: "main", name: "backup" } };
        throw new CallFailed({ code: "conflict", message });
      },
    },
  });
  const row = within((await list()).getByText("backup").closest("li") as HTMLElement);
  const remove = async () => {
    row.getByRole("button", { name: "Actions of backup" }).focus();
    await userEvent.keyboard("{Enter}");
    const item = await screen.findByRole("menuitem", { name: "Remove" });
    item.focus();
    await userEvent.keyboard("{Enter}");
    const dialog = within(await screen.findByRole("dialog", { name: "Remove backup?" }));
    dialog.getByRole("button", { name: "Remove" }).focus();
    await userEvent.keyboard("{Enter}");
  };
  await remove();
  expect((await row.findByRole("alert")).textContent).toContain("main");
  refuses = false;
  await remove();
  expect(await screen.findByText("Saved: backup is removed")).toBeDefined();
  expect(calls(platform, "signer_remove")).toEqual([{ name: "backup" }, { name: "backup" }]);
});

test("without a connection nothing can be changed, and the list stays", async () => {
  await show(scenario("signers-disconnected"));
  await list();
  await screen.findByText(/reconnecting/);
  for (const name of ["Test all", "Add a signer"]) {
    expect(screen.getByRole("button", { name })).toHaveProperty("disabled", true);
  }
});

test("a core that goes over to another signer is seen without a reload", async () => {
  const { platform } = await show(scenario("signers"));
  await list();
  const before = calls(platform, "signer_list").length;
  const status = scenario("signers").status;
  if (!status) throw new Error("the scenario has one");
  const [main, ...others] = status.accounts;
  if (!main?.core) throw new Error("the scenario has a core");
  const core = { ...main.core, signer: signer({ name: "backup" }) };
  platform.send({ event: "account_changed", generation: 9, account: { ...main, core } });
  await waitFor(() => expect(calls(platform, "signer_list").length).toBeGreaterThan(before));
  expect(others.length).toBeGreaterThan(0);
});

test("an address that another browser changed meanwhile is told; what is typed goes over it then", async () => {
  const made = fresh();
  const { platform } = await show({ ...made, path: "/signers?change=old" });
  const dialog = within(await screen.findByRole("dialog", { name: "New address of old" }));
  await made.answers.signer_edit?.({ name: "old", url: "https://theirs.example" });
  await userEvent.click(dialog.getByLabelText("Address of a signer"));
  await userEvent.paste("https://mine.example");
  expect(await dialog.findByText(/^It signs, within/)).toBeDefined();
  await userEvent.click(await dialog.findByRole("button", { name: "Use this address" }));
  expect((await dialog.findByRole("alert")).textContent).toContain("was changed elsewhere");
  expect(dialog.getByLabelText("Address of a signer")).toHaveProperty(
    "value",
    "https://mine.example",
  );
  await userEvent.click(dialog.getByRole("button", { name: "Use this address" }));
  await waitFor(() =>
    expect(calls(platform, "signer_edit").at(-1)).toMatchObject({
      instead_of: "https://theirs.example",
    }),
  );
});

test("what a new address leaves to be done is said", async () => {
  const made = fresh();
  const pending = [{ code: "edit.secret_kept", params: { name: "mykey" } }];
  const signer_edit = () => ({ changes: [], pending });
  const answers = { ...made.answers, signer_edit };
  await show({ ...made, answers, path: "/signers?change=old" });
  const dialog = within(await screen.findByRole("dialog", { name: "New address of old" }));
  await userEvent.click(dialog.getByLabelText("Address of a signer"));
  await userEvent.paste("https://new.example");
  expect(await dialog.findByText(/^It signs, within/)).toBeDefined();
  await userEvent.click(await dialog.findByRole("button", { name: "Use this address" }));
  expect(await screen.findByText(/nothing uses the secret/i)).toBeDefined();
});

test("a name that cannot be given back says why", async () => {
  const made = fresh();
  await show({
    ...made,
    answers: {
      ...made.answers,
      signer_edit: (call) => {
        if (call.rename === "old") {
          throw new CallFailed({ code: "conflict", message: { code: "node.settings_conflict" } });
        }
        return made.answers.signer_edit?.(call) ?? { changes: [], pending: [] };
      },
    },
  });
  await list();
  await userEvent.click(screen.getByRole("button", { name: /old/ }));
  await userEvent.click(await screen.findByRole("menuitem", { name: /name/i }));
  const dialog = within(await screen.findByRole("dialog"));
  await userEvent.type(dialog.getByLabelText("Name"), "er{Enter}");
  await userEvent.click(await screen.findByText("Undo"));
  expect((await screen.findByRole("alert")).textContent).toContain("was changed by someone else");
});

test("one that is moved while an order is being saved is moved after it", async () => {
  const made = fresh();
  const waiting: (() => void)[] = [];
  const { platform } = await show({
    ...made,
    answers: {
      ...made.answers,
      signers_order: async (call) => {
        await new Promise<void>((go) => waiting.push(go));
        return made.answers.signers_order?.(call) ?? { changes: [], pending: [] };
      },
    },
  });
  const rows = await list();
  const down = (name: string) =>
    fireEvent.keyDown(rows.getByText(name), { key: "ArrowDown", altKey: true });
  down("mine");
  down("mine");
  await waitFor(() => expect(waiting).toHaveLength(1));
  waiting[0]?.();
  await waitFor(() => expect(waiting).toHaveLength(2));
  waiting[1]?.();
  expect(await screen.findByText("Saved: moved mine to place 3")).toBeDefined();
  expect(calls(platform, "signers_order")).toMatchObject([
    { names: ["backup", "mine", "old", "friend"] },
    {
      names: ["backup", "old", "mine", "friend"],
      instead_of: ["backup", "mine", "old", "friend"],
    },
  ]);
});

const TEXT = '[[signers]]\nname = "mine"\nurl = "https://a.example"\n';
const GONE = '\n[[signers]]\nname = "backup"\n';

test.each([
  ['url = "https://b.example"\n', true],
  ['url = { secret = "signer-backup" }\n', false],
])("a signer with %s that was removed can be put back: %s", async (address, canBack) => {
  const before = `${TEXT}${GONE}${address}`;
  let kept = before;
  const { platform } = await show({
    ...fresh(),
    answers: {
      ...withSigners(OF_DESIGN),
      settings_read: () => ({ text: kept, problems: [] }),
      signer_remove: () => {
        kept = TEXT;
        return { changes: [], pending: [] };
      },
      settings_write: ({ text }) => {
        kept = text;
        return { changes: [], pending: [] };
      },
    },
  });
  const rows = await list();
  await userEvent.click(rows.getByRole("button", { name: "Actions of backup" }));
  await userEvent.click(await screen.findByRole("menuitem", { name: "Remove" }));
  const asked = within(await screen.findByRole("dialog", { name: "Remove backup?" }));
  await userEvent.click(asked.getByRole("button", { name: "Remove" }));
  expect(await screen.findByText("Saved: backup is removed")).toBeDefined();
  if (!canBack) return expect(screen.queryByText("Undo")).toBeNull();
  await userEvent.click(screen.getByText("Undo"));
  expect(await screen.findByText("Undone: backup is removed")).toBeDefined();
  expect(calls(platform, "settings_write")).toEqual([{ text: before, instead_of: TEXT }]);
});

const SECOND = '\n[[signers]]\nname = "other"\nurl = "https://b.example"\n';

test.each([
  ["nothing else", `${TEXT}${GONE}url = "https://b.example"\n${SECOND}`, `${TEXT}${SECOND}`, true],
  [
    "another table of the same address",
    `${TEXT}${SECOND}${GONE}url = "https://b.example"\n`,
    `${TEXT}${SECOND}`,
    true,
  ],
  ["a setting elsewhere", `a = 1\n${TEXT}${GONE}`, `a = 2\n${TEXT}`, false],
  ["the line before", `${TEXT}via = "x"\n${GONE}`, TEXT, false],
  ["another table too", `${TEXT}${SECOND}${GONE}`, TEXT, false],
  ["a line that is new", `${TEXT}${GONE}`, `${TEXT}a = 1\n`, false],
  ["another signer's table", `${TEXT}${SECOND}`, TEXT, false],
])("a signer that went with %s can be put back: %#", (_, before, after, can) => {
  expect(tableGone("backup", before, after) !== null).toBe(can);
});

test.each([
  ["first", 1],
  ["second", 2],
])("a %s reading of the settings that fails keeps no signer from being removed", async (_, bad) => {
  let reads = 0;
  const { platform } = await show({
    ...fresh(),
    answers: {
      ...withSigners(OF_DESIGN),
      settings_read: () => {
        reads += 1;
        if (reads === bad) throw new CallFailed(null);
        return { text: `${TEXT}${GONE}url = "https://b.example"\n`, problems: [] };
      },
      signer_remove: () => ({ changes: [], pending: [] }),
    },
  });
  const rows = await list();
  await userEvent.click(rows.getByRole("button", { name: "Actions of backup" }));
  await userEvent.click(await screen.findByRole("menuitem", { name: "Remove" }));
  const asked = within(await screen.findByRole("dialog", { name: "Remove backup?" }));
  await userEvent.click(asked.getByRole("button", { name: "Remove" }));
  expect(await screen.findByText("Saved: backup is removed")).toBeDefined();
  expect(calls(platform, "signer_remove")).toEqual([{ name: "backup" }]);
  expect(screen.queryByText("Undo")).toBeNull();
  expect(rows.queryByRole("alert")).toBeNull();
});

test.each(["小签", "My Signer", "-x", "a".repeat(33)])(
  "the name %s is refused while it is typed",
  async (name) => {
    await show(scenario("signers-add"));
    const dialog = within(await screen.findByRole("dialog", { name: "Add a signer" }));
    await userEvent.click(dialog.getByLabelText("Address of a signer"));
    await userEvent.paste("https://new.example");
    await userEvent.click(dialog.getByLabelText("Name"));
    await userEvent.paste(name);
    expect(await dialog.findByText(/^Use/)).toBeDefined();
    expect(await dialog.findByText(/^It signs, within/)).toBeDefined();
    expect(dialog.getByRole("button", { name: "Add" })).toHaveProperty("disabled", true);
    await userEvent.clear(dialog.getByLabelText("Name"));
    await userEvent.paste("signer_1");
    expect(dialog.getByRole("button", { name: "Add" })).toHaveProperty("disabled", false);
  },
);

test("a name that another one has is refused while it is typed", async () => {
  await show(scenario("signers-add"));
  const dialog = within(await screen.findByRole("dialog", { name: "Add a signer" }));
  await userEvent.click(dialog.getByLabelText("Address of a signer"));
  await userEvent.paste("https://new.example");
  await userEvent.click(dialog.getByLabelText("Name"));
  await userEvent.paste("backup");
  expect(await dialog.findByText(/already has a signer/)).toBeDefined();
  expect(await dialog.findByText(/^It signs, within/)).toBeDefined();
  expect(dialog.getByRole("button", { name: "Add" })).toHaveProperty("disabled", true);
  await userEvent.paste("2");
  expect(dialog.queryByText(/already has a signer/)).toBeNull();
  expect(dialog.getByRole("button", { name: "Add" })).toHaveProperty("disabled", false);
});

test("the time of the last test does not go back when the one that was tested last goes", async () => {
  let signers = OF_DESIGN.map((one, place) => ({
    ...one,
    asked_ms: NOW - (place === 0 ? 0 : 3_600_000),
  }));
  const { platform } = await show({
    ...fresh(),
    answers: { ...withSigners(OF_DESIGN), signer_list: () => signers },
  });
  const said = async () => (await screen.findByText(/^Tested at/)).textContent?.split(";")[0];
  const before = await said();
  signers = signers.slice(1);
  act(() => platform.become(node([account({ core: core({ state: "stopped" }) })])));
  await waitFor(() => expect(screen.queryByText("mine")).toBeNull());
  expect(await said()).toBe(before);
});

test.each([
  ["io.unknown_host", "Unknown host"],
  ["io.certificate_time", "Certificate refused"],
  ["io.certificate_name", "Certificate refused"],
  ["io.certificate_issuer", "Certificate refused"],
  ["io.connection_refused", "No answer"],
])("a signer that fails with %s is said to be: %s", (code, word) => {
  const problem = { code: "signer.unreachable", params: { text: { code } } };
  const report = signer({ problem, latency_ms: null });
  const change = mends.signerAddress("mine");
  const { word: said } = signerStanding(report, { asking: false, usedBy: [] }, change);
  expect(english.say(said)).toBe(word);
});

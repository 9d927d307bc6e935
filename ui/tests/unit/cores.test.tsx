/** The page of cores: an installation in each state, choosing and removing versions, by keyboard too. */
import { act, fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { CallFailed } from "../../src/platform";
import type { Scenario } from "../fake-platform";
import { listOf, THREE, UPLOADING, version, withCores } from "../fixtures/cores";
import { DOWNLOADING } from "../fixtures/first-run";
import { calls } from "../pages";
import { scenario, show } from "../render";

const SHOWN: [string, "en" | "zh-CN", (string | RegExp)[]][] = [
  ["core", "zh-CN", ["核心", "已安装", "当前", "上一个", "校验", "退回到它", "改用它"]],
  ["core", "en", ["Current", "Previous", "Verify", "Go back to it", "Use it"]],
  ["core-downloading", "zh-CN", ["12 MB / 42 MB · 2 MB/s · 还要 14 秒", "取消"]],
  ["core-downloading", "en", ["12 MB of 42 MB · 2 MB/s · 14 s left", "Cancel"]],
  ["core-downloading", "en", ["Installing nightly: downloading."]],
  ["core-uploading", "zh-CN", ["12 MB / 51 MB · 125 kB/s · 还要 5 分钟", "上传", "取消"]],
  ["core-uploading", "en", ["Upload", "Cancel"]],
  ["core-upload-broken", "zh-CN", ["上传：失败", /^传到 .* 字节时断开了，重新上传/]],
  ["core-upload-broken", "en", ["Upload: failed", "Choose another file"]],
  ["core-looking", "zh-CN", ["正在安装核心：查找新版本。"]],
  ["core-looking", "en", ["Installing the core: looking for a release."]],
  ["core-trying", "zh-CN", ["正在安装核心：试运行。"]],
  ["core-trying", "en", ["Installing the core: trial run."]],
  [
    "core-unconfirmed",
    "zh-CN",
    ["发布者没有提供这个文件的校验值：核对 SHA-256 后再装。", "去核对"],
  ],
  [
    "core-unconfirmed",
    "en",
    [
      "The publisher gives no checksum for this file. Compare the SHA-256 before it is installed.",
      "Compare",
    ],
  ],
  ["core-failed", "zh-CN", ["核心没有装上", "这次什么都没有改动。", "再试一次"]],
  ["core-failed", "en", ["The core could not be installed", "What was there is unchanged."]],
  ["core-available", "zh-CN", ["可以安装 nightly，51 MB", "安装"]],
  ["core-available", "en", ["nightly can be installed, 51 MB", "Install"]],
  ["core-available-unknown", "en", ["nightly can be installed"]],
  ["core-empty", "zh-CN", ["还没有装核心", "安装"]],
  ["core-empty", "en", ["No core is installed yet", "Install"]],
  ["core-error", "zh-CN", ["再试一次"]],
  ["core-error", "en", ["Try again"]],
  ["core-rolled-back", "zh-CN", ["second 还在用别的版本，重启核心后换成 nightly-3fa9c1d2。"]],
  [
    "core-rolled-back",
    "en",
    ["second still runs another version; restarted, it takes nightly-3fa9c1d2."],
  ],
  ["core-disconnected", "zh-CN", ["和 perpetua 断开了，正在重连", "当前"]],
  ["core-disconnected", "en", ["Connection to perpetua lost; reconnecting", "Current"]],
];

test.each(SHOWN)("%s in %s", async (name, language, texts) => {
  await show(scenario(name), { language });
  for (const text of texts) expect((await screen.findAllByText(text)).length).toBeGreaterThan(0);
});

const row = async (id: string) =>
  within((await screen.findByText(id)).closest("tr") as HTMLElement);

test("another version is chosen by keyboard, and the choice can be taken back", async () => {
  const { platform } = await show(scenario("core"));
  const use = (await row("nightly-0c55e9f1")).getByRole("button", { name: "Use it" });
  use.focus();
  await userEvent.keyboard("{Enter}");
  expect(
    await screen.findByText("Saved: cores now start with version nightly-0c55e9f1"),
  ).toBeDefined();
  await userEvent.click(screen.getByText("Undo"));
  expect(
    await screen.findByText("Undone: cores now start with version nightly-3fa9c1d2"),
  ).toBeDefined();
  expect(calls(platform, "core_use")).toEqual([
    { version: "nightly-0c55e9f1" },
    { version: "nightly-3fa9c1d2" },
  ]);
});

test("cores that run another version are restarted after a question about who hears of it", async () => {
  const { platform } = await show(scenario("core-rolled-back"));
  await userEvent.click(await screen.findByRole("button", { name: "Restart" }));
  const dialog = within(await screen.findByRole("dialog"));
  expect(dialog.getByText(/^1 framework will be told/)).toBeDefined();
  await userEvent.click(dialog.getByRole("button", { name: "Restart" }));
  await waitFor(() => expect(calls(platform, "restart")).toEqual([{ account: "second" }]));
});

test("a version is compared with what was installed: as it was, or changed and installed again", async () => {
  const problem = { code: "install.file_changed", params: { path: "Lagrange.OneBot" } };
  let isChanged = false;
  const { platform } = await show({
    ...scenario("core"),
    answers: {
      ...withCores(listOf()),
      core_verify: ({ version: id }) => [{ id: id ?? "", problem: isChanged ? problem : null }],
    },
  });
  const verify = (await row("nightly-3fa9c1d2")).getByRole("button", { name: "Verify" });
  await userEvent.click(verify);
  expect(await screen.findByText("nightly-3fa9c1d2 is as it was installed")).toBeDefined();
  isChanged = true;
  await userEvent.click(verify);
  expect(await screen.findByText(/^nightly-3fa9c1d2 was changed after its inst/)).toBeDefined();
  expect(screen.queryByText("nightly-3fa9c1d2 is as it was installed")).toBeNull();
  await userEvent.click(screen.getByRole("button", { name: "Install again" }));
  await waitFor(() => expect(calls(platform, "core_install")).toEqual([{}]));
});

test("one that is neither current nor in use is removed after a question", async () => {
  const { platform } = await show(scenario("core"));
  const menu = async (id: string) => {
    await userEvent.click((await row(id)).getByRole("button", { name: `Actions of ${id}` }));
    await screen.findByRole("menuitem", { name: "Copy the SHA-256" });
  };
  await menu("nightly-3fa9c1d2");
  expect(screen.queryByRole("menuitem", { name: "Remove" })).toBeNull();
  await userEvent.keyboard("{Escape}");
  await menu("nightly-81b0aa47");
  await userEvent.click(screen.getByRole("menuitem", { name: "Remove" }));
  const dialog = within(await screen.findByRole("dialog"));
  await userEvent.click(dialog.getByRole("button", { name: "Remove" }));
  expect(await screen.findByText("Saved: nightly-81b0aa47 is removed")).toBeDefined();
  expect(calls(platform, "core_remove")).toEqual([{ version: "nightly-81b0aa47" }]);
});

test("a core is installed by keyboard: the strip tells how far it is, and it can be cancelled", async () => {
  let list = listOf({ installed: [] });
  const { platform } = await show({
    ...scenario("core-empty"),
    answers: { ...withCores(list), core_list: () => list },
  });
  (await screen.findByRole("button", { name: "Install" })).focus();
  await userEvent.keyboard("{Enter}");
  await waitFor(() => expect(calls(platform, "core_install")).toEqual([{}]));
  act(() => platform.send({ event: "core_job", job: DOWNLOADING }));
  (await screen.findByRole("button", { name: "Cancel" })).focus();
  await userEvent.keyboard("{Enter}");
  await waitFor(() => expect(calls(platform, "core_cancel")).toHaveLength(1));

  vi.useFakeTimers({ shouldAdvanceTime: true });
  list = listOf({ installed: THREE });
  act(() => platform.send({ event: "core_job", job: { state: "done", version: "nightly-1" } }));
  const done = "nightly-1 is installed; its trial run passed";
  expect(await screen.findByText(done)).toBeDefined();
  expect(await screen.findByText("nightly-3fa9c1d2")).toBeDefined();
  await act(() => vi.advanceTimersByTimeAsync(10_000));
  expect(screen.queryByText(done)).toBeNull();
  vi.useRealTimers();
});

test("one that was done before somebody looked is nothing new", async () => {
  const list = listOf({ job: { state: "done", version: "nightly-3fa9c1d2" } });
  await show({ ...scenario("core"), answers: withCores(list) });
  await row("nightly-3fa9c1d2");
  expect(screen.queryByText(/its trial run passed/)).toBeNull();
});

test("a look for a newer one says that there is none, or why it could not be made", async () => {
  let fails = false;
  const { platform } = await show({
    ...scenario("core"),
    answers: {
      ...withCores(listOf()),
      core_check: () => {
        if (!fails) return listOf();
        throw new CallFailed({ code: "internal", message: { code: "install.no_source" } });
      },
    },
  });
  const check = await screen.findByRole("button", { name: "Check now" });
  await userEvent.click(check);
  expect(await screen.findByText("There is no newer core")).toBeDefined();
  fails = true;
  await userEvent.click(check);
  expect((await screen.findByRole("alert")).textContent).toContain("No release source is set");
  expect(calls(platform, "core_check")).toHaveLength(2);
});

test("a file is imported with Enter, and its dialog closes when that has begun", async () => {
  const { platform } = await show(scenario("core"));
  await userEvent.click(await screen.findByRole("button", { name: "Import a file" }));
  const dialog = within(await screen.findByRole("dialog"));
  await userEvent.click(dialog.getByLabelText("File, folder or address"));
  await userEvent.paste("/tmp/core.tar.gz");
  await userEvent.keyboard("{Enter}");
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(calls(platform, "core_install")).toEqual([{ from: "/tmp/core.tar.gz" }]);
});

test("a path that was typed is not discarded by one Esc", async () => {
  await show(scenario("core"));
  const open = async () => {
    await userEvent.click(await screen.findByRole("button", { name: "Import a file" }));
    return within(await screen.findByRole("dialog"));
  };
  const dialog = await open();
  await userEvent.click(dialog.getByLabelText("File, folder or address"));
  await userEvent.paste("/tmp/core.tar.gz");
  await userEvent.keyboard("{Escape}");
  expect(await dialog.findByText(/Esc/)).toBeDefined();
  expect(screen.queryByRole("dialog")).not.toBeNull();
  await userEvent.keyboard("{Escape}");
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  await open();
  await userEvent.keyboard("{Escape}");
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
});

/** The same page in a browser that has signed in. */
function inBrowser(upload?: Scenario["upload"]): Scenario {
  return { ...scenario("core-in-browser"), ...(upload ? { upload } : {}) };
}

const ARCHIVE = new File(["PK"], "core.zip");

/** Opens the dialog, and chooses a file in it. */
async function choosing(file: File) {
  await userEvent.click(await screen.findByRole("button", { name: "Import a file" }));
  const dialog = await screen.findByRole("dialog");
  const input = dialog.querySelector<HTMLInputElement>('input[type="file"]');
  if (!input) throw new Error("nothing takes a file");
  await userEvent.upload(input, file);
  return within(dialog);
}

test("a browser sends a file, and the dialog closes when the strip tells of it", async () => {
  const { platform } = await show(inBrowser(() => new Promise(() => undefined)));
  const dialog = await choosing(ARCHIVE);
  expect(dialog.getByRole("button", { name: "Choose a file" })).toHaveProperty("disabled", true);
  expect(calls(platform, "core_upload")).toEqual([{ name: "core.zip" }]);
  act(() => platform.send({ event: "core_job", job: { ...UPLOADING, tag: "core.zip" } }));
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(await screen.findByText("Installing core.zip: receiving the file.")).toBeDefined();
  await userEvent.click(screen.getByRole("button", { name: "Cancel" }));
  expect(calls(platform, "core_cancel")).toHaveLength(1);
});

test("a file may be dropped, and beside the place for it nothing happens", async () => {
  const { platform } = await show(inBrowser(() => ({ state: "idle" })));
  await userEvent.click(await screen.findByRole("button", { name: "Import a file" }));
  const place = await screen.findByRole("region", { name: "Drop an archive here" });
  const files = { item: () => ARCHIVE };
  expect(fireEvent.drop(document.body, { dataTransfer: { files } })).toBe(false);
  expect(calls(platform, "core_upload")).toEqual([]);
  fireEvent.dragOver(place);
  expect(place.dataset["over"]).toBe("true");
  fireEvent.dragLeave(place);
  expect(place.dataset["over"]).toBe("false");
  fireEvent.drop(place, { dataTransfer: { files } });
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(calls(platform, "core_upload")).toEqual([{ name: "core.zip" }]);
});

test("while something else is installed no file is taken, and the dialog stays", async () => {
  const { platform } = await show(inBrowser(() => ({ state: "idle" })));
  await userEvent.click(await screen.findByRole("button", { name: "Import a file" }));
  const dialog = within(await screen.findByRole("dialog"));
  const choose = () => dialog.getByRole("button", { name: "Choose a file" });
  const place = dialog.getByRole("region", { name: "Drop an archive here" });
  const drop = () =>
    fireEvent.drop(place, { dataTransfer: { files: { item: () => new File(["PK"], "b.zip") } } });
  for (const job of [UPLOADING, DOWNLOADING]) {
    act(() => platform.send({ event: "core_job", job }));
    expect(await dialog.findByText(/^Another installation is under way/)).toBeDefined();
    expect(choose()).toHaveProperty("disabled", true);
    fireEvent.dragOver(place);
    expect(place.dataset["over"]).toBe("false");
    drop();
    expect(calls(platform, "core_upload")).toEqual([]);
    expect(screen.queryByRole("dialog")).not.toBeNull();
  }
  act(() => platform.send({ event: "core_job", job: { state: "idle" } }));
  await waitFor(() => expect(choose()).toHaveProperty("disabled", false));
  expect(dialog.queryByText(/^Another installation/)).toBeNull();
  drop();
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(calls(platform, "core_upload")).toEqual([{ name: "b.zip" }]);
});

test("without a connection a dropped file is not sent, as a chosen one cannot be", async () => {
  const { platform } = await show(inBrowser(() => ({ state: "idle" })));
  await userEvent.click(await screen.findByRole("button", { name: "Import a file" }));
  const place = await screen.findByRole("region", { name: "Drop an archive here" });
  act(() => platform.stand({ state: "lost", attempt: 1, retryAt: Date.now() + 5000 }));
  await waitFor(() => expect(within(place).getByRole("button")).toHaveProperty("disabled", true));
  fireEvent.drop(place, { dataTransfer: { files: { item: () => ARCHIVE } } });
  expect(calls(platform, "core_upload")).toEqual([]);
  expect(screen.queryByRole("dialog")).not.toBeNull();
});

const LARGE = new File(["PK"], "film.zip");
Object.defineProperty(LARGE, "size", { value: 600_000_000 });

test.each([
  ["an empty one", new File([], "a.zip"), "The file is empty; choose another one"],
  [
    "one that is too large",
    LARGE,
    "film.zip is 600 MB, and no core is larger than 500 MB; choose another file.",
  ],
])("%s is not even sent", async (_, file, said) => {
  const { platform } = await show(inBrowser());
  const dialog = await choosing(file);
  expect((await dialog.findByRole("alert")).textContent).toBe(said);
  expect(calls(platform, "core_upload")).toEqual([]);
});

test.each([
  [{ code: "install.another_under_way" }, /^Another installation is under way/],
  [{ code: "install.upload_not_an_archive" }, /^This is not an archive/],
  [null, /perpetua/],
])("why a file was not taken is said, and another one may follow", async (problem, said) => {
  let fails = true;
  const { platform } = await show(
    inBrowser(() => {
      if (!fails) return { state: "idle" };
      throw new CallFailed(problem && { code: "conflict", message: problem });
    }),
  );
  const dialog = await choosing(ARCHIVE);
  expect((await dialog.findByRole("alert")).textContent).toMatch(said);
  fails = false;
  const input = document.querySelector<HTMLInputElement>('[role="dialog"] input[type="file"]');
  if (input) await userEvent.upload(input, ARCHIVE);
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(calls(platform, "core_upload")).toHaveLength(2);
});

test("the window chooses a file by keyboard in the system's dialog, or none", async () => {
  let path: string | null = null;
  const { platform } = await show({
    ...scenario("core"),
    shellAnswers: { core_choose: () => ({ path }) },
  });
  await userEvent.click(await screen.findByRole("button", { name: "Import a file" }));
  const choose = await screen.findByRole("button", { name: "Choose a file" });
  await waitFor(() => expect(document.activeElement).toBe(choose));
  await userEvent.keyboard("{Enter}");
  await waitFor(() => expect(calls(platform, "core_choose")).toHaveLength(1));
  expect(calls(platform, "core_install")).toEqual([]);
  expect(screen.queryByRole("dialog")).not.toBeNull();
  path = "C:\\Users\\me\\core.zip";
  await userEvent.keyboard("{Enter}");
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(calls(platform, "core_install")).toEqual([{ from: path }]);
});

test.each([
  ["en", ["checksum matches its publisher's", "checksum confirmed by you"], "Last asked"],
  ["zh-CN", ["和发布者的校验值一致", "你确认过校验值"], "上次检查更新"],
] as const)(
  "who vouched for a version is told, and when the sources were asked, in %s",
  async (language, vouched, asked) => {
    await show(scenario("core"), { language });
    for (const said of vouched) expect(await screen.findByText(said)).toBeDefined();
    expect(document.body.textContent).toContain(asked);
  },
);

test("what can be installed says when it was published", async () => {
  await show(scenario("core-available"));
  expect(await screen.findByText(/^Published on /)).toBeDefined();
});

test("why something was not done stands below the versions", async () => {
  const message = { code: "install.nothing_before" };
  await show({
    ...scenario("core"),
    answers: {
      ...withCores(listOf({ installed: [version("a", { current: true }), version("b")] })),
      core_use: () => {
        throw new CallFailed({ code: "conflict", message });
      },
    },
  });
  await userEvent.click((await row("b")).getByRole("button", { name: "Use it" }));
  expect((await screen.findByRole("alert")).textContent).toMatch(/^There is no version before/);
});

test.each([
  ["en", true, "One is installed by itself when an account needs it."],
  ["zh-CN", false, "不会自动安装：perpetua.toml 里关掉了 auto-install。"],
] as const)("the sources stand in their order, in %s", async (language, isAutomatic, said) => {
  const answers = withCores(listOf({ auto_install: isAutomatic }));
  await show({ ...scenario("core"), answers }, { language });
  const name = language === "en" ? "Sources, tried from the top" : "下载源，从上往下试";
  const sources = within(await screen.findByRole("list", { name }));
  const places = sources.getAllByRole("listitem").map((one) => one.lastElementChild?.textContent);
  expect(places).toEqual(["https://mirror.example/", "LagrangeDev/Lagrange.Core · nightly"]);
  // Backticks of a sentence become code.
  expect(document.body.textContent).toContain(said);
});

import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { placeIn } from "../../src/pages/settings/editor";
import { CallFailed } from "../../src/platform";
import { keepingPreferences } from "../fake-platform";
import { FILE, keepingFile } from "../fixtures/settings";
import { shell } from "../fixtures/shell";
import { calls } from "../pages";
import { scenario, show } from "../render";

test("a change says what it did, and can be undone", async () => {
  const { platform } = await show(scenario("full"), { path: "/settings/notifications" });
  const kicked = await screen.findByRole("switch", { name: "An account was kicked" });
  await waitFor(() => expect(kicked).toHaveProperty("checked", true));
  await userEvent.click(kicked);
  expect(
    await screen.findByText(/Saved: you are not told of “An account was kicked”/),
  ).toBeDefined();
  expect(kicked).toHaveProperty("checked", false);

  await userEvent.click(screen.getByText("Undo"));
  expect(await screen.findByText(/^Undone/)).toBeDefined();
  await waitFor(() => expect(kicked).toHaveProperty("checked", true));
  expect(screen.queryByText("Undo")).toBeNull();
  const edits = platform.called.filter(({ name }) => name === "preferences_edit");
  expect(edits.map(({ params }) => params)).toEqual([
    { notification_kinds: ["scan_needed"] },
    { notification_kinds: ["kicked", "scan_needed"] },
  ]);
});

test("the language changes with its setting, page and all", async () => {
  await show(scenario("full"), { path: "/settings/general" });
  await userEvent.click(await screen.findByText("简体中文"));
  expect(await screen.findByRole("heading", { level: 1, name: "设置" })).toBeDefined();
  await waitFor(() => expect(document.documentElement.lang).toBe("zh-CN"));
  expect(await screen.findByText(/^已保存：语言/)).toBeDefined();
});

test("quiet hours begin as the night, and a time is saved when it is left", async () => {
  const { platform } = await show(scenario("full"), { path: "/settings/notifications" });
  const quiet = await screen.findByRole("switch", { name: "Quiet hours" });
  await waitFor(() => expect(quiet).toHaveProperty("disabled", false));
  await userEvent.click(quiet);
  const from = await screen.findByLabelText("From");
  expect(from).toHaveProperty("value", "23:00");
  await userEvent.clear(from);
  await userEvent.type(from, "25:99{Enter}");
  expect(await screen.findByText(/Not a time/)).toBeDefined();
  await userEvent.clear(from);
  await userEvent.type(from, "22:30");
  await userEvent.tab();
  await waitFor(() =>
    expect(platform.called.at(-2)?.params).toEqual({
      quiet_hours: { from_minute: 22 * 60 + 30, to_minute: 8 * 60 },
    }),
  );
});

test("a change that is refused says why and changes nothing", async () => {
  const refused = {
    ...scenario("full"),
    answers: {
      preferences_edit: () => {
        throw new CallFailed({ code: "conflict", message: { code: "node.settings_conflict" } });
      },
    },
  };
  await show(refused, { path: "/settings/notifications" });
  const kicked = await screen.findByRole("switch", { name: "An account was kicked" });
  await waitFor(() => expect(kicked).toHaveProperty("checked", true));
  await userEvent.click(kicked);
  const alert = await screen.findByRole("alert");
  expect(alert.textContent).toContain("was changed by someone else");
  expect(kicked).toHaveProperty("checked", true);
});

test("start with the system is the window's: off with its reason where it cannot be", async () => {
  const why = { code: "io.other", params: { text: "read-only" } };
  const made = { ...scenario("full"), shell: shell({ autostart: { state: "unavailable", why } }) };
  await show(made, { path: "/settings/general" });
  const row = await screen.findByRole("switch", { name: "Start with the system" });
  expect(row).toHaveProperty("disabled", true);
  expect(screen.getByText(/read-only/)).toBeDefined();
});

test("without a window there is neither autostart nor tray", async () => {
  const { shell: _, ...browser } = scenario("full");
  await show(browser, { path: "/settings/general" });
  const content = await screen.findByRole("region", { name: "General" });
  expect(within(content).queryByText("Start with the system")).toBeNull();
  expect(within(content).queryByText("Tray")).toBeNull();
});

test("a fault in the file is shown with its line", async () => {
  const problem = {
    line: 12,
    column: 1,
    path: "accounts[0].name",
    message: { code: "config.one_line" },
  };
  const made = {
    ...scenario("full"),
    answers: { settings_read: () => ({ text: "", problems: [problem] }) },
  };
  const { history } = await show(made, { path: "/settings" });
  expect(await screen.findByText(/Line 12 of perpetua.toml is wrong/)).toBeDefined();
  await userEvent.click(screen.getByText("Open the file"));
  expect(history.location.pathname).toBe("/settings/toml");
});

test("two quick changes are both made, and each is shown at once", async () => {
  const { platform } = await show(scenario("full"), { path: "/settings/notifications" });
  const kicked = await screen.findByRole("switch", { name: "An account was kicked" });
  const scan = screen.getByRole("switch", { name: "A code waits to be scanned" });
  fireEvent.click(kicked);
  fireEvent.click(scan);
  expect([kicked, scan].map((one) => (one as HTMLInputElement).checked)).toEqual([false, false]);
  await screen.findByText(/Saved: you are not told of “A code waits/);
  const edits = platform.called.filter(({ name }) => name === "preferences_edit");
  expect(edits.at(-1)?.params).toEqual({ notification_kinds: [] });
  expect([kicked, scan].map((one) => (one as HTMLInputElement).checked)).toEqual([false, false]);
});

test("the result is that of the last change, whichever row it was", async () => {
  await show({ ...scenario("full"), shell: shell({}) }, { path: "/settings/general" });
  await userEvent.click(await screen.findByRole("switch", { name: /Start with/ }));
  await screen.findByText(/^Saved: .*start/i);
  await userEvent.click(screen.getByText(/中文/));
  expect(await screen.findByText(/^已保存：语言改为/)).toBeDefined();
  expect(screen.queryByText(/^Saved: .*start/i)).toBeNull();
});

test("perpetua can be ended without a tray", async () => {
  const ended: string[] = [];
  const made = {
    ...scenario("full"),
    shell: shell({ tray: false }),
    shellAnswers: {
      quit: () => {
        ended.push("quit");
        return null;
      },
    },
  };
  await show(made, { path: "/settings/general" });
  await userEvent.click(await screen.findByRole("button", { name: "Quit" }));
  await waitFor(() => expect(ended).toEqual(["quit"]));
});

test.each([
  [
    "settings-network",
    "en",
    ["Only the computer that runs perpetua can open it", "It would listen on 0.0.0.0:8080"],
  ],
  [
    "settings-network",
    "zh-CN",
    ["只有运行 perpetua 的电脑能打开", "下载代理", "可以用来访问的域名"],
  ],
  [
    "settings-network-open",
    "en",
    ["Other devices can open it, too", "Other devices can open this page"],
  ],
  [
    "settings-network-open",
    "zh-CN",
    ["别的设备也能打开", "各账号设得不一样；在这里填会让它们都用同一个"],
  ],
  [
    "settings-network-waits",
    "en",
    ["Now it is 127.0.0.1:8080; the other address takes effect at the next start"],
  ],
  ["settings-network-waits", "zh-CN", ["现在是 127.0.0.1:8080，新地址下次启动时生效"]],
  ["settings-network-error", "en", ["Try again"]],
  ["settings-network-error", "zh-CN", ["再试一次"]],
  [
    "settings-data",
    "en",
    [
      "Data folder",
      "Logs",
      "Settings file",
      "Core",
      "Signers",
      "In the keyring of the system that perpetua runs on",
    ],
  ],
  [
    "settings-data",
    "zh-CN",
    ["数据文件夹", "日志", "设置文件", "核心", "签名服务器", "备份", "磁盘空间"],
  ],
  [
    "settings-data-browser",
    "en",
    [
      "404 MB are used, 120 MB are free",
      "The disk is nearly full: downloads, logs and backups of logins may fail soon. Make room.",
    ],
  ],
  [
    "settings-data-browser",
    "zh-CN",
    ["磁盘快满了：下载、日志和登录备份可能很快会失败，请腾出空间。"],
  ],
  ["settings-data-error", "en", ["Try again"]],
  ["settings-data-error", "zh-CN", ["再试一次"]],
  ["settings-file-wrong", "en", ["Line 8 of perpetua.toml is wrong; the old settings stay."]],
  ["settings-file-wrong", "zh-CN", ["perpetua.toml 第 8 行有错，仍按旧设置运行。"]],
  ["settings-file-error", "en", ["Try again"]],
  ["settings-disconnected", "zh-CN", ["和 perpetua 断开了，正在重连"]],
] as const)("%s in %s", async (name, language, texts) => {
  await show(scenario(name), { language });
  for (const text of texts) expect((await screen.findAllByText(text)).length).toBeGreaterThan(0);
});

test("cores and signers can be reached without an account that needs them", async () => {
  const { shell: _, ...browser } = scenario("first-run-simulator");
  const { history } = await show(browser, { path: "/settings/data" });
  const kept = within(await screen.findByRole("region", { name: "Data" }));
  await userEvent.click(kept.getAllByRole("link", { name: "Open" })[1] as HTMLElement);
  expect(history.location.pathname).toBe("/signers");
});

test("a browser cannot open folders of the computer that runs perpetua, and copies where they are", async () => {
  await show(scenario("settings-data-browser"));
  const folders = within(await screen.findByRole("region", { name: "Folders" }));
  expect(folders.getByText("/home/bot/.local/share/perpetua")).toBeDefined();
  expect(folders.queryByRole("button", { name: "Open" })).toBeNull();
  expect(folders.getByRole("button", { name: "Copy the path: Settings file" })).toBeDefined();
  expect(folders.getByText(/secrets\.json/)).toBeDefined();
});

test("an installation can be taken over from the settings, too", async () => {
  const { history } = await show(scenario("settings-data"));
  const kept = within(await screen.findByRole("region", { name: "Data" }));
  await userEvent.click(kept.getByRole("button", { name: "Open" }));
  await waitFor(() => expect(history.location.pathname).toBe("/welcome/import"));
});

const editor = () => screen.findByRole<HTMLTextAreaElement>("textbox", { name: /^The text of/ });

test("the file is edited and saved with Ctrl S, says what that did, and can be put back", async () => {
  const { platform } = await show(scenario("settings-file"));
  const field = await editor();
  expect(field.value).toBe(FILE);
  expect(screen.getByRole("button", { name: "Save and apply" })).toHaveProperty("disabled", true);
  fireEvent.change(field, { target: { value: `${FILE}# mine` } });
  fireEvent.keyDown(field, { key: "s", ctrlKey: true });
  expect(await screen.findByText(/^Saved: /)).toBeDefined();
  expect(screen.getByText(/^`?api.listen`? takes effect|api\.listen/)).toBeDefined();
  expect(calls(platform, "settings_write")).toMatchObject([
    { text: `${FILE}# mine`, instead_of: FILE, keeps_host: "localhost" },
  ]);
  await userEvent.click(screen.getByText("Undo"));
  expect(await screen.findByText(/^Undone: /)).toBeDefined();
  await waitFor(() => expect(field.value).toBe(FILE));
});

test("faults stand in the margin and lead to their place; nothing that was typed is lost", async () => {
  await show(scenario("settings-file"));
  const field = await editor();
  fireEvent.change(field, { target: { value: `${FILE}wrong` } });
  await userEvent.click(screen.getByRole("button", { name: "Save and apply" }));
  const alert = within(await screen.findByRole("alert"));
  expect(document.querySelector("[data-marked=true]")?.textContent).toBe("8");
  await userEvent.click(alert.getByRole("button", { name: "Line 8" }));
  expect(field.value.slice(field.selectionStart)).toMatch(/^"main"/);
  expect(field.value).toBe(`${FILE}wrong`);
});

test("a file that was changed elsewhere meanwhile is shown, and a person decides", async () => {
  let kept = FILE;
  const { platform } = await show({
    ...scenario("settings-file"),
    answers: { ...keepingFile(), settings_read: () => ({ text: kept, problems: [] }) },
  });
  const field = await editor();
  fireEvent.change(field, { target: { value: "mine" } });
  kept = "theirs";
  platform.send({ event: "settings", problems: [] });
  const theirs = await screen.findByRole("textbox", { name: /^This is what it holds now/ });
  expect(theirs).toHaveProperty("value", "theirs");
  expect(screen.getByRole("button", { name: "Save and apply" })).toHaveProperty("disabled", true);
  await userEvent.click(screen.getByRole("button", { name: "Go on with mine" }));
  expect(field.value).toBe("mine");
  fireEvent.keyDown(field, { key: "s", metaKey: true });
  await waitFor(() =>
    expect(calls(platform, "settings_write")).toMatchObject([
      { text: "mine", instead_of: "theirs" },
    ]),
  );
});

test("what was typed into the file is not left without a question", async () => {
  const { history } = await show(scenario("settings-file"));
  fireEvent.change(await editor(), { target: { value: "mine" } });
  await userEvent.click(screen.getByRole("link", { name: "About" }));
  const dialog = within(await screen.findByRole("dialog", { name: "Leave without saving?" }));
  await userEvent.click(dialog.getByRole("button", { name: "Cancel" }));
  expect(history.location.pathname).toBe("/settings/toml");
  await userEvent.click(screen.getByRole("link", { name: "About" }));
  await userEvent.click(await screen.findByRole("button", { name: "Leave" }));
  await waitFor(() => expect(history.location.pathname).toBe("/settings/about"));
});

test("a line and a column are found in characters, as perpetua counts them", () => {
  expect(placeIn("a\n👍b", 2, 2)).toBe(4);
  expect(placeIn("a", 9, 9)).toBe(1);
});

test("a file whose save nobody answered, and that holds what was typed, is saved", async () => {
  let kept = FILE;
  const { platform } = await show({
    ...scenario("settings-file"),
    answers: {
      ...keepingFile(),
      settings_read: () => ({ text: kept, problems: [] }),
      settings_write: ({ text }) => {
        kept = text;
        throw new CallFailed(null);
      },
    },
  });
  const field = await editor();
  fireEvent.change(field, { target: { value: "mine" } });
  await userEvent.click(screen.getByRole("button", { name: "Save and apply" }));
  expect(await screen.findByText(/^perpetua did not answer/)).toBeDefined();
  platform.send({ event: "settings", problems: [] });
  expect(await screen.findByText(/^Saved: perpetua\.toml/)).toBeDefined();
  expect(screen.queryByText(/^perpetua did not answer/)).toBeNull();
  expect(screen.queryByText(/was changed elsewhere/)).toBeNull();
  expect(field.value).toBe("mine");
});

test("a text that opens the page to others is saved with a second click only", async () => {
  const { platform } = await show({ ...scenario("settings-file"), answers: keepingFile() });
  const text = await editor();
  fireEvent.change(text, { target: { value: FILE.replace("127.0.0.1:8080", "0.0.0.0:8080") } });
  await userEvent.click(screen.getByRole("button", { name: "Save and apply" }));
  expect(
    await screen.findByText("Not in effect yet: it opens only when you confirm"),
  ).toBeDefined();
  expect(screen.getByText(/^People in the same network see/)).toBeDefined();
  await userEvent.click(screen.getByRole("button", { name: "I understand, open it" }));
  expect(await screen.findByText(/^Saved/)).toBeDefined();
  expect(calls(platform, "settings_write").map((call) => (call as { opens?: true }).opens)).toEqual(
    [undefined, true],
  );
});

test("a file that cannot be opened in an editor says why", async () => {
  const refuses = () => {
    throw new CallFailed({
      code: "internal",
      message: { code: "io.other", params: { text: "no editor" } },
    });
  };
  const made = { ...scenario("settings-file"), shellAnswers: { settings_open: refuses } };
  await show(made);
  await userEvent.click(await screen.findByRole("button", { name: "Open the file" }));
  expect((await screen.findByRole("alert")).textContent).toContain("no editor");
});

test("a settings file outside the data folder is named for backups", async () => {
  const settings = "/etc/perpetua/mine.toml";
  const made = scenario("settings-data-browser");
  const facts = await made.answers?.data_read?.({});
  if (!facts) throw new Error("it is answered");
  const data_read = () => ({ ...facts, settings, settings_elsewhere: true });
  await show({ ...made, answers: { ...made.answers, data_read } });
  const said = await screen.findAllByText(/^The settings file is not in that folder: copy/);
  expect(said.map((one) => one.textContent).join()).toContain(settings);
});

const inBrowser = () => {
  const { shell: _, ...browser } = scenario("full");
  return browser;
};

test("the language of a browser is its own: no other browser hears of it, and it hears of none", async () => {
  const { platform } = await show(
    {
      ...inBrowser(),
      answers: keepingPreferences({
        language: "zh-CN",
        notifications: { kinds: [], quiet_hours: null },
        webhooks: [],
        updates: { check: true, channel: "stable" },
      }),
    },
    { path: "/settings/general" },
  );
  expect(await screen.findByText("Of this page, in this browser")).toBeDefined();
  expect(screen.getByRole("heading", { level: 1, name: "Settings" })).toBeDefined();
  await userEvent.click(screen.getByText("简体中文"));
  expect(await screen.findByRole("heading", { level: 1, name: "设置" })).toBeDefined();
  expect(await screen.findByText(/^已保存：语言/)).toBeDefined();
  expect(calls(platform, "preferences_edit")).toEqual([]);
  expect(localStorage.getItem("perpetua.language")).toBe("zh-CN");
});

test("a browser has no switches for notifications that it cannot show, and says what does tell", async () => {
  await show(inBrowser(), { path: "/settings/notifications" });
  expect(await screen.findByText(/not in a browser/)).toBeDefined();
  expect(screen.queryByRole("switch")).toBeNull();
  expect(screen.getByText("hooks.example")).toBeDefined();
});

test("a fault goes with its line, and the refusal with its last fault", async () => {
  const fault = (line: number) => ({
    line,
    column: 1,
    path: "",
    message: { code: "config.toml_quote" },
  });
  await show(
    {
      ...scenario("full"),
      answers: {
        settings_read: () => ({ text: "a = 1\nb = 2\n", problems: [] }),
        settings_write: () => {
          throw new CallFailed({
            code: "invalid_settings",
            message: { code: "config.one_line" },
            problems: [fault(1), fault(2)],
          });
        },
      },
    },
    { path: "/settings/toml" },
  );
  const editor = await screen.findByRole<HTMLTextAreaElement>("textbox");
  const become = (value: string) => fireEvent.change(editor, { target: { value } });
  become("a = x\nb = y\n");
  await userEvent.click(screen.getByRole("button", { name: "Save and apply" }));
  const faults = async () => within(await screen.findByRole("alert")).getAllByRole("button");
  expect(await faults()).toHaveLength(2);
  become("a = 1\nb = y\n");
  await waitFor(async () => expect(await faults()).toHaveLength(1));
  become("a = 1\nb = 2\n");
  await waitFor(() => expect(screen.queryByRole("alert")).toBeNull());
});

test("a file that was broken is mended for good: what was wrong with it is not offered again", async () => {
  const problem = { line: 1, column: 1, path: "", message: { code: "config.toml_quote" } };
  let kept = { text: "broken", problems: [problem] };
  await show(
    {
      ...scenario("full"),
      answers: {
        settings_read: () => kept,
        settings_write: ({ text }) => {
          kept = { text, problems: [] };
          return { changes: [], pending: [] };
        },
      },
    },
    { path: "/settings/toml" },
  );
  const field = await screen.findByLabelText("The text of perpetua.toml");
  fireEvent.change(field, { target: { value: "# mended" } });
  await userEvent.click(screen.getByRole("button", { name: "Save and apply" }));
  expect(await screen.findByText(/^Saved/)).toBeDefined();
  expect(screen.queryByText("Undo")).toBeNull();
  // What was good before is.
  fireEvent.change(field, { target: { value: "# again" } });
  await userEvent.click(screen.getByRole("button", { name: "Save and apply" }));
  expect(await screen.findByText("Undo")).toBeDefined();
});

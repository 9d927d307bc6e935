/** The first run: its three ways, by keyboard alone too; what fails stays on its step with its reason. */
import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { stageOfFailure } from "../../src/components/installation/job";
import type { AccountStatus, CoreJob, SignerStatus } from "../../src/generated/schema";
import { CallFailed } from "../../src/platform";
import type { Answers, FakePlatform } from "../fake-platform";
import { simulator } from "../fixtures/chat";
import {
  cores,
  DOWNLOADING,
  guide,
  NOT_INSTALLED,
  REACHED,
  UNCONFIRMED,
  UNREACHED,
} from "../fixtures/first-run";
import { ANSWERS, loggingIn, qr } from "../fixtures/login";
import { account, client, connection, node, signer, upstream } from "../fixtures/parts";
import { SHELL } from "../fixtures/shell";
import { show } from "../render";

const DONE = { changes: [], pending: [] };

/** A perpetua without accounts in which calls have their effects. */
async function begin(answers: Answers = {}, path = "/welcome") {
  let fake: FakePlatform | null = null;
  let accounts: AccountStatus[] = [];
  const become = (changed: AccountStatus[]) => {
    accounts = changed;
    fake?.become(node(accounts));
  };
  const shown = await show(
    {
      status: node([], { uptime_s: 40 }),
      shell: SHELL,
      answers: {
        ...ANSWERS,
        ...simulator([]),
        guide,
        signer_list: () => [],
        core_list: () => cores({ state: "idle" }),
        core_install: () => DOWNLOADING,
        signer_test: () => signer({ name: null, latency_ms: 88 }),
        signer_add: () => ({ name: "signer", applied: DONE }),
        upstream_test: () => REACHED,
        account_add: ({ upstream: { kind } }) => {
          const made = account({
            name: "made",
            online: false,
            core: null,
            clients: [],
            upstream: upstream({ kind, state: "closed", address: "ws://127.0.0.1:6650/" }),
          });
          become([kind === "lagrange" ? { ...loggingIn(SCAN), name: "made", clients: [] } : made]);
          return { account: "made", applied: DONE };
        },
        client_add: ({ framework }) => {
          const made = client({ name: framework, connections: [] });
          become(accounts.map((one) => ({ ...one, clients: [made] })));
          return { account: "made", client: framework, applied: DONE };
        },
        ...answers,
      },
    },
    { path },
  );
  fake = shown.platform;
  const named = (name: string) => shown.platform.called.filter((one) => one.name === name);
  return { ...shown, become, named, accounts: () => accounts };
}

const SCAN = { state: "waiting_for_scan", qr: qr({ code: 1 }) } as const;

/** Typed at once: each key by itself takes long where many tests run. */
async function type(field: HTMLElement, text: string) {
  await userEvent.click(field);
  await userEvent.paste(text);
}

const title = (name: string) => screen.findByRole("heading", { level: 1, name });

function fails(code: string, params: Record<string, string> = {}): () => never {
  return () => {
    throw new CallFailed({ code: "conflict", message: { code, params } });
  };
}

test("an empty perpetua begins with the choice; the simulator leads to a chat by keyboard alone", async () => {
  const { history, named, become, accounts } = await begin({}, "/");
  await title("How do you want to begin?");
  const choices = screen.getAllByRole("radio");
  expect(choices.map((choice) => (choice as HTMLInputElement).checked)).toEqual([
    true,
    false,
    false,
  ]);

  await userEvent.keyboard("{ArrowDown}{ArrowDown}{Enter}");
  await title("Connect your bot");
  expect(named("account_add")).toMatchObject([{ params: { upstream: { kind: "simulator" } } }]);
  expect(history.location.search).toContain("account=made");

  screen.getByRole("button", { name: "Koishi" }).focus();
  await userEvent.keyboard("{Enter}");
  expect(await screen.findByText("Waiting for Koishi on 127.0.0.1:6700")).toBeDefined();
  expect(named("client_add")).toMatchObject([{ params: { account: "made", framework: "koishi" } }]);
  expect(await screen.findByText("koishi.yml")).toBeDefined();
  // Nobody would answer yet, so nothing is ready to be sent.
  expect(await screen.findByRole("textbox")).toHaveProperty("value", "");

  const koishi = client({
    name: "koishi",
    connections: [connection({ user_agent: "Koishi/4.18.7" })],
  });
  become(accounts().map((one) => ({ ...one, online: true, clients: [koishi] })));
  expect(await screen.findByText("Koishi is connected")).toBeDefined();
  expect(await screen.findByDisplayValue("/help")).toBeDefined();
  screen.getByRole("button", { name: "Done, to the chat" }).focus();
  await userEvent.keyboard("{Enter}");
  await waitFor(() => expect(history.location.pathname).toBe("/chat/made/group-20001"));
  expect(history.location.search).toContain("say=%2Fhelp");
});

test("a QQ account: the download begins at once, the signer is tested while typing stops, then the code", async () => {
  const { named, platform, become, accounts } = await begin();
  await title("How do you want to begin?");
  await userEvent.keyboard("{Enter}");
  await title("The core");
  await waitFor(() =>
    expect(named("core_install")).toEqual([{ name: "core_install", params: {} }]),
  );
  platform.send({ event: "core_job", job: DOWNLOADING });
  expect(await screen.findByText("12 MB of 42 MB · 2 MB/s · 14 s left")).toBeDefined();
  expect(screen.getByText("The next step need not wait for this.")).toBeDefined();

  await userEvent.keyboard("{Enter}");
  await title("The signer");
  await type(screen.getByLabelText("Address of a signer"), "https://sign.example");
  expect(await screen.findByText("It signs, within 88 ms")).toBeDefined();
  expect(named("signer_test")).toEqual([
    { name: "signer_test", params: { url: "https://sign.example" } },
  ]);
  await userEvent.keyboard("{Enter}");

  await title("Scan with QQ on your phone");
  expect(named("signer_add")).toMatchObject([{ params: { url: "https://sign.example" } }]);
  expect(named("account_add")).toMatchObject([{ params: { upstream: { kind: "lagrange" } } }]);
  expect(screen.getByRole("img", { name: "Login QR code" })).toBeDefined();

  const online = loggingIn({ state: "online", who: 1, for_s: 0, signer_problem: null });
  become(accounts().map((one) => ({ ...one, online: true, core: online.core })));
  await userEvent.click(await screen.findByRole("button", { name: "Connect your bot" }));
  await title("Connect your bot");
  await userEvent.click(screen.getByRole("button", { name: "NoneBot2" }));
  expect(await screen.findByText("Waiting for NoneBot2 on 127.0.0.1:6700")).toBeDefined();
  await userEvent.click(screen.getByRole("button", { name: "Done" }));
});

test("a program that is there: what was found out about it stands below, and it is added with its token", async () => {
  const { named } = await begin({
    upstream_test: ({ url }) => ({ ...REACHED, address: `${url}/` }),
  });
  await title("How do you want to begin?");
  await userEvent.keyboard("{ArrowDown}{Enter}");
  await title("Connect the program");
  const address = screen.getByLabelText("Address");
  await userEvent.clear(address);
  await type(address, " ws://127.0.0.1:3005 ");
  await type(screen.getByLabelText("Token"), "s3cret");
  expect(await screen.findByText(/^Logged in as/)).toBeDefined();
  for (const fact of ["Reachable, 12 ms", "The token is right", "It is NapCat.Onebot 4.8.90"]) {
    expect(screen.getByText(fact)).toBeDefined();
  }
  const last = named("upstream_test").at(-1);
  expect(last?.params).toEqual({ url: "ws://127.0.0.1:3005", token: "s3cret" });
  await userEvent.keyboard("{Enter}");
  await title("Connect your bot");
  expect(named("account_add")).toMatchObject([
    { params: { upstream: { kind: "onebot", url: "ws://127.0.0.1:3005/", token: "s3cret" } } },
  ]);
});

test("the address is shown and saved as the test had it", async () => {
  const whole = "ws://127.0.0.1:3005/onebot";
  const { named } = await begin(
    { upstream_test: () => ({ ...REACHED, address: whole }) },
    "/welcome/program?way=program",
  );
  const address = await screen.findByLabelText("Address");
  await userEvent.clear(address);
  await type(address, "127.0.0.1:3005");
  await screen.findByText(/^Logged in as/);
  expect(screen.getByText(whole)).toBeDefined();
  await userEvent.keyboard("{Enter}");
  await title("Connect your bot");
  expect(named("account_add")).toMatchObject([{ params: { upstream: { url: whole } } }]);
});

test("a program that does not answer says why, is tested again on request, and may be used all the same", async () => {
  const { named } = await begin({ upstream_test: () => UNREACHED }, "/welcome/program?way=program");
  expect(await screen.findByText(/the upstream cannot be reached/i)).toBeDefined();
  await userEvent.click(screen.getByText("Try again"));
  await waitFor(() => expect(named("upstream_test")).toHaveLength(2));
  await userEvent.click(screen.getByRole("button", { name: "Use it all the same" }));
  await title("Connect your bot");
});

test("the other way round: an address and a token are made, and the program is seen to come", async () => {
  const { named, become, accounts } = await begin({}, "/welcome/program?way=program");
  await userEvent.click(await screen.findByText("It connects to perpetua"));
  expect(screen.getByText(/^perpetua chooses a free address/)).toBeDefined();
  await userEvent.click(screen.getByRole("button", { name: "Make the address" }));
  expect(await screen.findByText("ws://127.0.0.1:6650/")).toBeDefined();
  expect(named("account_add")).toMatchObject([
    { params: { upstream: { kind: "onebot-reverse" } } },
  ]);
  expect(await screen.findByText(/^Waiting for the program/)).toBeDefined();
  const open = upstream({ kind: "onebot-reverse", implementation: "LLOneBot 7.3.0" });
  become(accounts().map((one) => ({ ...one, upstream: open })));
  expect(await screen.findByText("The program is connected")).toBeDefined();
  expect(screen.getByText("It is LLOneBot 7.3.0")).toBeDefined();
  await userEvent.click(screen.getByRole("button", { name: "Next" }));
  await title("Connect your bot");
});

test("an import says what it took and what it did not", async () => {
  const { named } = await begin({
    import: () => ({
      account: "made",
      taken: [{ code: "import.device" }],
      not_taken: [{ code: "import.database_left", params: { name: "lagrange-0.db" } }],
    }),
  });
  await userEvent.click(await screen.findByText(/import it$/));
  await title("Import an installation");
  await type(screen.getByLabelText("Folder"), "/opt/lagrange").then(() =>
    userEvent.keyboard("{Enter}"),
  );
  expect(await screen.findByText("Taken over into the account made")).toBeDefined();
  expect(screen.getByText(/device\.json/)).toBeDefined();
  expect(screen.getByText(/lagrange-0\.db/)).toBeDefined();
  expect(named("import")).toEqual([{ name: "import", params: { folder: "/opt/lagrange" } }]);
});

const FAILURES: [string, string, Answers, () => Promise<unknown>, string][] = [
  [
    "the simulator cannot be added",
    "/welcome/start",
    { account_add: fails("import.no_json_object") },
    () => userEvent.keyboard("{ArrowUp}{Enter}"),
    "How do you want to begin?",
  ],
  [
    "the list of cores cannot be read",
    "/welcome/core?way=qq",
    { core_list: fails("import.no_json_object") },
    async () => undefined,
    "The core",
  ],
  [
    "the installation cannot begin",
    "/welcome/core?way=qq",
    { core_install: fails("import.no_json_object") },
    async () => undefined,
    "The core",
  ],
  [
    "the signer cannot be saved",
    "/welcome/signer?way=qq",
    { signer_add: fails("import.no_json_object") },
    () =>
      type(screen.getByLabelText("Address of a signer"), "https://a.example")
        .then(() => screen.findByText("It signs, within 88 ms"))
        .then(() => userEvent.keyboard("{Enter}")),
    "The signer",
  ],
  [
    "the account cannot be added",
    "/welcome/signer?way=qq",
    { account_add: fails("import.no_json_object") },
    () => userEvent.click(screen.getByRole("button", { name: "Next" })),
    "The signer",
  ],
  [
    "the program cannot be added",
    "/welcome/program?way=program",
    { account_add: fails("import.no_json_object") },
    () => userEvent.click(screen.getByRole("button", { name: /Next|Use it/ })),
    "Connect the program",
  ],
  [
    "the folder cannot be imported",
    "/welcome/import",
    { import: fails("import.no_json_object") },
    () =>
      type(screen.getByLabelText("Folder"), "/nowhere").then(() => userEvent.keyboard("{Enter}")),
    "Import an installation",
  ],
];

test.each(FAILURES)(
  "%s: it stays on its step, with the reason",
  async (_, path, answers, act, name) => {
    await begin(answers, path);
    await title(name);
    await act();
    expect(await screen.findByText(/^it holds no JSON object$/i)).toBeDefined();
    expect(screen.getByRole("heading", { level: 1, name })).toBeDefined();
  },
);

test("a client that cannot be added stays on the last step, with the reason at what was pressed", async () => {
  const locked = fails("secret.keyring_locked", { reason: "SS error: no result" });
  const { become, named, platform } = await begin(
    { client_add: locked },
    "/welcome/connect?way=qq&account=main",
  );
  become([{ ...loggingIn(SCAN), clients: [] }]);
  await userEvent.click(await screen.findByRole("button", { name: "Koishi" }));
  const why = await screen.findByText(/^The system keyring is locked/);
  expect(why.closest("li")?.previousElementSibling?.textContent).toContain("Koishi");
  expect(document.body.textContent).not.toContain("SS error");
  await userEvent.click(screen.getByRole("button", { name: "Try again" }));
  await waitFor(() => expect(named("client_add")).toHaveLength(2));

  await userEvent.click(
    await screen.findByRole("button", { name: "Keep secrets in a file instead" }),
  );
  await userEvent.click(await screen.findByRole("button", { name: "Use the file" }));
  await waitFor(() => expect(named("client_add"), "it goes on by itself").toHaveLength(3));
  expect(platform.called).toContainEqual({ name: "node_retry", params: { way: "secrets_file" } });
});

test("a signer that does not work may be saved all the same, and only the last address counts", async () => {
  const { named } = await begin(
    {
      signer_test: ({ url }) =>
        url?.endsWith("/b")
          ? signer({ problem: { code: "signer.gone" } })
          : signer({ name: null, latency_ms: 1 }),
    },
    "/welcome/signer?way=qq",
  );
  await title("The signer");
  await type(screen.getByLabelText("Address of a signer"), "https://a.example/b");
  expect(await screen.findByText(/^nothing signs at its address/i)).toBeDefined();
  expect(named("signer_test")).toHaveLength(1);
  await userEvent.click(screen.getByRole("button", { name: "Use it all the same" }));
  await title("Scan with QQ on your phone");
});

test("a signer of the settings that does not work says why, and is tested again, moved or removed there", async () => {
  let known = [
    { name: "old", host: "old.example", report: null, asked_ms: null, used_by: [] as string[] },
  ] as SignerStatus[];
  const gone = signer({ name: "old", problem: { code: "signer.gone" } });
  const { named, become } = await begin(
    {
      signer_list: () => known,
      signer_test: ({ name, url }) => {
        if (url) return signer({ name: null, latency_ms: 88 });
        known = known.map((one) => (one.name === name ? { ...one, report: gone } : one));
        return gone;
      },
      signer_edit: () => DONE,
    },
    "/welcome/signer?way=qq&account=main",
  );
  become([loggingIn({ state: "signer_problem", none_configured: false, retry_in_s: 30 })]);
  const list = within(await screen.findByRole("list", { name: "Signers in the settings" }));
  // Never asked since perpetua runs: it is asked by being looked at, once.
  expect(await list.findByText(/^Nothing signs at this address: switched off/)).toBeDefined();
  expect(list.getByText(/^Nothing signs at its address/)).toBeDefined();
  expect(named("signer_test").map(({ params }) => params)).toEqual([{ name: "old" }]);
  await userEvent.click(list.getByRole("button", { name: "Test" }));
  await waitFor(() => expect(named("signer_test")).toHaveLength(2));

  await userEvent.click(list.getByRole("button", { name: "Change address" }));
  await type(screen.getByLabelText("New address of old"), "https://new.example");
  await screen.findByText("It signs, within 88 ms");
  await userEvent.click(screen.getByRole("button", { name: "Next" }));
  await title("Log in");
  const moved = { name: "old", url: "https://new.example" };
  expect(named("signer_edit").map(({ params }) => params)).toEqual([moved]);
});

test("going back and on makes no second account", async () => {
  const { named } = await begin({}, "/");
  await title("How do you want to begin?");
  await userEvent.keyboard("{ArrowUp}{Enter}");
  await title("Connect your bot");
  await userEvent.click(screen.getByRole("button", { name: "Back" }));
  await title("How do you want to begin?");
  await userEvent.click(screen.getByRole("button", { name: "Next" }));
  await title("Connect your bot");
  expect(named("account_add")).toHaveLength(1);
});

test.each([
  ["core", "/core"],
  ["signer", "/signers"],
])(
  "the step %s has a page of its own once there is an account: nothing is installed by a look",
  async (step, page) => {
    const { named, become, history } = await begin({}, `/welcome/${step}?account=main`);
    become([loggingIn({ state: "absent", why: "not_allowed", retry_in_s: null })]);
    await waitFor(() => expect(history.location.pathname).toBe(page));
    expect(named("core_install")).toHaveLength(0);
  },
);

test("in the first run the button of a state leads to the step, which knows the way back", async () => {
  const { become, history } = await begin({}, "/welcome/scan?way=qq&account=main");
  become([loggingIn({ state: "signer_problem", none_configured: true, retry_in_s: 0 })]);
  await userEvent.click(await screen.findByRole("button", { name: "Add a signer" }));
  await title("The signer");
  expect(history.location.search).toContain("way=qq");
});

test("an account that only cannot send has nothing to scan: a new signer leads back", async () => {
  const { history, become, named } = await begin({}, "/welcome/signer?way=qq&account=main");
  const signing = { code: "signer.gone" };
  become([loggingIn({ state: "online", who: 1, for_s: 1, signer_problem: signing })]);
  await type(await screen.findByLabelText("Address of a signer"), "https://sign.example");
  await screen.findByText("It signs, within 88 ms");
  await userEvent.click(screen.getByRole("button", { name: "Done" }));
  await waitFor(() => expect(history.location.pathname).toBe("/"));
  expect(named("signer_add")).toHaveLength(1);
});

test("an installation that failed says why, is tried again, or taken from elsewhere", async () => {
  const failed: CoreJob = { state: "failed", problem: { code: "install.canceled" } };
  const { named } = await begin({ core_list: () => cores(failed) }, "/welcome/core?way=qq");
  expect(await screen.findByText(/^the installation was cancelled$/i)).toBeDefined();
  expect(named("core_install")).toHaveLength(0);
  await userEvent.click(screen.getByText("Install from a file or a mirror"));
  await type(screen.getByLabelText("File, folder or address"), "/tmp/core.tar.gz").then(() =>
    userEvent.keyboard("{Enter}"),
  );
  await userEvent.click(screen.getByRole("button", { name: "Try again" }));
  await waitFor(() =>
    expect(named("core_install").map(({ params }) => params)).toEqual([
      { from: "/tmp/core.tar.gz" },
      {},
    ]),
  );
});

const stages = () =>
  screen.getAllByRole("listitem").flatMap((item) => {
    const { state } = item.dataset;
    return item.closest("section")?.getAttribute("aria-label") === "Installation of the core"
      ? [`${item.firstElementChild?.textContent} ${state}`]
      : [];
  });

test("a search that failed ticks nothing, and says why and what to do at its stage", async () => {
  const { platform } = await begin({}, "/welcome/core?way=qq");
  const looking = {
    state: "running",
    tag: null,
    received: 0,
    total: null,
    rate_per_s: 0,
    remaining_s: null,
  } as const;
  await title("The core");
  const tell = (job: CoreJob) => platform.send({ event: "core_job", job });
  tell({ ...looking, step: "looking_for_release" });
  tell({ ...looking, step: "waiting_to_retry" });
  expect(await screen.findByText(/the source failed; waiting to try it again/)).toBeDefined();
  expect(stages()[0]).toBe("Find current");
  tell(NOT_INSTALLED);
  const failed = await screen.findByText("Find: failed");
  expect(stages()).toEqual([
    "Find: failed failed",
    "Download later",
    "Unpack later",
    "Trial run later",
  ]);
  const stage = within(failed.closest("li") as HTMLElement);
  expect(stage.getByText(/no source provided a core/i)).toBeDefined();
  expect(stage.getByRole("button", { name: "Try again" })).toBeDefined();
});

test.each([
  ["install.trial_failed", "looking_for_release", "try"],
  ["install.archive_refused", null, "unpack"],
  ["install.all_unreachable", "downloading", "download"],
  ["install.cut", null, "download"],
  ["install.all_unreachable", null, "find"],
] as const)("%s after %s failed in the stage %s", (cause, last, stage) => {
  const problem = { code: "install.at", params: { place: "a", cause: { code: cause } } };
  expect(stageOfFailure(problem, last)).toBe(stage);
});

test("a download can be cancelled", async () => {
  const { named } = await begin(
    { core_list: () => cores(DOWNLOADING), core_cancel: () => null },
    "/welcome/core?way=qq",
  );
  await userEvent.click(await screen.findByRole("button", { name: "Cancel" }));
  await waitFor(() => expect(named("core_cancel")).toHaveLength(1));
});

test("a file that nobody vouches for is installed only after its SHA-256 was compared", async () => {
  if (UNCONFIRMED.state !== "unconfirmed") throw new Error("the fixture is one");
  const { sha256 } = UNCONFIRMED;
  const { named } = await begin({ core_list: () => cores(UNCONFIRMED) }, "/welcome/core?way=qq");
  await userEvent.click(await screen.findByRole("button", { name: "Compare" }));
  const dialog = within(await screen.findByRole("dialog"));
  const install = dialog.getByRole("button", { name: "Install this file" });
  expect(install).toHaveProperty("disabled", true);
  const field = dialog.getByLabelText("The one from your source");
  fireEvent.change(field, { target: { value: `0${sha256.slice(1)}` } });
  expect(dialog.getByText(/^They differ from digit 1 on/)).toBeDefined();
  expect(install).toHaveProperty("disabled", true);
  fireEvent.change(field, { target: { value: sha256 } });
  expect(dialog.getByText("Both are the same")).toBeDefined();
  await userEvent.click(install);
  await waitFor(() =>
    expect(named("core_install")).toMatchObject([{ params: { accept: sha256 } }]),
  );
});

test("back leads to the step before, and to the choice from the first", async () => {
  const { history } = await begin({}, "/welcome/signer?way=qq");
  await title("The signer");
  await userEvent.keyboard("{Alt>}{ArrowLeft}{/Alt}");
  await title("The core");
  await userEvent.click(screen.getByRole("button", { name: "Back" }));
  await title("How do you want to begin?");
  expect(history.location.pathname).toBe("/welcome/start");
});

test("where it was left is kept, and an account that is gone is not", async () => {
  const first = await begin({}, "/welcome/signer?way=qq");
  await title("The signer");
  const kept = localStorage.getItem("perpetua.welcome");
  first.unmount();
  expect(JSON.parse(kept ?? "")).toMatchObject({ step: "signer", search: { way: "qq" } });

  const second = await begin({}, "/welcome/connect?way=qq&account=gone");
  expect(await screen.findByText(/^The account of this step is no longer there/)).toBeDefined();
  second.unmount();
});

test("Enter that picks a word of an input method goes nowhere", async () => {
  const { named } = await begin({}, "/welcome/signer?way=qq");
  await title("The signer");
  const field = screen.getByLabelText("Address of a signer");
  fireEvent.keyDown(field, { key: "Enter", keyCode: 229 });
  fireEvent.keyDown(field, { key: "Enter", isComposing: true });
  expect(named("account_add")).toHaveLength(0);
  fireEvent.keyDown(field, { key: "Enter", keyCode: 13 });
  await waitFor(() => expect(named("account_add")).toHaveLength(1));
});

test("the language is changed at the bottom, and kept in the settings", async () => {
  const { named } = await begin();
  await title("How do you want to begin?");
  await userEvent.click(screen.getByRole("button", { name: "English" }));
  await userEvent.click(await screen.findByText("简体中文"));
  await title("先选一种开始方式");
  expect(named("preferences_edit").map(({ params }) => params)).toEqual([{ language: "zh-CN" }]);
});

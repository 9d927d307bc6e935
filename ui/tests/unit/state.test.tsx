/**
 * Every state that the RPC has, from a made snapshot, as people see it: tone, word and button in both
 * languages. The tables are records over the states: one that is missing does not compile.
 */

import { MantineProvider } from "@mantine/core";
import {
  createMemoryHistory,
  createRootRoute,
  createRouter,
  RouterProvider,
} from "@tanstack/react-router";
import { render, screen } from "@testing-library/react";
import { describe, expect, test } from "vitest";
import { StateNote } from "../../src/components/note";
import { StatePill } from "../../src/components/state";
import type {
  AccountStatus,
  ConnectionStatus,
  CoreAbsence,
  CoreAwayKind,
  CoreBrake,
  CorePhase,
  CoreRefusal,
  CoreStatus,
  Message,
  TargetState,
  UpstreamState,
} from "../../src/generated/schema";
import { accountStanding } from "../../src/state/account";
import { clientStanding } from "../../src/state/client";
import { signerStanding } from "../../src/state/signer";
import { mends, type Standing, type Tone } from "../../src/state/standing";
import { WorldProvider } from "../../src/store/context";
import { Store } from "../../src/store/store";
import { WordsProvider } from "../../src/words/context";
import { load } from "../../src/words/language";
import { FakePlatform } from "../fake-platform";
import { turnedAway } from "../fixtures/clients";
import { account, ago, client, connection, core, NOW, signer, upstream } from "../fixtures/parts";
import { scenario } from "../render";

/** Tone, word and button: Chinese first, then English. No button: null. */
type Row = [tone: Tone, word: [string, string], button: [string, string] | null];

const SPEAKERS = [await load("zh-CN"), await load("en")] as const;

/** What is on the page when a standing is shown there. */
async function shown(standing: Standing): Promise<Row> {
  const words: string[] = [];
  const buttons: string[] = [];
  let tone = "";
  for (const speaker of SPEAKERS) {
    const platform = new FakePlatform(scenario("full"));
    const store = new Store(platform, { read: () => null, keep: () => undefined });
    const root = createRootRoute({
      component: () => (
        <>
          <div data-testid="pill">
            <StatePill standing={standing} />
          </div>
          <StateNote standing={standing} />
        </>
      ),
    });
    const router = createRouter({
      routeTree: root,
      history: createMemoryHistory({ initialEntries: ["/"] }),
    });
    const page = render(
      <MantineProvider>
        <WordsProvider first={speaker}>
          <WorldProvider world={{ platform, store }}>
            <RouterProvider router={router as never} />
          </WorldProvider>
        </WordsProvider>
      </MantineProvider>,
    );
    const pill = await screen.findByTestId("pill");
    tone = pill.querySelector("[data-tone]")?.getAttribute("data-tone") ?? "";
    words.push(pill.textContent ?? "");
    buttons.push(...screen.queryAllByRole("button").map((button) => button.textContent ?? ""));
    for (const text of [standing.sentence, standing.more]) {
      if (!text) continue;
      const said = speaker.say(text);
      expect(said, "every sentence is in the catalogue").not.toMatch(/^[a-z_]+\.[a-z_]+/);
      expect(said).not.toContain("{{");
      expect(page.container.textContent).toContain(speaker.alone(text).replaceAll("`", ""));
    }
    page.unmount();
  }
  const [zh, en] = words;
  const button = buttons.length > 0 ? ([buttons[0], buttons[1]] as [string, string]) : null;
  return [tone as Tone, [zh ?? "", en ?? ""], button];
}

function compare(cases: Record<string, [Standing, Row]>): void {
  for (const [name, [standing, row]] of Object.entries(cases)) {
    test(name, async () => expect(await shown(standing)).toEqual(row));
  }
}

const TIMES = { account: NOW, upstream: NOW, core: NOW };
const of = (differs: Partial<AccountStatus>) => accountStanding(account(differs), TIMES, NOW);
const withCore = (state: CoreStatus) => of({ online: state.state === "online", core: state });

describe("a core", () => {
  const absent: Record<CoreAbsence, [Standing, Row]> = {
    failed: [
      withCore(core({ state: "absent", why: "failed", retry_in_s: 30 })),
      ["you", ["没有核心", "No core"], ["现在安装", "Install now"]],
    ],
    unconfirmed: [
      withCore(core({ state: "absent", why: "unconfirmed", retry_in_s: null })),
      ["you", ["等你核对", "Confirm"], ["去核对", "Compare"]],
    ],
    not_allowed: [
      withCore(core({ state: "absent", why: "not_allowed", retry_in_s: null })),
      ["you", ["没有核心", "No core"], ["安装", "Install"]],
    ],
  };
  const phase = (phase: CorePhase) => withCore(core({ state: "starting", phase }));
  const starting: Record<CorePhase, [Standing, Row]> = {
    preparing: [phase("preparing"), ["busy", ["准备中", "Preparing"], null]],
    launched: [phase("launched"), ["busy", ["启动中", "Starting"], null]],
    session: [phase("session"), ["busy", ["恢复登录", "Restoring"], null]],
    connecting: [phase("connecting"), ["busy", ["取二维码", "Getting a code"], null]],
    logging_in: [phase("logging_in"), ["busy", ["登录中", "Logging in"], null]],
    opening_link: [phase("opening_link"), ["busy", ["接通中", "Connecting"], null]],
  };
  const refused = (refusal: CoreRefusal) => withCore(core({ state: "refused", refusal }));
  const refusals: Record<CoreRefusal["kind"] | "45", [Standing, Row]> = {
    "45": [
      refused({ kind: "server", code: 45, tag: "禁止登录", message: "你的版本过低" }),
      ["bad", ["QQ 拒绝", "Refused"], ["看原因", "See why"]],
    ],
    server: [
      refused({ kind: "server", code: 235, tag: "设备", message: "稍后再试" }),
      ["bad", ["QQ 拒绝", "Refused"], ["重新登录", "Log in again"]],
    ],
    wrong_account: [
      refused({ kind: "wrong_account", expected: 123456789, scanned: 987654321 }),
      ["bad", ["号不对", "Wrong account"], ["换号扫码", "Scan again"]],
    ],
    wrong_session: [
      refused({ kind: "wrong_session", expected: 123456789, found: 987654321 }),
      ["bad", ["号不对", "Wrong account"], ["看原因", "See why"]],
    ],
  };
  const brake = (reason: CoreBrake, cause: string | null = null) =>
    withCore(
      core({
        state: "braked",
        reason,
        cause: cause ? { code: cause, params: {} } : null,
        last_lines: [],
      }),
    );
  const braked: Record<CoreBrake | "damaged", [Standing, Row]> = {
    failing: [
      brake("failing", "core.exit_killed"),
      ["bad", ["已放弃", "Given up"], ["再试一次", "Try again"]],
    ],
    nobody_scanned: [
      brake("nobody_scanned"),
      ["bad", ["没人扫码", "Nobody scanned"], ["取新的二维码", "Get a code"]],
    ],
    kicked_again: [
      brake("kicked_again", "core.offline_connection"),
      ["bad", ["被踢下线", "Kicked"], ["重新登录", "Log in again"]],
    ],
    cannot_run: [
      brake("cannot_run", "core.exit_no_console"),
      ["bad", ["不能运行", "Cannot run"], ["再试一次", "Try again"]],
    ],
    damaged: [
      brake("cannot_run", "core.vanished"),
      ["bad", ["不能运行", "Cannot run"], ["重新安装", "Install again"]],
    ],
  };
  const progress = {
    step: "downloading",
    tag: "nightly",
    received: 20_000_000,
    total: 42_000_000,
    rate_per_s: 1_000_000,
    remaining_s: 22,
  } as const;
  const qr = {
    url: "https://txz.qq.com/p?k=x",
    png_base64: "",
    expires_in_s: 98,
    good_for_s: 120,
    code: 2,
    codes_max: 5,
  };
  const states: Record<CoreStatus["state"], Record<string, [Standing, Row]>> = {
    stopped: {
      stopped: [
        withCore(core({ state: "stopped" })),
        ["idle", ["已停止", "Stopped"], ["启动", "Start"]],
      ],
    },
    absent,
    installing: {
      installing: [
        withCore(core({ state: "installing", progress })),
        ["busy", ["安装核心", "Installing"], null],
      ],
    },
    signer_problem: {
      none_configured: [
        withCore(core({ state: "signer_problem", none_configured: true, retry_in_s: 0 })),
        ["bad", ["缺签名服务器", "No signer"], ["添加签名服务器", "Add a signer"]],
      ],
      none_works: [
        withCore(core({ state: "signer_problem", none_configured: false, retry_in_s: 9 })),
        ["you", ["签名不可用", "No signer works"], ["看原因", "See why"]],
      ],
    },
    starting,
    waiting_for_scan: {
      waiting_for_scan: [
        withCore(core({ state: "waiting_for_scan", qr })),
        ["you", ["等待扫码", "Scan needed"], ["去扫码", "Show the code"]],
      ],
    },
    waiting_for_confirm: {
      right: [
        withCore(
          core({ state: "waiting_for_confirm", who: 123456789, expected: null, expires_in_s: 60 }),
        ),
        ["you", ["等你确认", "Confirm"], ["打开", "Open"]],
      ],
      unknown: [
        withCore(
          core({ state: "waiting_for_confirm", who: null, expected: null, expires_in_s: 60 }),
        ),
        ["you", ["等你确认", "Confirm"], ["打开", "Open"]],
      ],
      wrong: [
        withCore(
          core({
            state: "waiting_for_confirm",
            who: 987654321,
            expected: 123456789,
            expires_in_s: 60,
          }),
        ),
        ["bad", ["号不对", "Wrong account"], ["换一张", "New code"]],
      ],
    },
    refused: refusals,
    online: {
      online: [
        withCore(core({ state: "online", who: 1, for_s: 9, signer_problem: null })),
        ["ok", ["在线", "Online"], null],
      ],
      blocked: [
        withCore(
          core({ state: "online", who: 1, for_s: 90, signer_problem: null }, { blocked_for_s: 45 }),
        ),
        ["busy", ["在线", "Online"], ["看原因", "See why"]],
      ],
      cannot_send: [
        withCore(
          core({
            state: "online",
            who: 1,
            for_s: 9,
            signer_problem: {
              code: "signer.lost",
              params: { cause: { code: "signer.silent", params: { seconds: 5 } } },
            },
          }),
        ),
        ["you", ["发不出", "Cannot send"], ["换签名服务器", "Change signer"]],
      ],
      no_signer: [
        withCore(
          core({
            state: "online",
            who: 1,
            for_s: 9,
            signer_problem: { code: "signer.none_configured" },
          }),
        ),
        ["you", ["发不出", "Cannot send"], ["添加签名服务器", "Add a signer"]],
      ],
      unheard: [
        of({
          online: false,
          core: core({ state: "online", who: 1, for_s: 9, signer_problem: null }),
        }),
        ["busy", ["核对中", "Checking"], null],
      ],
    },
    kicked_offline: {
      kicked_offline: [
        withCore(core({ state: "kicked_offline", reason: "另一台设备登录" })),
        ["busy", ["被踢，重登中", "Kicked"], null],
      ],
    },
    reconnecting: {
      at_first: [
        withCore(
          core({ state: "reconnecting", who: 1, for_s: 3, reason: null }, { since_ms: NOW - 3000 }),
        ),
        ["busy", ["重连中", "Reconnecting"], null],
      ],
      after_30_s: [
        withCore(
          core(
            { state: "reconnecting", who: 1, for_s: 31, reason: null },
            { since_ms: NOW - 31_000 },
          ),
        ),
        ["busy", ["重连中", "Reconnecting"], ["重启核心", "Restart"]],
      ],
    },
    stopping: {
      stopping: [withCore(core({ state: "stopping" })), ["idle", ["停止中", "Stopping"], null]],
    },
    backoff: {
      backoff: [
        withCore(core({ state: "backoff", retry_in_s: 8, failures: 3, reason: null })),
        ["busy", ["稍后再试", "Waiting"], ["现在再试", "Try now"]],
      ],
      stood_still: [
        withCore(
          core({
            state: "backoff",
            retry_in_s: 8,
            failures: 2,
            reason: { code: "core.no_progress", params: { seconds: 60 } },
          }),
        ),
        ["busy", ["登录没有进展", "No progress"], ["现在再试", "Try now"]],
      ],
    },
    braked,
  };
  for (const [state, cases] of Object.entries(states)) describe(state, () => compare(cases));
});

describe("while QQ cannot be reached", () => {
  const away = (kind: CoreAwayKind, state: Parameters<typeof core>[0]) =>
    core(state, {
      away: { kind, since_ms: ago({ minutes: 7 }), reason: { code: "core.no_connection" } },
    });
  const waits = { state: "backoff", retry_in_s: 40, failures: 9, reason: null } as const;
  compare({
    no_network: [
      withCore(away("no_network", waits)),
      ["busy", ["没有网络", "No network"], ["现在再试", "Try now"]],
    ],
    while_it_starts: [
      withCore(away("no_network", { state: "starting", phase: "session" })),
      ["busy", ["没有网络", "No network"], null],
    ],
    qq_unreachable: [
      withCore(away("qq_unreachable", waits)),
      ["busy", ["连不上 QQ", "QQ unreachable"], ["现在再试", "Try now"]],
    ],
    a_code_says_more: [
      withCore(away("qq_unreachable", { state: "stopped" })),
      ["idle", ["已停止", "Stopped"], ["启动", "Start"]],
    ],
  });

  test("it is told since when, and how it showed", () => {
    const standing = withCore(away("no_network", waits));
    const [chinese, english] = SPEAKERS.map((speaker) => speaker.say(standing.sentence as Message));
    expect(chinese).toContain("7 分钟");
    expect(english).toContain("7 min");
    expect(standing.more?.code).toBe("core.no_connection");
  });
});

describe("an account without a core", () => {
  const over = (
    kind: string,
    state: UpstreamState,
    differs: Partial<AccountStatus> & { since_ms?: number } = {},
  ) =>
    of({
      core: null,
      online: false,
      ...differs,
      upstream: upstream({
        kind,
        state,
        address: "ws://127.0.0.1:3001",
        retry_in_s: 5,
        since_ms: differs.since_ms ?? ago({ minutes: 1 }),
      }),
    });
  const refusedWith = (code: string) => ({ problem: { code, params: {} } });
  const states: Record<UpstreamState, Record<string, [Standing, Row]>> = {
    open: {
      online: [over("onebot", "open", { online: true }), ["ok", ["在线", "Online"], null]],
      asking: [
        over("onebot", "open", { since_ms: NOW - 5000 }),
        ["busy", ["核对中", "Checking"], null],
      ],
      offline: [
        over("onebot", "open"),
        ["bad", ["上游离线", "Offline there"], ["再问一次", "Ask again"]],
      ],
    },
    dialling: {
      dialling: [over("onebot", "dialling"), ["busy", ["连接中", "Connecting"], null]],
    },
    waiting: {
      unreachable: [
        over("onebot", "waiting", refusedWith("link.unreachable")),
        ["you", ["连不上", "Unreachable"], ["现在重试", "Try now"]],
      ],
      wrong_token: [
        over("onebot", "waiting", refusedWith("link.wrong_token")),
        ["bad", ["令牌不对", "Wrong token"], ["改令牌", "Change token"]],
      ],
      not_onebot: [
        over("onebot", "waiting", refusedWith("link.not_onebot")),
        ["bad", ["地址不对", "Wrong address"], ["改地址", "Change address"]],
      ],
      other_account: [
        over("onebot", "waiting", refusedWith("link.other_account")),
        ["bad", ["号不对", "Wrong account"], ["改账号", "Change account"]],
      ],
    },
    closed: {
      awaited: [
        over("onebot-reverse", "closed"),
        ["busy", ["等它来连", "Waiting"], ["怎么填", "What to enter"]],
      ],
      port_taken: [
        over("onebot-reverse", "closed", refusedWith("port.in_use_by")),
        ["bad", ["端口被占用", "Port taken"], ["换端口", "Other port"]],
      ],
      not_connected: [
        over("onebot", "closed"),
        ["idle", ["未连接", "Not connected"], ["连接", "Connect"]],
      ],
    },
  };
  for (const [state, cases] of Object.entries(states)) describe(state, () => compare(cases));
  compare({
    disabled: [of({ enabled: false }), ["idle", ["已停用", "Disabled"], ["启用", "Enable"]]],
  });
});

describe("a client", () => {
  const is = (differs: Parameters<typeof client>[0], online = true) =>
    clientStanding(client(differs), { account: "main", online }, NOW);
  const alone = { connections: [] };
  compare({
    disabled: [is({ enabled: false }), ["idle", ["已停用", "Disabled"], ["启用", "Enable"]]],
    port_taken: [
      is({ problem: { code: "port.in_use", params: { address: "127.0.0.1:6700" } } }),
      ["bad", ["端口被占用", "Port taken"], ["换端口", "Other port"]],
    ],
    problem: [
      is({ problem: { code: "node.shutting_down" } }),
      ["bad", ["有问题", "Problem"], ["看设置", "Settings"]],
    ],
    kept: [is({}, false), ["idle", ["保持连接，等账号回来", "Kept, waiting for QQ"], null]],
    queue_full: [
      is({ connections: [connection({ queued: 600 })] }),
      ["you", ["读得太慢", "Too slow"], ["看连接", "Show connections"]],
    ],
    dropping: [
      is({ dropped_last_minute: 3 }),
      ["you", ["读得太慢", "Too slow"], ["看连接", "Show connections"]],
    ],
    connected: [is({}), ["ok", ["已连接", "Connected"], null]],
    refused: [
      is({ ...alone, notices: [turnedAway("refused.wrong_token", 60)] }),
      ["you", ["令牌不对", "Wrong token"], ["复制接入配置", "Copy the lines"]],
    ],
    refused_otherwise: [
      is({ ...alone, notices: [turnedAway("refused.plain_http", 60)] }),
      ["you", ["被拒绝", "Turned away"], ["看连接", "Show connections"]],
    ],
    refused_long_ago: [
      is({ ...alone, notices: [turnedAway("refused.wrong_token", 301)] }),
      ["idle", ["等待连接", "Waiting"], ["怎么接入", "How to connect"]],
    ],
    awaited: [
      is({ ...alone, since_ms: ago({ minutes: 2 }) }),
      ["busy", ["等待连接", "Waiting"], ["怎么接入", "How to connect"]],
    ],
    awaited_for_long: [
      is(alone),
      ["idle", ["等待连接", "Waiting"], ["怎么接入", "How to connect"]],
    ],
    leased: [is({ ...alone, kind: "leased", listen: null }), ["idle", ["空闲", "Idle"], null]],
    uncalled: [
      is({ ...alone, kind: "http" }),
      ["idle", ["还没有调用", "Not called yet"], ["怎么接入", "How to connect"]],
    ],
    called: [
      is({ ...alone, kind: "http", called_ms: ago({ minutes: 2 }) }),
      ["ok", ["使用中", "In use"], null],
    ],
    called_long_ago: [
      is({ ...alone, kind: "http", called_ms: ago({ minutes: 20 }) }),
      ["idle", ["等待连接", "Waiting"], null],
    ],
  });

  const dialled = (state: TargetState, code: string | null, connections: ConnectionStatus[] = []) =>
    is({
      kind: "reverse",
      listen: null,
      connections,
      targets: [
        {
          address: "ws://127.0.0.1:6199/ws",
          state,
          since_ms: NOW,
          retry_in_s: 3,
          failures: 2,
          posts: null,
          problem: code === null ? null : { code, params: { cause: "x", reason: "1008" } },
        },
      ],
    });
  const lines: [string, string] = ["看框架怎么填", "What to enter there"];
  const targets: { [S in TargetState]: Record<string, [Standing, Row]> } = {
    closed: { closed: [dialled("closed", null), ["busy", ["连接中", "Connecting"], null]] },
    unnamed: {
      unnamed: [
        dialled("unnamed", "dial.unnamed"),
        ["busy", ["等待登录", "Waiting for the login"], null],
      ],
    },
    dialling: { dialling: [dialled("dialling", null), ["busy", ["连接中", "Connecting"], null]] },
    open: { open: [dialled("open", null, [connection()]), ["ok", ["已连接", "Connected"], null]] },
    waiting: {
      not_started: [
        dialled("waiting", "dial.nobody_here"),
        ["idle", ["框架未启动", "Not started"], lines],
      ],
      dialled_in_vain: [
        dialled("waiting", "dial.unreachable"),
        ["you", ["连不上", "Unreachable"], lines],
      ],
    },
    refused: {
      refuses: [
        dialled("refused", "dial.closed_at_once"),
        ["bad", ["框架拒绝", "Turned down"], lines],
      ],
    },
  };
  for (const [state, cases] of Object.entries(targets)) describe(state, () => compare(cases));
});

describe("a signer", () => {
  const change = mends.signerAddress("mine");
  const is = (report: Parameters<typeof signer>[0] | null, usedBy: string[] = [], asking = false) =>
    signerStanding(report ? signer(report) : null, { asking, usedBy }, change);
  const failed = (code: string) => is({ problem: { code, params: {} } });
  const elsewhere: [string, string] = ["改地址", "Change address"];
  const again: [string, string] = ["再试一次", "Try again"];
  compare({
    untested: [is(null), ["idle", ["未测试", "Not tested"], null]],
    asked: [is({}, [], true), ["busy", ["测试中", "Testing"], null]],
    in_use: [is({}, ["main"]), ["ok", ["使用中", "In use"], null]],
    works: [is({}), ["ok", ["可用", "Works"], null]],
    doubtful: [
      is({ warning: { code: "signer.no_app_info" } }),
      ["you", ["可用，有疑点", "Works, but"], elsewhere],
    ],
    filled_in: [
      is({ warning: { code: "signer.filled_in", params: { fields: "Os", version: "3" } } }),
      ["you", ["可用，有疑点", "Works, but"], elsewhere],
    ],
    slow: [
      is({ name: "mine", warning: { code: "signer.slow_to_sign", params: { seconds: 12 } } }),
      ["you", ["很慢", "Slow"], again],
    ],
    other_system: [
      failed("signer.other_platform"),
      ["bad", ["系统不符", "Other system"], elsewhere],
    ],
    silent: [failed("signer.silent"), ["you", ["没有应答", "No answer"], again]],
    unreachable: [failed("signer.unreachable"), ["you", ["没有应答", "No answer"], again]],
    broken: [failed("signer.out_of_order"), ["you", ["出故障", "Out of order"], again]],
    refuses: [failed("signer.refused"), ["bad", ["不让用", "Refused"], elsewhere]],
    gone: [failed("signer.gone"), ["bad", ["不是签名服务器", "No signer"], elsewhere]],
    unasked: [failed("signer.not_asked"), ["idle", ["问不了", "Not asked"], elsewhere]],
  });
});

/** What a login shows, made of what is known: rows, evidence, the drawn code. */
import { encode } from "uqr";
import { expect, test } from "vitest";
import { compare, groups } from "../../src/components/installation/digits";
import { draw } from "../../src/pages/login/draw";
import { evidenceOf } from "../../src/pages/login/evidence";
import { progressOf } from "../../src/pages/login/progress";
import { qr, REFUSAL_45, SIGNERS } from "../fixtures/login";
import { core, signer } from "../fixtures/parts";

const shown = (steps: ReturnType<typeof progressOf>) =>
  steps.map(({ name, state }) => `${name} ${state}`);

const PREPARED = { phase: "preparing", took_ms: 42 } as const;
const LAUNCHED = { phase: "launched", took_ms: 1300 } as const;
const SESSION = { phase: "session", took_ms: 800 } as const;
const CONNECTED = { phase: "connecting", took_ms: 500 } as const;

test("a first login has no saved session to use", () => {
  const state = core(
    { state: "waiting_for_scan", qr: qr() },
    { phases: [PREPARED, LAUNCHED, CONNECTED] },
  );
  const steps = progressOf(state);
  expect(shown(steps)).toEqual([
    "signer done",
    "launch done",
    "scan current",
    "confirm later",
    "link later",
  ]);
  expect(steps[1]?.detail).toEqual({ code: "qr.took_s", params: { seconds: "1.3" } });
});

test("a session that is tried needs no scan, until QQ does not take it", () => {
  const trying = core({ state: "starting", phase: "session" }, { phases: [PREPARED, LAUNCHED] });
  expect(shown(progressOf(trying))).toEqual([
    "signer done",
    "launch done",
    "session current",
    "link later",
  ]);
  const refused = core(
    { state: "waiting_for_scan", qr: qr() },
    { phases: [PREPARED, LAUNCHED, SESSION, CONNECTED] },
  );
  expect(shown(progressOf(refused))).toEqual([
    "signer done",
    "launch done",
    "session skipped",
    "scan current",
    "confirm later",
    "link later",
  ]);
});

test("everything is over when the account is online, and nothing is told while no login goes on", () => {
  const online = core(
    { state: "online", who: 1, for_s: 1, signer_problem: null },
    { phases: [PREPARED, LAUNCHED, SESSION] },
  );
  expect(progressOf(online).every(({ state }) => state === "done")).toBe(true);
  expect(progressOf(core({ state: "stopped" }))).toEqual([]);
});

test("a signer that tells nothing is doubted, one that does is offered", () => {
  const state = core(
    { state: "refused", refusal: REFUSAL_45 },
    { signer: signer({ version: null, platform: null }) },
  );
  const { reason, facts, better } = evidenceOf(state, SIGNERS, "linux");
  expect(reason.code).toBe("qr.reason_untold");
  expect(facts.map(({ version }) => version)).toEqual([
    "Linux 3.2.15-30366",
    null,
    "Linux 3.2.17-34740",
  ]);
  expect(facts.map(({ verdict }) => verdict?.text.code)).toEqual([
    "qr.core_own",
    "qr.probably_another",
    "qr.would_follow_in",
  ]);
  expect(better).toBe("backup");
});

test("a signer of another system, a broken one and the one in use are not offered", () => {
  const [mine] = SIGNERS;
  if (!mine) throw new Error("the fixture has signers");
  const others = [
    { ...mine, name: "windows", report: signer({ name: "windows", platform: "Windows" }) },
    { ...mine, name: "down", report: signer({ name: "down", problem: { code: "signer.gone" } }) },
    { ...mine, name: "new", report: null },
  ];
  const state = core({ state: "refused", refusal: REFUSAL_45 }, { signer: signer() });
  const { reason, better, facts } = evidenceOf(
    state,
    [{ ...mine, report: signer() }, ...others],
    "linux",
  );
  expect(better).toBeNull();
  expect(reason.code).toBe("qr.reason_same");
  expect(facts.map(({ verdict }) => verdict?.text.code)).toEqual([
    "qr.as_signer_says",
    "qr.the_same",
    "qr.other_system",
    "signer.gone",
    "qr.not_asked",
  ]);
});

test("the drawing has the black modules of the code, and four white ones around them", () => {
  const text = "https://txz.qq.com/p?k=abc&f=1600001615";
  const { data, size } = encode(text, { ecc: "M", border: 0 });
  const drawing = draw(text);
  expect(drawing.size).toBe(size + 8);
  const black = new Set<string>();
  for (const [, x, y, width] of drawing.path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g)) {
    for (let at = 0; at < Number(width); at += 1) black.add(`${Number(x) + at},${y}`);
  }
  const wanted = data.flatMap((row, y) =>
    row.flatMap((isBlack, x) => (isBlack ? [`${x + 4},${y + 4}`] : [])),
  );
  expect([...black].sort()).toEqual(wanted.sort());
});

test("a pasted SHA-256 is compared whatever stands around its digits", () => {
  const sha256 = "3fa9c1d27b0e4f5a8c6d9e1f2a3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5d";
  expect(groups(sha256)).toHaveLength(8);
  expect(compare(sha256, "  ")).toEqual({ is: "nothing" });
  expect(compare(sha256, sha256.toUpperCase())).toEqual({ is: "equal" });
  expect(compare(sha256, `sha256:${sha256}`)).toEqual({ is: "equal" });
  expect(compare(sha256, `${sha256}  Lagrange.OneBot_linux-x64.tar.gz`)).toEqual({ is: "equal" });
  expect(compare(sha256, groups(sha256).join(" "))).toEqual({ is: "equal" });
  expect(compare(sha256, `3fb${sha256.slice(3)}`)).toEqual({ is: "different", at: 2 });
  expect(compare(sha256, sha256.slice(0, 10))).toEqual({ is: "incomplete", digits: 10 });
  expect(compare(sha256, `${sha256}0`)).toEqual({ is: "different", at: 64 });
});

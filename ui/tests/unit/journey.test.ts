/** Where somebody is in the first run, by the address and by what perpetua has. */
import { beforeEach, expect, test } from "vitest";
import { forgetPlace, isUnfinished, keptPlace, placeOf } from "../../src/pages/welcome/journey";
import { loggingIn } from "../fixtures/login";
import { account, client, node } from "../fixtures/parts";

const offline = loggingIn({ state: "signer_problem", none_configured: true, retry_in_s: 5 });
const status = node([
  account({ name: "well" }),
  { ...offline, name: "ill" },
  account({ name: "game", core: null, upstream: { ...offline.upstream, kind: "onebot" } }),
]);

beforeEach(() => localStorage.clear());

test("the address says it all, as far as perpetua has it", () => {
  const search = { way: "qq", account: "well", client: "nonebot" };
  expect(placeOf("connect", search, status)).toEqual({ step: "connect", ...search });
  expect(placeOf("connect", { ...search, client: "gone" }, status)).toEqual({
    step: "connect",
    way: "qq",
    account: "well",
  });
  expect(placeOf("connect", { ...search, account: "gone" }, status)).toEqual({
    step: "connect",
    way: "qq",
  });
  expect(placeOf("nowhere", {}, status)).toEqual({ step: "start", way: "qq" });
});

test("before anything is known nothing is doubted", () => {
  const search = { way: "program", account: "game", client: "a" };
  expect(placeOf("connect", search, null)).toEqual({ step: "connect", ...search });
});

test("a button elsewhere leads to the account that needs the step", () => {
  expect(placeOf("signer", {}, status)).toEqual({ step: "signer", way: "qq", account: "ill" });
  expect(placeOf("signer", { account: "well" }, status)).toMatchObject({ account: "well" });
  expect(placeOf("signer", {}, node([]))).toEqual({ step: "signer", way: "qq" });
});

test("the way follows from the account", () => {
  expect(placeOf("connect", { account: "game" }, status)).toMatchObject({ way: "program" });
  const simulator = account({ name: "sim", core: null, clients: [client()] });
  simulator.upstream.kind = "simulator";
  expect(placeOf("connect", { account: "sim" }, node([simulator]))).toMatchObject({
    way: "simulator",
  });
});

test("what is kept is read again, unless it makes no sense", () => {
  expect(keptPlace()).toBeNull();
  localStorage.setItem("perpetua.welcome", "nonsense");
  expect(keptPlace()).toBeNull();
  const kept = { step: "scan", search: { way: "qq", account: "main" } };
  localStorage.setItem("perpetua.welcome", JSON.stringify(kept));
  expect(keptPlace()).toEqual(kept);
  forgetPlace();
  expect(keptPlace()).toBeNull();
});

test("a first run is gone on with until its bot has come", () => {
  const kept = { step: "connect", search: { way: "qq", account: "well" } };
  const waiting = account({ name: "well", clients: [client({ connections: [] })] });
  expect(isUnfinished(kept, node([waiting]))).toBe(true);
  expect(isUnfinished(kept, node([{ ...waiting, clients: [] }]))).toBe(true);
  expect(isUnfinished(kept, status)).toBe(false);
  expect(isUnfinished(kept, node([]))).toBe(false);
  expect(isUnfinished({ step: "core", search: { way: "qq" } }, node([]))).toBe(true);
  expect(isUnfinished({ step: "core", search: { way: "qq" } }, status)).toBe(false);
  expect(isUnfinished(null, node([]))).toBe(false);
});

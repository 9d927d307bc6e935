/** Whether a framework takes us, on a button of its client; and what its settings cannot do. */
import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import type {
  ClientAdd,
  ClientEdit,
  ClientStatus,
  TargetState,
  TargetTested,
} from "../../src/generated/schema";
import { config, obedient, waiting } from "../fixtures/clients";
import { account, client, NOW, node } from "../fixtures/parts";
import { calls, drawer } from "../pages";
import { scenario, show } from "../render";

const URL = "ws://127.0.0.1:6199/ws";

const astrbot = (state: TargetState, differs: Partial<ClientStatus> = {}) =>
  waiting({
    name: "bot",
    kind: "reverse",
    framework: "astrbot",
    listen: null,
    has_token: false,
    targets: [
      {
        address: URL,
        state,
        since_ms: NOW,
        retry_in_s: 30,
        failures: 5,
        problem: null,
        posts: null,
      },
    ],
    ...differs,
  });

const page = (one: ClientStatus, test: () => TargetTested[] | Promise<TargetTested[]>) =>
  show(
    {
      ...scenario("clients-full"),
      status: node([account({ clients: [one] })]),
      answers: { ...obedient(), client_test: test },
    },
    { path: "/clients/main/bot?tab=connect" },
  );

const refused: TargetTested = {
  address: URL,
  outcome: "fails",
  message: {
    code: "dial.token_wrong_at",
    params: { framework: "AstrBot", setting: "ws_reverse_token", reason: "HTTP status 403" },
  },
  took_ms: 3,
};

test("what came of a test is told where it was asked for", async () => {
  const { platform } = await page(astrbot("waiting"), () => [refused]);
  const open = within(await drawer("bot"));
  await userEvent.click(await open.findByRole("button", { name: "Test now" }));
  expect(await open.findByText(/AstrBot wants another token/)).toBeDefined();
  expect(calls(platform, "client_test")).toEqual([{ account: "main", client: "bot" }]);
});

test("what stands above already is not said twice", async () => {
  const one = astrbot("refused");
  const [target] = one.targets;
  if (target) target.problem = refused.message;
  await page(one, () => [refused]);
  const open = within(await drawer("bot"));
  await userEvent.click(await open.findByRole("button", { name: "Test now" }));
  expect(await open.findByText(/Tried just now, in vain/)).toBeDefined();
  expect(open.getAllByText(/AstrBot wants another token/)).toHaveLength(1);
});

test("who stops waiting hears no more of it, and may begin anew", async () => {
  let answer: (found: TargetTested[]) => void = () => undefined;
  const answers = () => new Promise<TargetTested[]>((resolve) => (answer = resolve));
  await page(astrbot("waiting"), answers);
  const open = within(await drawer("bot"));
  await userEvent.click(await open.findByRole("button", { name: "Test now" }));
  expect(await open.findByText(/Trying .* of 45 s at most/)).toBeDefined();
  await userEvent.click(open.getByRole("button", { name: "Stop waiting" }));
  answer([refused]);
  expect(await open.findByRole("button", { name: "Test now" })).toBeDefined();
  expect(open.queryByText(/wants another token/)).toBeNull();
});

test("one that is connected, or comes by itself, has no such button", async () => {
  await page(astrbot("open"), () => []);
  expect(within(await drawer("bot")).queryByRole("button", { name: "Test now" })).toBeNull();
});

test("its framework is the one of the settings, and what they cannot do is remarked", async () => {
  const remarks = [{ code: "config.astrbot_takes_arrays", params: {} }];
  await page(astrbot("waiting", { remarks }), () => []);
  const open = within(await drawer("bot"));
  expect(await open.findByText(/AstrBot takes messages as arrays only/)).toBeDefined();
  const chosen = open.getByRole("radio", { name: "AstrBot" }) as HTMLInputElement;
  expect(chosen.checked).toBe(true);
});

test("a client without a token shows none", async () => {
  await show(
    {
      ...scenario("clients-full"),
      status: node([account({ clients: [client({ name: "open", has_token: false }), client()] })]),
      answers: obedient(),
    },
    { path: "/clients" },
  );
  const row = (await screen.findByRole("link", { name: "open" })).closest("tr") as HTMLElement;
  expect(within(row).getByText("No token")).toBeDefined();
  expect(within(row).queryByRole("button", { name: "Copy the token" })).toBeNull();
  const other = screen.getByRole("link", { name: "nonebot" }).closest("tr") as HTMLElement;
  expect(within(other).getByRole("button", { name: "Copy the token" })).toBeDefined();
});

test("the format of messages is chosen behind a button, as far as the framework can read it", async () => {
  const { platform } = await show(
    { ...scenario("clients-full"), answers: obedient() },
    { path: "/clients?add=true" },
  );
  const dialog = within(await screen.findByRole("dialog"));
  const codes = () => dialog.queryByRole("radio", { name: "CQ codes" });
  expect(codes()).toBeNull();
  await userEvent.click(await dialog.findByRole("button", { name: "More options" }));
  await userEvent.click(codes() as HTMLElement);
  await userEvent.click(dialog.getByRole("radio", { name: /AstrBot/ }));
  expect(codes()).toBeNull();
  await userEvent.click(dialog.getByRole("radio", { name: /Koishi/ }));
  await userEvent.click(dialog.getByRole("button", { name: "Add and connect" }));
  const made = calls<ClientAdd>(platform, "client_add")[0];
  expect(made).toMatchObject({ framework: "koishi", format: "string" });
});

test("its framework is changed in its settings", async () => {
  const { platform } = await show(
    {
      ...scenario("clients-full"),
      status: node([account({ clients: [client({ name: "bot" })] })]),
      answers: { ...obedient(), client_settings: () => config({ client: "bot" }) },
    },
    { path: "/clients/main/bot?tab=settings" },
  );
  const open = within(await drawer("bot"));
  await userEvent.click(await open.findByRole("radio", { name: "Koishi" }));
  const change = { framework: "koishi" };
  const made = calls<ClientEdit>(platform, "client_edit")[0];
  expect(made).toMatchObject({ client: "bot", change, instead_of: { framework: "other" } });
});

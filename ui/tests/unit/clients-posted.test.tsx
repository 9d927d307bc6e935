/** A client that events are posted to, on the page of clients. */
import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import type { ClientAdd, ClientConfig, ClientEdit, TargetStatus } from "../../src/generated/schema";
import { clientStanding } from "../../src/state/client";
import { config, obedient, waiting } from "../fixtures/clients";
import { account, NOW, node } from "../fixtures/parts";
import { calls, drawer } from "../pages";
import { scenario, show } from "../render";

const URL = "http://127.0.0.1:8081/onebot";

const target = (differs: Partial<TargetStatus> = {}): TargetStatus => ({
  address: URL,
  state: "open",
  since_ms: NOW,
  retry_in_s: null,
  failures: 0,
  problem: null,
  posts: { paused: false, again: false, delivered: 7, repeated: 0, unsure: 0, refused: 0 },
  ...differs,
});

const hook = (differs: Partial<TargetStatus> = {}) =>
  waiting({ name: "hook", kind: "post", listen: null, targets: [target(differs)] });

const page = (tab: string, differs: Partial<TargetStatus> = {}) => {
  const settings: ClientConfig = config({
    client: "hook",
    kind: "post",
    listen: null,
    url: URL,
    max_connections: 1,
  });
  return show(
    {
      ...scenario("clients-full"),
      status: node([account({ clients: [hook(differs)] })]),
      answers: { ...obedient(), client_settings: () => settings },
    },
    { path: `/clients/main/hook?tab=${tab}` },
  );
};

const paused = (code: string): Partial<TargetStatus> => ({
  state: "waiting",
  failures: 5,
  retry_in_s: 10,
  problem: { code, params: { seconds: 30 } },
  posts: { paused: true, again: false, delivered: 7, repeated: 4, unsure: 1, refused: 0 },
});

test("how it stands is what became of its events", () => {
  const of = { account: "main", online: true };
  const said = (differs: Partial<TargetStatus>) => {
    const { tone, word } = clientStanding(hook(differs), of, NOW);
    return [tone, word.code];
  };
  const refused = { state: "refused", problem: { code: "post.unsigned", params: { status: 403 } } };
  expect(said({})).toEqual(["ok", "state.post_taken"]);
  expect(said({ state: "dialling" })).toEqual(["busy", "state.post_trying"]);
  expect(said(paused("post.no_answer"))).toEqual(["you", "state.post_paused"]);
  expect(said(paused("post.nobody_here"))).toEqual(["idle", "state.post_paused"]);
  const failing = (code: string, again: boolean) => {
    const posts = { ...target().posts, paused: false, again } as TargetStatus["posts"];
    return said({ ...paused(code), posts });
  };
  expect(failing("post.nobody_here", true)).toEqual(["busy", "state.post_again"]);
  expect(failing("post.failed", false)).toEqual(["you", "state.post_failed"]);
  // What was lost while it had no queue does not make it slow.
  const back = { ...hook(), dropped_last_minute: 7 };
  expect(clientStanding(back, of, NOW).word.code).toBe("state.post_taken");
  const lossy = { ...hook(paused("post.no_answer")), dropped_last_minute: 7 };
  expect(clientStanding(lossy, of, NOW).word.code).toBe("state.post_paused");
  expect(said(refused as Partial<TargetStatus>)).toEqual(["bad", "state.framework_refused"]);
});

test("its row has its kind and where events go, its drawer why they are not taken", async () => {
  await page("connect", paused("post.no_answer"));
  const row = (await screen.findByRole("link", { name: "hook" })).closest("tr");
  expect(row?.textContent).toContain("Paused");
  expect(row?.textContent).toContain("HTTP POST");
  expect(row?.textContent).toContain(URL);
  const open = within(await drawer("hook"));
  expect(await open.findByText(`perpetua posts events to ${URL}`)).toBeDefined();
  expect(open.getByText(/gave no answer within 30 s/)).toBeDefined();
  expect(open.queryByRole("button", { name: "New token" })).toBeNull();
});

test("its address is changed in its settings", async () => {
  const { platform } = await page("settings");
  const open = within(await drawer("hook"));
  const field = await open.findByDisplayValue(URL);
  expect(open.queryByText("Connections at once")).toBeNull();
  await userEvent.clear(field);
  await userEvent.type(field, "http://127.0.0.1:8082/{Enter}");
  const made = calls<ClientEdit>(platform, "client_edit")[0];
  expect(made).toMatchObject({ client: "hook", change: { url: "http://127.0.0.1:8082/" } });
});

test("it is added with the address and the secret of its framework", async () => {
  const { platform } = await show(
    { ...scenario("clients-full"), answers: obedient() },
    { path: "/clients?add=true" },
  );
  const dialog = within(await screen.findByRole("dialog"));
  await userEvent.click(await dialog.findByRole("radio", { name: /NoneBot2/ }));
  await userEvent.click(dialog.getByRole("radio", { name: "HTTP POST" }));
  expect(dialog.getByDisplayValue("http://127.0.0.1:8090/onebot/v11/http")).toBeDefined();
  await userEvent.type(dialog.getByLabelText("Secret"), "s3cret");
  await userEvent.click(dialog.getByRole("button", { name: "Add and connect" }));
  const made = calls<ClientAdd>(platform, "client_add")[0];
  expect(made).toMatchObject({
    framework: "nonebot",
    kind: "post",
    url: "http://127.0.0.1:8090/onebot/v11/http",
    token: "s3cret",
  });
  expect(made?.listen).toBeUndefined();
});

test("its lines speak of a secret and of events that are taken", async () => {
  await page("connect", { state: "waiting", problem: { code: "post.nobody_here", params: {} } });
  const open = within(await drawer("hook"));
  await userEvent.click(await open.findByText("NoneBot2"));
  expect(await open.findByRole("button", { name: "Copy, secret included" })).toBeDefined();
  expect(open.getByRole("button", { name: "Show the secret" })).toBeDefined();
  expect(open.getByText(/this says “taken” once it has taken an event/)).toBeDefined();
  const row = (await screen.findByRole("link", { name: "hook" })).closest("tr");
  expect(within(row as HTMLElement).getByRole("button", { name: "Copy the secret" })).toBeDefined();
});

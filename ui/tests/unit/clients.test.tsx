import { act, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import type { ClientEdit, PortReport } from "../../src/generated/schema";
import { freeName } from "../../src/pages/clients/add";
import { onLoopback, portLine } from "../../src/pages/clients/port";
import { nextSort, rowsOf, wished } from "../../src/pages/clients/rows";
import { CallFailed } from "../../src/platform";
import { setClock } from "../../src/platform/clock";
import { toast } from "../../src/shell/toast";
import { CLIENTS, obedient, waiting } from "../fixtures/clients";
import { account, client, NOW, node } from "../fixtures/parts";
import { calls, drawer } from "../pages";
import { scenario, show } from "../render";

const names = async () =>
  (await screen.findAllByRole("row"))
    .slice(1)
    .map((row) => within(row).getByRole("link").textContent);

beforeEach(() => toast(null));

describe("the list", () => {
  test("has a row for each client with its state, address, token and numbers", async () => {
    await show(scenario("clients-full"));
    const slow = (await screen.findByRole("link", { name: "slowbot" })).closest("tr");
    expect(slow?.textContent).toContain("Too slow");
    expect(slow?.textContent).toContain("127.0.0.1:6702");
    expect(slow?.textContent).toContain("••••••");
    expect(slow?.textContent).not.toContain("b7c1a9e2");
    await waitFor(() =>
      expect(slow?.querySelector("[data-column=in]")?.textContent).toMatch(/^\d+$/),
    );
    expect(slow?.querySelector("[data-column=lost]")?.textContent).toBe("218");
    const taken = screen.getByRole("link", { name: "karin" }).closest("tr");
    expect(taken?.querySelector("[data-column=queued]")?.textContent).toBe("—");
    const leased = screen.getByRole("link", { name: "(leased)" }).closest("tr");
    expect(
      within(leased as HTMLElement).queryByRole("button", { name: "Copy the token" }),
    ).toBeNull();
  });

  test("does not ask for the size of letters each time it is drawn", async () => {
    const made = scenario("clients-full");
    const { platform } = await show(made);
    await names();
    const asked = vi.spyOn(window, "getComputedStyle");
    onTestFinished(() => asked.mockRestore());
    const ofPage = () =>
      asked.mock.calls.filter(([element]) => element === document.documentElement).length;
    const fewer = made.status?.accounts.slice(0, 1) ?? [];
    act(() => made.status && platform.become({ ...made.status, accounts: fewer }));
    expect(ofPage()).toBe(0);
    act(() => void window.dispatchEvent(new Event("resize")));
    expect(ofPage()).toBe(1);
  });

  test("sorts by any head, in the address, and back to the order of the settings", async () => {
    const { history } = await show(scenario("clients-full"));
    const settings = await names();
    await userEvent.click(await screen.findByRole("button", { name: "Name" }));
    expect(history.location.search).toContain("sort=name");
    expect((await names())[0]).toBe("karin");
    await userEvent.click(screen.getByRole("button", { name: "Name" }));
    expect((await names())[0]).toBe("slowbot");
    expect(screen.getByRole("columnheader", { name: "Name" }).getAttribute("aria-sort")).toBe(
      "descending",
    );
    await userEvent.click(screen.getByRole("button", { name: "Name" }));
    expect(await names()).toEqual(settings);
  });

  test("filters by account and state as the address says, and says when nothing fits", async () => {
    const { history } = await show(scenario("clients-full"), {
      path: "/clients?account=game&state=connected",
    });
    expect(await names()).toEqual(["nonebot"]);
    await userEvent.click(screen.getByRole("combobox", { name: "State" }));
    await userEvent.click(await screen.findByRole("option", { name: "Port taken" }));
    expect(await names()).toEqual(["karin"]);
    // Where it was to listen, though it could not.
    expect(screen.getByText("127.0.0.1:6710")).toBeDefined();
    history.push("/clients?account=sim&state=port_taken");
    await userEvent.click(await screen.findByRole("button", { name: "Show all" }));
    expect(await names()).toHaveLength(8);
  });

  test("only what is seen of a long list exists, and its length is told", async () => {
    const many = Array.from({ length: 300 }, (_, place) =>
      waiting({ name: `bot-${place}`, listen: `127.0.0.1:${7000 + place}` }),
    );
    await show({ ...scenario("clients-full"), status: node([account({ clients: many })]) });
    const table = await screen.findByRole("table");
    expect(table.getAttribute("aria-rowcount")).toBe("301");
    const rows = within(table).getAllByRole("link");
    expect(rows.length).toBeLessThan(60);
    expect(rows[0]?.closest("tr")?.getAttribute("aria-rowindex")).toBe("2");
  });

  test("Ctrl C copies the address of the row, the button its token", async () => {
    const { platform } = await show(scenario("clients-full"));
    const row = await screen.findByRole("link", { name: "koishi" });
    row.focus();
    await userEvent.keyboard("{Control>}c{/Control}");
    await waitFor(() =>
      expect(calls(platform, "clipboard_write")).toEqual([{ text: "127.0.0.1:6701" }]),
    );
    const said = await screen.findByText("127.0.0.1:6701", { selector: "[role=status] code" });
    expect(said.closest("[role=status]"), "it is read aloud").not.toBeNull();
    const cell = row.closest("tr") as HTMLElement;
    await userEvent.click(within(cell).getByRole("button", { name: "Copy the token" }));
    await waitFor(() => expect(calls(platform, "clipboard_write")).toHaveLength(2));
    expect(calls(platform, "token")).toEqual([{ account: "main", client: "koishi" }]);
  });

  test("Ctrl C leaves a marked text to be copied, and a copy that failed says why", async () => {
    const { platform } = await show({
      ...scenario("clients-full"),
      shellAnswers: { clipboard_write: () => Promise.reject(new CallFailed(null)) },
    });
    const row = await screen.findByRole("link", { name: "koishi" });
    row.focus();
    const marked = vi.spyOn(window, "getSelection");
    marked.mockReturnValue({ toString: () => "marked" } as Selection);
    await userEvent.keyboard("{Control>}c{/Control}");
    expect(calls(platform, "clipboard_write")).toEqual([]);
    marked.mockRestore();
    await userEvent.keyboard("{Control>}c{/Control}");
    expect(await screen.findByRole("button", { name: "Close" })).toBeDefined();
  });

  test("empty: it says what a client is and adds one; before anything is known it is not empty", async () => {
    await show(scenario("clients-empty"));
    expect(await screen.findByText("No client yet")).toBeDefined();
    await userEvent.click(
      screen.getAllByRole("button", { name: "Add a client" }).at(-1) as HTMLElement,
    );
    expect(await screen.findByRole("dialog", { name: "Add a client" })).toBeDefined();
  });

  test("nothing is called empty before anything is known", async () => {
    await show({ ...scenario("clients-empty"), status: null });
    await screen.findByRole("heading", { name: "Clients" });
    expect(screen.queryByText("No client yet")).toBeNull();
  });
});

describe("the drawer", () => {
  test("opens by Enter, is walked through with arrows, closes with Esc and gives the focus back", async () => {
    const { history } = await show(scenario("clients-full"));
    const first = await screen.findByRole("link", { name: "koishi" });
    first.focus();
    await userEvent.keyboard("{Enter}");
    expect(await drawer("koishi")).toBe(document.activeElement);
    expect(history.location.pathname).toBe("/clients/main/koishi");
    await userEvent.keyboard("{ArrowDown}");
    expect(await drawer("slowbot")).toBeDefined();
    await userEvent.keyboard("{ArrowUp}{ArrowUp}");
    expect(await drawer("nonebot")).toBeDefined();
    await userEvent.keyboard("{Escape}");
    await waitFor(() => expect(history.location.pathname).toBe("/clients"));
    await waitFor(() => expect(document.activeElement?.textContent).toBe("nonebot"));
  });

  test("other rows can be clicked meanwhile; the tab stays, and has an address", async () => {
    const { history } = await show(scenario("clients-connections"));
    await drawer("slowbot");
    await userEvent.click(screen.getByText("127.0.0.1:6712"));
    expect(await drawer("notify")).toBeDefined();
    expect(history.location.href).toContain("tab=connections");
    await userEvent.click(screen.getByRole("tab", { name: "Settings" }));
    expect(history.location.href).toContain("/clients/game/notify?tab=settings");
  });

  test("connections show queue, loss and busyness, and each is ended by itself", async () => {
    const { platform } = await show(scenario("clients-connections"));
    const panel = await drawer("slowbot");
    expect(within(panel).getByText("4,096 of 4,096, 9 MB")).toBeDefined();
    expect(within(panel).getByText(/Has not answered for 12 s/)).toBeDefined();
    expect(within(panel).getByText(/172.17.0.3:41876/)).toBeDefined();
    await userEvent.click(within(panel).getByRole("button", { name: "End" }));
    await userEvent.click(within(panel).getByRole("button", { name: "End all connections" }));
    expect(calls(platform, "client_cut")).toEqual([
      { account: "main", client: "slowbot", app_id: "a1" },
      { account: "main", client: "slowbot" },
    ]);
  });

  test("who was turned away stands there with what to do", async () => {
    await show(scenario("clients-refused"));
    const panel = await drawer("koishi");
    expect(within(panel).getAllByText(/172.17.0.2 came with a wrong token/)).not.toHaveLength(0);

    expect(within(panel).getByText(/3 times/)).toBeDefined();
  });

  test("beside the lines to copy it is said once who was turned away", async () => {
    // It was a few seconds ago.
    vi.useFakeTimers({ now: NOW, shouldAdvanceTime: true });
    setClock();
    onTestFinished(() => {
      vi.useRealTimers();
      setClock();
    });
    await show(scenario("clients-connect"));
    const panel = await drawer("koishi");
    await waitFor(() => expect(panel.textContent?.match(/with a wrong token/g)).toHaveLength(1));
  });

  test("the switch disables it; why that failed stands there", async () => {
    let fails = false;
    const { platform } = await show({
      ...scenario("clients-connect"),
      answers: {
        ...obedient(),
        set_client_enabled: () => {
          if (fails) throw new CallFailed(null);
          return { changes: [], pending: [] };
        },
      },
    });
    const panel = await drawer("koishi");
    await userEvent.click(within(panel).getByRole("switch", { name: "Frameworks may connect" }));
    expect(calls(platform, "set_client_enabled")).toEqual([
      { account: "main", client: "koishi", enabled: false },
    ]);
    fails = true;
    await userEvent.click(within(panel).getByRole("switch"));
    expect(await within(panel).findByRole("alert")).toBeDefined();
  });

  test("one that is gone says so, leased ports have connections alone", async () => {
    const { history } = await show(scenario("clients-full"), { path: "/clients/main/nobody" });
    expect(await screen.findByText("This client is not there any more")).toBeDefined();
    history.push("/clients/main/leased");
    expect(await drawer("(leased)")).toBeDefined();
    expect(screen.getAllByRole("tab").map(({ textContent }) => textContent)).toEqual([
      "Connections",
    ]);
    expect(screen.queryByRole("button", { name: "Remove" })).toBeNull();
  });

  test("without a connection what writes is off", async () => {
    await show(scenario("clients-disconnected"));
    const panel = await drawer("koishi");
    await waitFor(() =>
      expect(within(panel).getByRole<HTMLInputElement>("switch").disabled).toBe(true),
    );
    for (const name of ["Remove", "End all connections", "Add a client"]) {
      expect(screen.getByRole<HTMLButtonElement>("button", { name }).disabled).toBe(true);
    }
    await userEvent.click(within(panel).getByRole("tab", { name: "Settings" }));
    const field = await within(panel).findByRole<HTMLInputElement>("textbox", {
      name: "Heartbeat",
    });
    expect(field.disabled).toBe(true);
  });
});

describe("settings", () => {
  const field = (name: string) => screen.findByRole<HTMLInputElement>("textbox", { name });

  test("a number is saved with Enter, said, and taken back", async () => {
    const { platform } = await show(scenario("clients-settings"));
    const heartbeat = await field("Heartbeat");
    await userEvent.clear(heartbeat);
    await userEvent.type(heartbeat, "15{Enter}");
    expect(calls<ClientEdit>(platform, "client_edit")).toEqual([
      {
        account: "main",
        client: "koishi",
        change: { heartbeat_s: 15 },
        instead_of: { heartbeat_s: 5 },
      },
    ]);
    expect(await screen.findByText("Saved: Heartbeat is 15")).toBeDefined();
    await userEvent.click(screen.getByRole("button", { name: "Undo" }));
    expect(calls<ClientEdit>(platform, "client_edit").at(-1)).toMatchObject({
      change: { heartbeat_s: 5 },
      instead_of: { heartbeat_s: 15 },
    });
    expect(await screen.findByText("Taken back: Heartbeat")).toBeDefined();
  });

  test("megabytes are bytes in the call; a choice is saved at once; no number is not sent", async () => {
    const { platform } = await show(scenario("clients-settings"));
    const memory = await field("Memory of what waits, MB");
    expect(memory.value).toBe("64");
    await userEvent.clear(memory);
    await userEvent.type(memory, "128{Enter}");
    await userEvent.click(screen.getByRole("radio", { name: "End the connection" }));
    await userEvent.click(screen.getByRole("radio", { name: "CQ codes" }));
    const events = await field("Events that wait");
    await userEvent.clear(events);
    await userEvent.type(events, "many{Enter}");
    expect(await screen.findByText("Enter a number.")).toBeDefined();
    expect(calls<ClientEdit>(platform, "client_edit").map(({ change }) => change)).toEqual([
      { queue_bytes: 128_000_000 },
      { when_full: "disconnect" },
      { format: "string" },
    ]);
  });

  test("who was overtaken by another browser is told, sees theirs, and keeps what is typed", async () => {
    const made = scenario("clients-settings");
    const mine = await made.answers?.client_settings?.({ account: "main", client: "koishi" });
    if (!mine) throw new Error("it is answered");
    let isChanged = false;
    await show({
      ...made,
      answers: {
        ...obedient(),
        client_settings: () => (isChanged ? { ...mine, heartbeat_s: 9 } : mine),
        client_edit: () => {
          isChanged = true;
          throw new CallFailed({ code: "conflict", message: { code: "edit.changed_meanwhile" } });
        },
      },
    });
    const heartbeat = await field("Heartbeat");
    await userEvent.clear(heartbeat);
    await userEvent.type(heartbeat, "15{Enter}");
    expect((await screen.findByRole("alert")).textContent).toContain("was changed elsewhere");
    expect(await screen.findByText(/\b9\b/, { selector: "[role=status]" })).toBeDefined();
    expect(heartbeat.value).toBe("15");
  });

  test("what the settings refuse stands under its field, and nothing is saved", async () => {
    const wrong = { code: "config.out_of_range", params: { least: "1 s", most: "15 s" } };
    await show({
      ...scenario("clients-settings"),
      answers: {
        ...obedient(),
        client_edit: () => {
          throw new CallFailed({
            code: "invalid_settings",
            message: { code: "node.settings_invalid" },
            problems: [
              { line: 9, column: 1, path: "accounts[0].clients[1].heartbeat", message: wrong },
            ],
          });
        },
      },
    });
    const heartbeat = await field("Heartbeat");
    await userEvent.clear(heartbeat);
    await userEvent.type(heartbeat, "99{Enter}");
    expect((await screen.findByRole("alert")).textContent).toContain("15 s");
    expect(screen.queryByText(/^Saved/)).toBeNull();
  });

  test("an address is tested while it is typed, and saved when it is free", async () => {
    const { platform } = await show({
      ...scenario("clients-settings"),
      answers: {
        ...obedient(),
        port_check: ({ listen }): PortReport =>
          listen === "127.0.0.1:6710"
            ? { state: "taken", holder: null, next_free: "127.0.0.1:6711", beyond_loopback: false }
            : { state: "free", next_free: null, beyond_loopback: false },
      },
    });
    const address = await field("Address");
    await userEvent.clear(address);
    await userEvent.type(address, "127.0.0.1:6710");
    await userEvent.click(await screen.findByRole("button", { name: "Use 6711" }));
    expect(await screen.findByText("127.0.0.1:6711 is free")).toBeDefined();
    await userEvent.click(screen.getByRole("button", { name: "Use this address" }));
    expect(calls<ClientEdit>(platform, "client_edit")[0]?.change).toEqual({
      listen: "127.0.0.1:6711",
    });
    expect(calls(platform, "port_check").at(-1)).toEqual({
      listen: "127.0.0.1:6711",
      account: "main",
      client: "koishi",
    });
  });
});

describe("values", () => {
  test("a name that is free is the framework's with a number", () => {
    expect(freeName("koishi", [])).toBe("koishi");
    expect(freeName("koishi", ["koishi", "koishi-2"])).toBe("koishi-3");
    expect(freeName("other", ["bot"])).toBe("bot-2");
  });

  test("every report of a port has its line", () => {
    const rest = { next_free: null, beyond_loopback: false };
    const problem = { code: "port.not_allowed", params: { address: "127.0.0.1:80" } };
    const lines: [PortReport, string, string][] = [
      [{ state: "free", ...rest }, "ok", "client.port_free"],
      [{ state: "ours", account: "main", client: null, ...rest }, "bad", "client.port_held"],
      [{ state: "taken", holder: null, ...rest }, "bad", "client.port_taken"],
      [{ state: "unusable", problem, ...rest }, "bad", "port.not_allowed"],
    ];
    for (const [report, tone, code] of lines) {
      const line = portLine(report, "127.0.0.1:80");
      expect([line.tone, line.said.code]).toEqual([tone, code]);
    }
    expect(onLoopback("[::]:6700")).toBe("127.0.0.1:6700");
  });

  test("rows count what came last, and are sorted by numbers, not by letters", () => {
    const rates = {
      main: {
        account: "main",
        events: 0,
        responses: 0,
        clients: [{ client: "nonebot", sent: 0, dropped: 9, actions: 0, refusals: 0, queued: 11 }],
      },
    };
    const rows = rowsOf(CLIENTS, { history: new Map(), rates }, NOW);
    expect(rows[0]).toMatchObject({ queued: 11, lost: 9, inPerMinute: null });
    const queued = wished(rows, { sort: "-queued" }).map((row) => row.queued);
    expect(queued.slice(0, 2)).toEqual([4096, 11]);
    const status = node([
      account({
        clients: [client({ listen: "127.0.0.1:10000" }), client({ listen: "127.0.0.1:6700" })],
      }),
    ]);
    const sorted = wished(rowsOf(status, { history: new Map(), rates: {} }, NOW), {
      sort: "address",
    });
    expect(sorted[0]?.client.listen).toBe("127.0.0.1:6700");
    expect(nextSort({ sort: "-name" }, "name")).toBeUndefined();
    expect(wished(rows, { sort: "token" })).toHaveLength(rows.length);
  });
});

test("on a phone, where the drawer is the whole page, it says that the connection is lost", async () => {
  const matchMedia = vi.spyOn(window, "matchMedia").mockImplementation((query) => {
    const matches = query.includes("max-width: 37");
    const nobody = () => undefined;
    const list = { matches, media: query, addEventListener: nobody, removeEventListener: nobody };
    return list as unknown as MediaQueryList;
  });
  const { platform } = await show(scenario("clients-connect"));
  const open = await drawer("koishi");
  act(() => platform.stand({ state: "lost", attempt: 3, retryAt: NOW + 5000 }));
  expect(await within(open).findByText(/^Connection to perpetua lost/)).toBeDefined();
  matchMedia.mockRestore();
});

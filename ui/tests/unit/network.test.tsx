/** The settings of the network: leaving this computer, proxies, names; two who change the same. */
import { act, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import type { NetworkChange } from "../../src/generated/schema";
import { hostNames } from "../../src/pages/settings/network";
import { isLoopback } from "../../src/pages/settings/use-listening";
import { CallFailed } from "../../src/platform";
import { FULL } from "../fixtures/full";
import { keepingFile, keepingNetwork } from "../fixtures/settings";
import { calls } from "../pages";
import { scenario, show } from "../render";

/** What a test changes there is gone with it. */
const fresh = () => ({
  ...scenario("settings-network"),
  answers: { ...keepingFile(), ...keepingNetwork() },
});

test.each([
  ["127.0.0.1:8080", true],
  ["127.8.0.1:1", true],
  ["[::1]:8080", true],
  ["0.0.0.0:8080", false],
  ["[::]:8080", false],
  ["192.168.1.2:8080", false],
])("%s is of this computer alone: %s", (address, expected) => {
  expect(isLoopback(address)).toBe(expected);
});

test.each([
  ["", []],
  ["bot.example.com", ["bot.example.com"]],
  ["https://a.example/x, b.example:8443 a.example", ["a.example", "b.example"]],
  ["ａ.example；b.example、c", ["a.example", "b.example", "c"]],
])("%s are the names %s", (typed, names) => {
  expect(hostNames(typed)).toEqual(names);
});

const field = (name: string) => screen.findByRole<HTMLInputElement>("textbox", { name });

test("leaving this computer takes a second click, and the first one changes nothing", async () => {
  const { platform } = await show(fresh());
  const open = await screen.findByRole("switch", { name: "Let other devices open this page" });
  await userEvent.click(open);
  expect(
    await screen.findByText("Not in effect yet: it opens only when you confirm"),
  ).toBeDefined();
  expect(document.activeElement?.textContent).toBe("Leave it closed");
  await userEvent.keyboard("{Enter}");
  await waitFor(() => expect(open).toHaveProperty("checked", false));
  expect(calls(platform, "network_edit")).toEqual([]);

  await userEvent.click(open);
  await userEvent.click(await screen.findByRole("button", { name: "I understand, open it" }));
  expect(await screen.findByText("Saved: address 0.0.0.0:8080")).toBeDefined();
  expect(calls(platform, "network_edit")).toEqual([
    {
      change: { listen: "0.0.0.0:8080" },
      instead_of: { listen: "127.0.0.1:8080" },
      opens: true,
      keeps_host: "localhost",
    },
  ]);
  expect(screen.getByText(/^Now it is 127.0.0.1:8080; the other address/)).toBeDefined();
  await userEvent.click(open);
  expect(await screen.findByText("Saved: address 127.0.0.1:8080")).toBeDefined();
  expect(calls(platform, "network_edit").at(-1)).toMatchObject({ opens: false });
});

test("an address that is typed and leaves this computer is asked about, too", async () => {
  const { platform } = await show(fresh());
  const address = await field("Address of this page and the API");
  await userEvent.clear(address);
  await userEvent.type(address, "192.168.1.7:9000{Enter}");
  expect(await screen.findByText("It would listen on 192.168.1.7:9000")).toBeDefined();
  expect(calls(platform, "network_edit")).toEqual([]);
  await userEvent.click(screen.getByRole("button", { name: "I understand, open it" }));
  await waitFor(() =>
    expect(calls(platform, "network_edit")).toMatchObject([
      { change: { listen: "192.168.1.7:9000" }, opens: true },
    ]),
  );
});

test.each([
  ["0.0.0.0:8080", "127.0.0.1:8080", "http://<IP>:8080", /from the next start of perpetua$/],
  ["192.168.1.5:8080", "127.0.0.1:8080", "http://192.168.1.5:8080", /from the next start/],
  ["0.0.0.0:8080", "0.0.0.0:8080", "http://<IP>:8080", /^Other devices can open this page$/],
])("with %s, and %s for now, others are told %s", async (listen, now, address, said) => {
  await show({
    ...scenario("settings-network"),
    status: { ...FULL, api: `http://${now}` },
    answers: { ...keepingFile(), ...keepingNetwork({ listen }) },
  });
  expect(await screen.findByText(said)).toBeDefined();
  expect(screen.getByText(address)).toBeDefined();
});

test("what is no address is refused, and asks nobody whether it may be opened", async () => {
  const refusal = { code: "edit.listen_address", params: {} };
  const { platform } = await show({
    ...fresh(),
    answers: {
      ...fresh().answers,
      network_edit: () => Promise.reject(new CallFailed({ code: "bad_request", message: refusal })),
      port_check: () => ({ state: "free", next_free: null, beyond_loopback: false }),
    },
  });
  const address = await field("Address of this page and the API");
  for (const typed of ["abc", "1.2.3", "10.0.0.1:"]) {
    const before = calls(platform, "network_edit").length;
    await userEvent.clear(address);
    await userEvent.type(address, `${typed}{Enter}`);
    await waitFor(() => expect(calls(platform, "network_edit").length).toBe(before + 1));
    expect(screen.queryByText(/^Not in effect yet/), typed).toBeNull();
  }
  expect(await screen.findByRole("alert")).toBeDefined();
  await userEvent.clear(address);
  await userEvent.type(address, "0.0.0.0:8080{Enter}");
  expect(await screen.findByText(/^Not in effect yet/)).toBeDefined();
  expect(screen.queryByRole("alert"), "what was wrong is typed anew").toBeNull();
  await userEvent.click(screen.getByRole("button", { name: "Leave it closed" }));
  expect((await field("Address of this page and the API")).value).toBe("127.0.0.1:8080");
});

test("what was refused stands at its field until it is changed, whatever else is saved", async () => {
  const refusal = { code: "edit.listen_address", params: {} };
  const kept = keepingNetwork();
  const network_edit = (params: { change: NetworkChange }) =>
    "download_proxy" in params.change
      ? Promise.reject(new CallFailed({ code: "bad_request", message: refusal }))
      : kept.network_edit?.(params as never);
  await show({ ...fresh(), answers: { ...keepingFile(), ...kept, network_edit } as never });
  const proxy = await field("Proxy for downloads");
  await userEvent.clear(proxy);
  await userEvent.type(proxy, "socks5://127.0.0.1:1080{Enter}");
  const refused = await screen.findByRole("alert");
  const hosts = await field("Host names it can be opened at");
  await userEvent.type(hosts, " my.example{Enter}");
  expect(await screen.findByText(/^Saved/)).toBeDefined();
  expect(screen.getByRole("alert").textContent).toBe(refused.textContent);
});

test("a port that another program has is not taken: perpetua would not start again", async () => {
  const { platform } = await show({
    ...fresh(),
    answers: {
      ...fresh().answers,
      port_check: () => ({
        state: "taken",
        holder: "nginx (pid 7)",
        next_free: "127.0.0.1:9001",
        beyond_loopback: false,
      }),
    },
  });
  const address = await field("Address of this page and the API");
  await userEvent.clear(address);
  await userEvent.type(address, "9000{Enter}");
  const alert = await screen.findByRole("alert");
  expect(alert.textContent).toContain("127.0.0.1:9000 is in use by nginx (pid 7)");
  expect(address).toHaveProperty("value", "9000");
  expect(calls(platform, "network_edit")).toEqual([]);
});

test("proxies, names and ports are saved when their fields are left, and taken back", async () => {
  const { platform } = await show(fresh());
  const type = async (name: string, text: string) => {
    await userEvent.clear(await field(name));
    if (text) await userEvent.type(await field(name), text);
    await userEvent.tab();
  };
  await type("Proxy for downloads", "http://127.0.0.1:1");
  expect(await screen.findByText("Saved: another address for “Proxy for downloads”")).toBeDefined();
  await userEvent.click(screen.getByText("Undo"));
  expect(await screen.findByText(/^Undone/)).toBeDefined();
  await waitFor(async () =>
    expect(await field("Proxy for downloads")).toHaveProperty("value", "http://127.0.0.1:7890"),
  );
  await type("Proxy for downloads", "");
  expect(await screen.findByText("Saved: no address for “Proxy for downloads”")).toBeDefined();
  await type("Host names it can be opened at", "https://bot.example.com/x， my.example");
  expect(await screen.findByText(/it can be opened at bot.example.com, my.example/)).toBeDefined();
  await type("Ports that are leased", "18100 – 18110");
  expect(await screen.findByText("Saved: ports 18100-18110 are leased")).toBeDefined();
  await type("Proxy to signers", "http://127.0.0.1:2");
  await screen.findByText("Saved: another address for “Proxy to signers”");
  expect(
    calls(platform, "network_edit").map((edit) => (edit as { change: unknown }).change),
  ).toEqual([
    { download_proxy: "http://127.0.0.1:1" },
    { download_proxy: "http://127.0.0.1:7890" },
    { download_proxy: "" },
    { hosts: ["bot.example.com", "my.example"] },
    { lease_ports: "18100-18110" },
    { sign_proxy: "http://127.0.0.1:2" },
  ]);
});

test("a proxy with a password is not shown again, and can be taken away", async () => {
  const { platform } = await show(fresh());
  const proxy = await field("Proxy for downloads");
  await userEvent.clear(proxy);
  await userEvent.type(proxy, "me:hunter2@127.0.0.1:7890{Enter}");
  await waitFor(() => expect(proxy).toHaveProperty("placeholder", "kept as a secret"));
  await waitFor(() => expect(proxy).toHaveProperty("value", ""));
  expect(screen.queryByText("Undo")).toBeNull();
  expect(document.body.innerHTML).not.toContain("hunter2");
  await userEvent.click(screen.getByRole("button", { name: "Remove" }));
  await waitFor(() =>
    expect(calls(platform, "network_edit").at(-1)).toMatchObject({
      change: { download_proxy: "" },
      instead_of: { download_proxy: "download-proxy" },
    }),
  );
  await waitFor(() => expect(screen.queryByRole("button", { name: "Remove" })).toBeNull());
});

test.each([
  ["environment", "MY_PROXY", "Read from the environment variable MY_PROXY"],
  ["file", "/etc/proxy.txt", "Read from the file /etc/proxy.txt"],
] as const)("a proxy from the owner's %s names its place", async (kept, address, said) => {
  const network = keepingNetwork({ download_proxy: { address, kept } });
  await show({ ...fresh(), answers: { ...fresh().answers, ...network } });
  expect(await screen.findByText(said)).toBeDefined();
  expect(await field("Proxy for downloads")).toHaveProperty("value", "");
});

test("the name of this page goes only with a second click, and Undo asks, too", async () => {
  const network = keepingNetwork({ hosts: ["localhost", "my.example"] });
  const { platform } = await show({ ...fresh(), answers: { ...fresh().answers, ...network } });
  const hosts = await field("Host names it can be opened at");
  await userEvent.clear(hosts);
  await userEvent.type(hosts, "my.exmaple{Enter}");
  expect((await screen.findByRole("alert")).textContent).toContain("opened this page as localhost");
  await userEvent.click(screen.getByRole("button", { name: "Keep the name" }));
  await waitFor(() => expect(screen.queryByRole("alert")).toBeNull());
  expect(hosts).toHaveProperty("value", "my.exmaple");
  await userEvent.type(hosts, "{Enter}");
  await userEvent.click(await screen.findByRole("button", { name: "Remove it all the same" }));
  expect(await screen.findByText("Saved: it can be opened at my.exmaple")).toBeDefined();
  expect(calls(platform, "network_edit").at(-1)).not.toHaveProperty("keeps_host");
});

test("what somebody else has changed since is not taken back", async () => {
  const made = fresh();
  const { platform } = await show(made);
  const ports = await field("Ports that are leased");
  await userEvent.type(ports, "18100-18110{Enter}");
  const undo = await screen.findByText("Undo");
  await made.answers.network_edit?.({ change: { lease_ports: "1-2" }, opens: false });
  await userEvent.click(undo);
  expect((await screen.findByRole("alert")).textContent).toContain("was changed elsewhere");
  expect(calls(platform, "network_edit").at(-1)).toMatchObject({
    change: { lease_ports: "" },
    instead_of: { lease_ports: "18100-18110" },
  });
});

test("what somebody else has changed meanwhile is not overwritten unseen, and what is typed stays", async () => {
  const network = keepingNetwork({ download_proxy: null });
  const theirs = { address: "http://127.0.0.1:5", kept: "settings" as const };
  let isChanged = false;
  await show({
    ...fresh(),
    answers: {
      ...fresh().answers,
      ...network,
      network_read: async () => {
        const kept = await network.network_read?.({});
        if (!kept) throw new Error("it is answered");
        return isChanged ? { ...kept, download_proxy: theirs } : kept;
      },
      network_edit: () => {
        isChanged = true;
        throw new CallFailed({ code: "conflict", message: { code: "edit.changed_meanwhile" } });
      },
    },
  });
  const proxy = await field("Proxy for downloads");
  await userEvent.type(proxy, "http://127.0.0.1:6{Enter}");
  const alert = await screen.findByRole("alert");
  expect(alert.textContent).toContain("was changed elsewhere meanwhile");
  expect(await screen.findByText(/http:\/\/127.0.0.1:5/)).toBeDefined();
  expect(proxy).toHaveProperty("value", "http://127.0.0.1:6");
});

test.each([
  [true, /^Saved: ports 18100-18110/],
  [false, /perpetua did not answer, and this was not saved/],
])(
  "a change that nobody answered was carried out (%s), and the page says so once it knows",
  async (isDone, said) => {
    const network = keepingNetwork({ lease_ports: null });
    let isAway = false;
    const { platform } = await show({
      ...fresh(),
      answers: {
        ...fresh().answers,
        ...network,
        network_read: (params) => {
          if (isAway) throw new CallFailed(null);
          return network.network_read?.(params) as never;
        },
        network_edit: async (params) => {
          isAway = true;
          if (isDone) await network.network_edit?.(params);
          throw new CallFailed(null);
        },
      },
    });
    const ports = await field("Ports that are leased");
    await userEvent.type(ports, "18100-18110{Enter}");
    expect((await screen.findByRole("alert")).textContent).toContain("perpetua did not answer");
    expect(ports).toHaveProperty("value", "18100-18110");
    isAway = false;
    // It is there again.
    act(() => platform.become({ ...FULL }));
    expect(await screen.findByText(said)).toBeDefined();
    expect(ports).toHaveProperty("value", "18100-18110");
    expect(screen.queryAllByRole("alert")).toHaveLength(isDone ? 0 : 1);
  },
);

import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, test } from "vitest";
import type { ClientAdd, ClientEdit } from "../../src/generated/schema";
import { CallFailed } from "../../src/platform";
import { toast } from "../../src/shell/toast";
import { config, obedient } from "../fixtures/clients";
import { calls, drawer } from "../pages";
import { scenario, show } from "../render";

beforeEach(() => toast(null));

describe("adding", () => {
  /** The dialog, once a free port is known. */
  const dialog = async () => {
    await screen.findByDisplayValue("127.0.0.1:6703");
    return screen.findByRole("dialog", { name: "Add a client" });
  };
  const addButton = () =>
    screen.findByRole<HTMLButtonElement>("button", { name: "Add and connect" });

  test("by keyboard alone: framework, name and a free port are there, Enter adds and opens the drawer", async () => {
    const { platform, history } = await show(scenario("clients-full"));
    (await screen.findByRole("button", { name: "Add a client" })).focus();
    await userEvent.keyboard("{Enter}");
    await dialog();
    await waitFor(() => expect(document.activeElement?.textContent).toContain("NoneBot2"));
    await userEvent.keyboard("{ArrowRight}");
    expect(screen.getByRole("radio", { name: /Koishi/ }).getAttribute("aria-checked")).toBe("true");
    const name = screen.getByRole<HTMLInputElement>("textbox", { name: "Name" });
    expect(name.value).toBe("koishi-2");
    await waitFor(async () => expect((await addButton()).disabled).toBe(false));
    await userEvent.tab();
    await userEvent.tab();
    expect(document.activeElement).toBe(name);
    fireEvent.keyDown(name, { key: "Enter", keyCode: 229 });
    expect(calls(platform, "client_add")).toEqual([]);
    await userEvent.keyboard("{Enter}");
    await waitFor(() =>
      expect(history.location.href).toContain("/clients/main/koishi-2?tab=connect"),
    );
    expect(calls<ClientAdd>(platform, "client_add")).toEqual([
      { account: "main", name: "koishi-2", framework: "koishi", listen: "127.0.0.1:6703" },
    ]);
    expect(screen.queryByRole("dialog")).toBeNull();
  });

  test("a taken port says whose it is and offers the next one", async () => {
    await show(scenario("clients-add"));
    await dialog();
    const address = screen.getByRole("textbox", { name: "Address" });
    await userEvent.clear(address);
    await userEvent.type(address, "127.0.0.1:6701");
    expect(
      await screen.findByText("127.0.0.1:6701 is in use by main/koishi; 6703 is free"),
    ).toBeDefined();
    expect((await addButton()).disabled).toBe(true);
    await userEvent.click(screen.getByRole("button", { name: "Use 6703" }));
    expect(await screen.findByText("127.0.0.1:6703 is free")).toBeDefined();
    await waitFor(async () => expect((await addButton()).disabled).toBe(false));
  });

  test("what is asked about while typing is what is added: a port alone, an input method's colon", async () => {
    const { platform } = await show(scenario("clients-add"));
    await dialog();
    const address = screen.getByRole("textbox", { name: "Address" });
    await userEvent.clear(address);
    await userEvent.type(address, "localhost：6720 ");
    expect(await screen.findByText("127.0.0.1:6720 is free")).toBeDefined();
    await userEvent.click(await addButton());
    expect(calls<ClientAdd>(platform, "client_add")[0]?.listen).toBe("127.0.0.1:6720");
  });

  test("leaving this machine takes a second click on plain words", async () => {
    const { platform } = await show(scenario("clients-add"));
    await dialog();
    const address = screen.getByRole<HTMLInputElement>("textbox", { name: "Address" });
    const open = async () => {
      await userEvent.clear(address);
      await userEvent.type(address, "0.0.0.0:6720");
      return screen.findByText(/the whole internet, unencrypted/);
    };
    await open();
    expect((await addButton()).disabled).toBe(true);
    await userEvent.click(screen.getByRole("button", { name: "Keep it on this computer" }));
    expect(address.value).toBe("127.0.0.1:6720");
    await open();
    await userEvent.click(screen.getByRole("button", { name: "I understand, open it" }));
    await userEvent.click(await addButton());
    expect(calls<ClientAdd>(platform, "client_add")[0]?.listen).toBe("0.0.0.0:6720");
  });

  test("a name that is there already, and a refusal, are said; Esc closes only what is untouched", async () => {
    const message = { code: "node.settings_conflict" };
    const { history } = await show({
      ...scenario("clients-add"),
      answers: {
        ...obedient(),
        client_add: () => Promise.reject(new CallFailed({ code: "bad_request", message })),
      },
    });
    await dialog();
    const name = screen.getByRole("textbox", { name: "Name" });
    await userEvent.clear(name);
    await userEvent.type(name, "koishi");
    expect(await screen.findByText(/has a client/)).toBeDefined();
    await userEvent.type(name, "é");
    expect(screen.queryByText(/has a client/)).toBeNull();
    expect((await addButton()).disabled).toBe(true);
    await userEvent.type(name, "{Backspace}-b");
    await waitFor(async () => expect((await addButton()).disabled).toBe(false));
    await userEvent.click(await addButton());
    expect(await within(await dialog()).findByRole("alert")).toBeDefined();
    await userEvent.keyboard("{Escape}");
    expect(await dialog()).toBeDefined();
    await userEvent.click(screen.getByRole("button", { name: "Cancel" }));
    await waitFor(() => expect(history.location.href).toBe("/clients"));
  });

  test("AstrBot waits to be dialled: its address and its token are asked for, and no port", async () => {
    const { platform } = await show(scenario("clients-add"));
    await dialog();
    await userEvent.click(screen.getByRole("radio", { name: /AstrBot/ }));
    expect(screen.queryByRole("textbox", { name: "Address" })).toBeNull();
    const url = screen.getByRole<HTMLInputElement>("textbox", { name: "The framework's address" });
    expect(url.value).toBe("ws://127.0.0.1:6199/ws");
    await userEvent.type(screen.getByLabelText("Token"), "s3cret");
    await userEvent.click(await addButton());
    expect(calls<ClientAdd>(platform, "client_add")).toEqual([
      { account: "main", name: "astrbot", framework: "astrbot", url: url.value, token: "s3cret" },
    ]);
  });

  test("a framework that calls over HTTP is added as one", async () => {
    const { platform } = await show(scenario("clients-add"));
    await dialog();
    await userEvent.click(screen.getByRole("radio", { name: /Other/ }));
    await userEvent.click(screen.getByRole("radio", { name: "HTTP" }));
    await waitFor(async () => expect((await addButton()).disabled).toBe(false));
    await userEvent.click(await addButton());
    expect(calls<ClientAdd>(platform, "client_add")).toMatchObject([
      { account: "main", name: "bot", framework: "other", kind: "http" },
    ]);
  });
});

describe("removing", () => {
  test("asks with the safe answer focused, and puts everything back for ten seconds", async () => {
    let made = false;
    const { platform, history } = await show({
      ...scenario("clients-connect"),
      answers: {
        ...obedient(),
        client_settings: () =>
          made
            ? config()
            : config({
                enabled: false,
                max_connections: 3,
                when_full: "disconnect",
                format: "string",
              }),
        client_add: () => {
          made = true;
          return { account: "main", client: "koishi", applied: { changes: [], pending: [] } };
        },
      },
    });
    const panel = await drawer("koishi");
    await userEvent.click(within(panel).getByRole("button", { name: "Remove" }));
    const question = await screen.findByRole("dialog", { name: "Remove koishi?" });
    await waitFor(() => expect(document.activeElement?.textContent).toBe("Cancel"));
    await userEvent.click(within(question).getByRole("button", { name: "Remove koishi" }));
    await waitFor(() => expect(history.location.pathname).toBe("/clients"));
    expect(calls(platform, "client_remove")).toEqual([{ account: "main", client: "koishi" }]);

    await userEvent.click(await screen.findByRole("button", { name: "Undo" }));
    await waitFor(() => expect(calls(platform, "set_client_enabled")).toHaveLength(1));
    expect(calls<ClientAdd>(platform, "client_add")).toEqual([
      {
        account: "main",
        name: "koishi",
        framework: "other",
        listen: "127.0.0.1:6701",
        profile: "standard",
        token: "b7c1a9e2f04d4f7fa1f0c3d2e5a69788",
      },
    ]);
    expect(calls<ClientEdit>(platform, "client_edit")[0]?.change).toEqual({
      max_connections: 3,
      when_full: "disconnect",
      format: "string",
    });
  });

  test("what cannot be removed or put back says why", async () => {
    let fails = true;
    await show({
      ...scenario("clients-connect"),
      answers: {
        ...obedient(),
        client_remove: () => {
          if (fails) throw new CallFailed(null);
          return { changes: [], pending: [] };
        },
        client_add: () => {
          throw new CallFailed({
            code: "conflict",
            message: { code: "port.not_allowed", params: { address: "127.0.0.1:6701" } },
          });
        },
      },
    });
    await userEvent.click(within(await drawer("koishi")).getByRole("button", { name: "Remove" }));
    const question = await screen.findByRole("dialog", { name: "Remove koishi?" });
    await userEvent.click(within(question).getByRole("button", { name: "Remove koishi" }));
    expect(await within(question).findByRole("alert")).toBeDefined();
    fails = false;
    await userEvent.click(within(question).getByRole("button", { name: "Remove koishi" }));
    await userEvent.click(await screen.findByRole("button", { name: "Undo" }));
    expect((await screen.findByRole("alert")).textContent).toContain("127.0.0.1:6701");
  });
});

/** Ways out that a newcomer looks for: of a dialog, of the setup, of a download that a proxy refuses. */
import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import type { CoreJob } from "../../src/generated/schema";
import { FULL } from "../fixtures/full";
import { account, node } from "../fixtures/parts";
import { calls } from "../pages";
import { scenario, show } from "../render";

const AGAIN = "Press Esc again to discard what you entered.";

/** Each with a field that is changed in it. */
const DIALOGS: [string, string, string][] = [
  ["signers-add", "Add a signer", "Name"],
  ["signers-change", "New address of old", "Address of a signer"],
  ["clients-add", "Add a client", "Name"],
];

test.each(DIALOGS)(
  "in %s Esc asks before it discards, and a key takes that back",
  async (...of) => {
    const [name, title, label] = of;
    await show(scenario(name));
    const dialog = within(await screen.findByRole("dialog", { name: title }));
    const field = await dialog.findByLabelText(label);
    await userEvent.type(field, "x");
    await userEvent.keyboard("{Escape}");
    expect(screen.getByText(AGAIN)).toBeDefined();
    expect(document.activeElement?.textContent).toBe("Cancel");
    await userEvent.type(field, "y");
    expect(screen.queryByText(AGAIN)).toBeNull();
    await userEvent.keyboard("{Escape}{Escape}");
    await waitFor(() => expect(screen.queryByRole("dialog", { name: title })).toBeNull());
  },
);

test.each(DIALOGS)("in %s where nothing was changed one Esc is enough", async (...of) => {
  const [name, title] = of;
  await show(scenario(name));
  await screen.findByRole("dialog", { name: title });
  await userEvent.keyboard("{Escape}");
  await waitFor(() => expect(screen.queryByRole("dialog", { name: title })).toBeNull());
});

const START = "/welcome/start";

test.each([
  ["the key", () => userEvent.keyboard("{Escape}")],
  ["the button", () => userEvent.click(screen.getByRole("button", { name: "Leave the setup" }))],
])("whoever has accounts leaves the page that adds one, by %s", async (_, leave) => {
  const { history } = await show({ status: FULL, path: START });
  await screen.findByRole("button", { name: "Leave the setup" });
  await leave();
  await waitFor(() => expect(history.location.pathname).toBe("/"));
});

test("without an account there is nowhere to go, and nothing that says so", async () => {
  const { history } = await show({ status: node([]), path: START });
  await screen.findByRole("button", { name: "Next" });
  expect(screen.queryByRole("button", { name: "Leave the setup" })).toBeNull();
  await userEvent.keyboard("{Escape}");
  expect(history.location.pathname).toBe(START);
});

test("a second simulator is made only when somebody says so", async () => {
  const simulator = account({ name: "sim", nickname: null });
  simulator.upstream.kind = "simulator";
  const { platform } = await show({
    status: node([simulator]),
    path: START,
    answers: { account_add: () => ({ account: "sim-2", applied: { changes: [], pending: [] } }) },
  });
  await userEvent.click(await screen.findByRole("radio", { name: /Simulator|Try/ }));
  await userEvent.click(screen.getByRole("button", { name: "Next" }));
  const asked = within(await screen.findByRole("dialog", { name: "Add another simulator?" }));
  expect(asked.getByText("sim")).toBeDefined();
  await userEvent.click(asked.getByRole("button", { name: "Cancel" }));
  expect(calls(platform, "account_add")).toEqual([]);
  await userEvent.click(screen.getByRole("button", { name: "Next" }));
  await userEvent.click(await screen.findByRole("button", { name: "Add it" }));
  await waitFor(() => expect(calls(platform, "account_add")).toHaveLength(1));
});

test("a download that the owner's proxy refuses names the proxy, and leads to where it is changed", async () => {
  const job: CoreJob = {
    state: "failed",
    problem: {
      code: "install.proxy_failed",
      params: { proxy: "http://127.0.0.1:7890", cause: { code: "io.connection_refused" } },
    },
  };
  const { history } = await show({ ...scenario("core"), events: [{ event: "core_job", job }] });
  const said = "The download proxy http://127.0.0.1:7890 does not work: the connection was refused";
  const told = await screen.findAllByText((_, element) => element?.textContent === said);
  expect(told.filter(({ tagName }) => tagName === "P")).toHaveLength(1);
  await userEvent.click(screen.getByRole("link", { name: "Change the proxy" }));
  await waitFor(() => expect(history.location.pathname).toBe("/settings/network"));
});

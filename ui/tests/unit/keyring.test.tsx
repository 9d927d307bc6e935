import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { account, client, node } from "../fixtures/parts";
import { SHELL } from "../fixtures/shell";
import { show } from "../render";

const LOCKED = { code: "secret.keyring_locked", params: { reason: "no prompt" } };
const status = node([account({ clients: [client({ problem: LOCKED })] })]);
const path = "/clients/main/nonebot";

test("a keyring that does not open is tried again, or left for a file after a question", async () => {
  const { platform } = await show({ status, shell: SHELL, path });
  await userEvent.click(await screen.findByText("Try again"));
  expect(platform.called).toContainEqual({ name: "retry_failed", params: {} });
  await userEvent.click(screen.getByText("Keep secrets in a file instead"));
  expect(await screen.findByText(/frameworks that have a token need a new one/)).toBeDefined();
  expect(platform.called.some(({ name }) => name === "node_retry")).toBe(false);
  await userEvent.click(screen.getByText("Use the file"));
  await waitFor(() =>
    expect(platform.called).toContainEqual({ name: "node_retry", params: { way: "secrets_file" } }),
  );
});

test("a page in a browser says how it is done by hand", async () => {
  await show({ status, path });
  await waitFor(() => expect(document.body.textContent).toContain('secrets = "file"'));
  expect(screen.queryByText("Keep secrets in a file instead")).toBeNull();
});

/** What a system or a library said in its own words is told wherever a page says why something failed. */
import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeAll, expect, test } from "vitest";
import { CallFailed } from "../../src/platform";
import { FULL } from "../fixtures/full";
import { node } from "../fixtures/parts";
import { shell } from "../fixtures/shell";
import { scenario, show } from "../render";

const OWN = "Cannot allocate memory (os error 12)";
const INNER = { code: "io.other", params: { text: OWN } };

function fails(): never {
  const message = { code: "signer.unreachable", params: { text: INNER } };
  throw new CallFailed({ code: "internal", message });
}

/** The cause, once for each who is told it. */
async function isTold(among: ReturnType<typeof within> = screen) {
  expect((await among.findAllByText(OWN)).length).toBeGreaterThan(0);
  expect(among.getAllByText(/another error/).length).toBeGreaterThan(0);
}

beforeAll(() => {
  // The test's page has no top layer.
  HTMLDialogElement.prototype.showModal = function (this: HTMLDialogElement) {
    this.open = true;
  };
});

test("when a core from elsewhere is refused", async () => {
  const core = scenario("core");
  await show({ ...core, answers: { ...core.answers, core_install: fails } });
  await userEvent.click(await screen.findByRole("button", { name: "Import a file" }));
  await userEvent.click(screen.getByLabelText("File, folder or address"));
  await userEvent.paste("/tmp/core.tar.gz");
  await userEvent.keyboard("{Enter}");
  await isTold(within(await screen.findByRole("dialog")));
});

test("when an old installation is not taken over", async () => {
  await show({ status: node([]), answers: { import: fails }, path: "/welcome/import" });
  await userEvent.click(await screen.findByLabelText("Folder"));
  await userEvent.paste("/opt/lagrange");
  await userEvent.keyboard("{Enter}");
  await isTold();
});

test("when a sign-in fails", async () => {
  const { platform } = await show({
    ...scenario("sign-in"),
    signIn: { status: { signed_in: false, locked_s: null } },
  });
  const { browser } = platform;
  if (!browser) throw new Error("there is no browser");
  browser.signIn = async () => fails();
  await userEvent.type(await screen.findByLabelText("Token"), "s3cret{Enter}");
  await isTold();
});

test("when nothing is copied", async () => {
  await show({ status: FULL, shell: shell({}), shellAnswers: { clipboard_write: fails } });
  const [copy] = await screen.findAllByRole("button", { name: /^Copy the address of/ });
  if (!copy) throw new Error("nothing is copied here");
  await userEvent.click(copy);
  await isTold();
});

test("when a problem's button does not end it", async () => {
  const problems = [{ code: "secret.keyring_locked", params: { reason: "no prompt" } }];
  await show({
    status: { ...FULL, problems },
    answers: { retry_failed: fails },
  });
  await userEvent.click(await screen.findByRole("button", { name: "Try again" }));
  await isTold();
});

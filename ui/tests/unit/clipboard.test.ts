import { afterEach, expect, test, vi } from "vitest";
import { copyText } from "../../src/components/clipboard";
import { FakePlatform } from "../fake-platform";
import { SHELL } from "../fixtures/shell";

const inBrowser = new FakePlatform({ status: null });

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  document.body.replaceChildren();
});

/** What a browser without a secure context has. */
function insecure(works: boolean): () => string {
  vi.stubGlobal("navigator", { ...navigator, clipboard: undefined });
  let copied = "";
  document.execCommand = () => {
    copied = works ? (document.querySelector("textarea")?.value ?? "") : "";
    return works;
  };
  return () => copied;
}

test("in the window the program does it, and a refusal is no success", async () => {
  const platform = new FakePlatform({ status: null, shell: SHELL });
  expect((await copyText(platform, async () => "secret")).state).toBe("copied");
  expect(platform.called).toEqual([{ name: "clipboard_write", params: { text: "secret" } }]);
  const refusing = new FakePlatform({
    status: null,
    shell: SHELL,
    shellAnswers: {
      clipboard_write: () => {
        throw new Error("no clipboard");
      },
    },
  });
  expect((await copyText(refusing, "secret")).state).toBe("failed");
});

test("in a secure page the text is promised within the click, however late it comes", async () => {
  const written: unknown[] = [];
  class Item {
    constructor(readonly data: Record<string, Promise<Blob>>) {}
  }
  vi.stubGlobal("ClipboardItem", Item);
  const write = async ([item]: Item[]) => {
    written.push(await (await item?.data["text/plain"])?.text());
  };
  vi.stubGlobal("navigator", { ...navigator, clipboard: { write } });
  let give = (_: string) => {};
  const late = new Promise<string>((resolve) => {
    give = resolve;
  });
  const copied = copyText(inBrowser, () => late);
  give("token");
  expect((await copied).state).toBe("copied");
  expect(written).toEqual(["token"]);
});

test("without a secure context it is copied from a field, which is gone afterwards", async () => {
  const copied = insecure(true);
  expect((await copyText(inBrowser, "127.0.0.1:6700")).state).toBe("copied");
  expect(copied()).toBe("127.0.0.1:6700");
  expect(document.querySelector("textarea")).toBeNull();
});

test("where even that is refused the text stays selected for the person's own keys", async () => {
  insecure(false);
  expect((await copyText(inBrowser, "127.0.0.1:6700")).state).toBe("by_hand");
  const field = document.querySelector("textarea");
  expect(document.activeElement).toBe(field);
  expect(field?.value.slice(field.selectionStart, field.selectionEnd)).toBe("127.0.0.1:6700");
});

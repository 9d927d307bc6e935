import { render } from "@testing-library/react";
import { expect, test } from "vitest";
import { WordsProvider } from "../../src/words/context";
import { load } from "../../src/words/language";
import { Name, Said, Sentence } from "../../src/words/said";

async function html(text: string, language: "en" | "zh-CN" = "en"): Promise<string> {
  const words = await load(language);
  const { container } = render(
    <WordsProvider first={words}>
      <Sentence text={text} />
    </WordsProvider>,
  );
  return container.innerHTML;
}

test("what stands in backticks is code, and one alone is a letter", async () => {
  expect(await html("the port `6700` of `main`")).toBe(
    "the port <code>6700</code> of <code>main</code>",
  );
  expect(await html("it`s")).toBe("it`s");
  expect(await html("`a` and `b")).toBe("<code>a</code> and `b");
});

test("markup from outside is text", async () => {
  expect(await html("<b>x</b>")).toBe("&lt;b&gt;x&lt;/b&gt;");
});

test("Chinese within an English sentence is told to be Chinese, and nowhere else", async () => {
  expect(await html("QQ said: “你的账号，在别处登录”. Try again.")).toBe(
    'QQ said: “<span lang="zh-CN">你的账号，在别处登录</span>”. Try again.',
  );
  expect(await html("你的账号", "zh-CN")).toBe("你的账号");
});

test("a name cannot turn its line or hide letters, and its emoji stay whole", () => {
  const shown = (name: string) => render(<Name of={name} />).container.textContent;
  expect(shown("abc\u202edef")).toBe("abc\ufffddef");
  expect(shown("a\u200db")).toBe("a\ufffdb");
  expect(shown("👨‍👩‍👧‍👦 家")).toBe("👨‍👩‍👧‍👦 家");
  expect(shown("👩🏽‍🚀")).toBe("👩🏽‍🚀");
});

test("what a system or a library said in its own words stands beside the sentence", async () => {
  for (const language of ["en", "zh-CN"] as const) {
    const words = await load(language);
    const own = "Cannot allocate memory (os error 12)";
    const message = {
      code: "signer.unreachable",
      params: { text: { code: "io.other", params: { text: own } } },
    };
    const { container, unmount } = render(
      <WordsProvider first={words}>
        <Said message={message} />
      </WordsProvider>,
    );
    const apart = container.querySelector('[lang="en"]');
    expect(apart?.textContent).toBe(own);
    const sentence = container.textContent?.replace(own, "");
    expect(sentence).not.toContain("os error");
    expect(sentence).toContain(words.t("problem.in_own_words"));
    unmount();
  }
});

import { afterEach, expect, test } from "vitest";
import { chosen, load, preferred } from "../../src/words/language";
import { message } from "../../src/words/words";

const en = await load("en");
const zh = await load("zh-CN");

test("a sentence has its parameters, and a number chooses the plural", () => {
  expect(en.t("overview.accounts_online", { count: 1 })).toBe("1 account online");
  expect(en.t("overview.accounts_online", { count: 12847 })).toBe("12,847 accounts online");
  expect(zh.t("overview.accounts_online", { count: 1 })).toBe("1 个账号在线");
  expect(zh.t("state.confirm_long", { who: 123456789 })).toContain("123456789");
});

test("a message within a message is said, several are listed", () => {
  const inner = message("step.trial");
  expect(en.t("state.step_alone", { step: inner })).toBe("Installing the core: trial run.");
  const several = { code: "state.step_alone", params: { step: [inner, inner] } };
  expect(zh.say(several)).toBe("正在安装核心：试运行；试运行。");
});

test("words from outside cannot turn a line, hide letters, or name a parameter of ours", () => {
  const hostile = "a\u202eb\u200bc\n{{count}} $t(app.lost)";
  const said = en.t("state.kicked_long", { reason: hostile });
  expect(said).toContain("a\ufffdb\ufffdc\ufffd{{count}} $t(app.lost)");
});

test("a code of a newer program is shown with its parameters", () => {
  const said = zh.say({ code: "new.thing", params: { port: 6700, why: { code: "state.online" } } });
  expect(said).toBe("new.thing port=6700 why=在线");
});

test("the language follows the wish, then the system", () => {
  expect(chosen("en", ["zh-CN"])).toBe("en");
  expect(chosen("auto", ["fr", "zh-Hant-TW", "en"])).toBe("zh-CN");
  expect(chosen("auto", ["fr"])).toBe("en");
});

afterEach(() => {
  globalThis.perpetuaLanguage = undefined;
});

test("in the window the program says what the system speaks, whatever the view takes it for", () => {
  expect(preferred()).toEqual(navigator.languages);
  globalThis.perpetuaLanguage = navigator.language.startsWith("zh") ? "en" : "zh-CN";
  expect(chosen("auto", preferred())).toBe(globalThis.perpetuaLanguage);
});

test("no sentence of one language stands in the other", async () => {
  const { default: english } = await import("virtual:catalogue/en");
  const { default: chinese } = await import("virtual:catalogue/zh-CN");
  const all = (catalogue: typeof english) =>
    Object.entries(catalogue).flatMap(([namespace, sentences]) =>
      Object.entries(sentences).map(([key, text]) => [`${namespace}.${key}`, text] as const),
    );
  const mixed = all(english).filter(([, text]) => /\p{Script=Han}/u.test(text));
  expect(mixed).toEqual([]);
  const bare = (text: string) => text.replace(/\{\{.*?\}\}|`[^`]*`/g, "");
  const englishInChinese = all(chinese).filter(([, text]) =>
    /\b[a-z]+ [a-z]+ [a-z]+\b/.test(bare(text)),
  );
  expect(englishInChinese).toEqual([]);
});

test("a sentence that stands alone begins large, and a name stays as it is", () => {
  expect(en.alone({ code: "core.no_core" })).toMatch(/^No core/);
  expect(en.alone({ code: "node.shutting_down" })).toMatch(/^perpetua is/);
  const params = { address: "127.0.0.1:1" };
  expect(en.alone({ code: "port.in_use", params })).toMatch(/^`127/);
  expect(en.alone({ code: "chat.poked", params: { who: "ada" } })).not.toMatch(/^Ada/);
  expect(zh.alone({ code: "core.no_core" })).toBe(zh.say({ code: "core.no_core" }));
  expect(en.alone({ code: "new.thing" })).toBe("new.thing");
});

test("a page sends nobody to a terminal, also where it repeats what the terminal says", () => {
  const params = { peer: "::1", account: "main", client: "nonebot", address: ":1", program: "x" };
  const shared = [
    "refused.no_token",
    "refused.wrong_token",
    "refused.no_upstream_token",
    "refused.wrong_upstream_token",
    "port.in_use",
    "port.in_use_by",
    "port.not_allowed",
    "signer.none_configured",
    "signer.none_to_test",
    "core.not_allowed",
    "core.offline_memory",
    "core.memory_limit_raised",
    "link.wrong_token",
  ].map((code) => ({ code, params }));
  for (const words of [en, zh]) {
    for (const one of shared) {
      const nested = { code: "state.client_refused", params: { when: "5 s", why: one } };
      for (const text of [words.say(one), words.alone(one), words.say(nested)]) {
        expect(text).not.toMatch(/perpetuad|perpetua\.toml|\[\[|memory-limit|auto-install/);
        expect(text).not.toContain(`${one.code} `);
      }
    }
  }
});

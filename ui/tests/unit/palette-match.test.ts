import { expect, test } from "vitest";
import { initials } from "../../src/shell/palette/initials";
import { found } from "../../src/shell/palette/match";

test.each([
  ["客户端", "khd"],
  ["总览", "zl"],
  ["对话", "dh"],
  ["设置", "sz"],
  ["值班助手", "zbzs"],
  ["游戏群", "yxq"],
  ["签名服务器 mine", "qmfwqm"],
  ["重启 main 的核心", "zqmdhx"],
  ["阿八擦大恶发个和家卡拉妈那哦怕七然三他挖西呀杂", "abcdefghjklmnopqrstwxyz"],
  ["nonebot-dev", "nd"],
  ["", ""],
])("the letters of %s are %s", (text, letters) => {
  expect(initials(text)).toBe(letters);
});

const all = [
  { name: "总览", also: ["首页"] },
  { name: "客户端", also: ["clients", "控制端"] },
  { name: "设置", also: ["settings"] },
  { name: "nonebot-dev", also: ["sim", "127.0.0.1:6720"] },
  { name: "nonebot", also: ["main", "127.0.0.1:6700"] },
  { name: "复制 nonebot 的接入配置", also: ["main"] },
];
const names = (typed: string) => found(all, typed).map(({ name }) => name);

test.each([
  ["khd", "客户端"],
  ["kz", "客户端"],
  ["KHD", "客户端"],
  ["客户", "客户端"],
  ["client", "客户端"],
  ["sy", "总览"],
  ["6720", "nonebot-dev"],
  ["nb-d", "nonebot-dev"],
  ["fz none", "复制 nonebot 的接入配置"],
  ["none main", "nonebot"],
])("%s finds %s first", (typed, name) => {
  expect(names(typed)[0]).toBe(name);
});

test("a name that is what was typed comes before longer ones", () => {
  expect(names("nonebot")).toEqual(["nonebot", "nonebot-dev", "复制 nonebot 的接入配置"]);
});

test("without anything typed all are there, in their order; what fits nothing is not", () => {
  expect(names("  ")).toEqual(all.map(({ name }) => name));
  expect(names("bot xyz")).toEqual([]);
  expect(names("tob")).toEqual([]);
});

test("common characters at the edge of each letter belong to it", () => {
  const edges =
    "奥八不擦错搭多额二发付嘎过哈货几军卡阔拉落妈木拿诺哦欧怕普七群然若撒所他拖挖误西训压运杂做";
  const letters = "abbccddeeffgghhjjkkllmmnnooppqqrrssttwwxxyyzz";
  expect(initials(edges)).toBe(letters);
});

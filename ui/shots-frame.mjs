import { spawn } from "node:child_process";
import { createServer } from "node:http";
import { mkdirSync, mkdtempSync, writeFileSync, rmSync } from "node:fs";
import { createInterface } from "node:readline";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

const OUT = "/tmp/shots/frame";
mkdirSync(OUT, { recursive: true });
const program = "../target/debug/perpetuad";
const refusing = createServer((_, answer) => answer.writeHead(200).end("hi"));
refusing.on("upgrade", (_, socket) => socket.end("HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n"));
await new Promise((ready) => refusing.listen(0, "127.0.0.1", ready));
const port = refusing.address().port;
const dir = mkdtempSync(join(tmpdir(), "shots-"));
const c = (name, keys) => `[[accounts.clients]]\nname = "${name}"\n${keys}\n`;
writeFileSync(join(dir, "s.txt"), "s3cret");
writeFileSync(join(dir, "perpetua.toml"), `secrets = "file"\n[api]\nlisten = "127.0.0.1:0"\n[[accounts]]\nname = "main"\n[accounts.upstream]\nkind = "simulator"\n`
 + c("koishi", `kind = "forward"\nlisten = "127.0.0.1:0"\nframework = "koishi"`)
 + c("open", `kind = "forward"\nlisten = "127.0.0.1:0"\ntoken = "off"`)
 + c("astrbot", `kind = "reverse"\nurl = "ws://127.0.0.1:6199/ws"\nframework = "astrbot"\nformat = "string"`)
 + c("nonebot", `kind = "reverse"\nurl = "ws://127.0.0.1:${port}/onebot/v11/ws"\nframework = "nonebot"\ntoken = { file = "s.txt" }`)
 + c("script", `kind = "http"\nlisten = "127.0.0.1:0"`)
 + c("hook", `kind = "post"\nurl = "http://127.0.0.1:8099/onebot/v11/http"\nframework = "nonebot"\nsecret = { file = "s.txt" }`));
const node = spawn(program, ["--data-dir", dir], { stdio: ["ignore", "pipe", "inherit"] });
const lines = createInterface({ input: node.stdout });
await new Promise((ready) => lines.on("line", (line) => line.startsWith("ready") && ready()));
const link = async () => {
  const ui = spawn(program, ["--data-dir", dir, "ui"]);
  let text = "";
  for await (const chunk of ui.stdout) text += chunk;
  return text.match(/http:\/\/\S+/)[0];
};
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
try {
  for (const [locale, theme] of [["zh-CN", "light"], ["zh-CN", "dark"], ["en-US", "light"], ["en-US", "dark"]]) {
    const context = await browser.newContext({ locale, colorScheme: theme, viewport: { width: 1180, height: 900 }, reducedMotion: "reduce" });
    const page = await context.newPage();
    await page.goto(await link());
    await page.waitForTimeout(2500);
    const base = new URL(page.url()).origin;
    const shot = async (name) => { await page.waitForTimeout(700); await page.screenshot({ path: join(OUT, `${name}.${locale}.${theme}.png`) }); };
    const go = async (path) => { await page.goto(base + path); await page.waitForTimeout(900); };
    await go("/clients"); await shot("table");
    const frameworks = ["nonebot", "koishi", "astrbot", "other"];
    for (const framework of frameworks) {
      await go("/clients?add=true");
      await page.locator(`[id="framework ${framework}"]`).click();
      await shot(`add-${framework}`);
      const ways = await page.locator('[role=dialog] [role=radiogroup] input[type=radio]').count();
      const labels = page.locator('[role=dialog] label:has(+ *), [role=dialog] .mantine-SegmentedControl-label');
      const n = await labels.count();
      for (let i = 1; i < n && framework === "other"; i += 1) {
        await labels.nth(i).click().catch(() => null);
        await shot(`add-${framework}-way${i}`);
      }
      if (framework === "koishi" || framework === "astrbot") {
        await page.getByRole("button", { name: /更多选项|More options/ }).click();
        await shot(`add-${framework}-more`);
      }
    }
    for (const client of ["koishi", "open", "astrbot", "nonebot", "script", "hook"]) {
      await go(`/clients/main/${client}?tab=connect`); await shot(`drawer-${client}`);
    }
    await go("/clients/main/nonebot?tab=connect");
    await page.getByRole("button", { name: /立即测试|Test now/ }).click();
    await page.waitForTimeout(200);
    await shot("test-nonebot");
    await page.locator('[role=complementary], aside, [role=dialog]').last().evaluate((e) => { for (const x of e.querySelectorAll("*")) if (x.scrollHeight > x.clientHeight + 40) x.scrollTop = 1e6; });
    await shot("test-nonebot-end");
    await go("/clients/main/hook?tab=connect");
    await page.getByRole("button", { name: /测试地址|Test the address/ }).click();
    await shot("test-hook");
    await go("/clients/main/koishi?tab=settings"); await shot("settings-koishi");
    await context.close();
  }
} finally {
  await browser.close();
  node.kill();
  refusing.closeAllConnections();
  refusing.close();
  setTimeout(() => rmSync(dir, { recursive: true, force: true }), 1500);
}

/** A real `perpetuad` with a data folder of its own. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The program under test. */
export function program(): string {
  const named = process.env["PERPETUA_TEST_PERPETUAD"];
  if (!named) throw new Error("`cargo xtask test` names the program in PERPETUA_TEST_PERPETUAD");
  return named;
}

/** One account, on the simulator. */
const SIMULATOR = '[[accounts]]\nname = "main"\n[accounts.upstream]\nkind = "simulator"\n';

/** The node listens where it did before when it is started again, as an installed one does. */
export class Node {
  #process: ChildProcess | null = null;
  address = "";

  private constructor(private readonly folder: string) {}

  /** One with these accounts. */
  static async start(accounts = SIMULATOR): Promise<Node> {
    const node = new Node(mkdtempSync(join(tmpdir(), "perpetua-web-")));
    const listen = (address: string) =>
      writeFileSync(
        join(node.folder, "perpetua.toml"),
        `secrets = "file"\n[api]\nlisten = "${address}"\n${accounts}`,
      );
    listen("127.0.0.1:0");
    await node.again();
    listen(new URL(node.address).host);
    return node;
  }

  /** One on a data folder that is somebody else's. */
  static async on(folder: string): Promise<Node> {
    const node = new Node(folder);
    await node.again();
    return node;
  }

  /** What `perpetua.toml` holds. */
  settings(): string {
    return readFileSync(join(this.folder, "perpetua.toml"), "utf8");
  }

  /** Writes it as somebody does with an editor, while the node runs. */
  writeSettings(text: string): void {
    writeFileSync(join(this.folder, "perpetua.toml"), text);
  }

  /** Every session that is kept has ended by its time; nobody may run meanwhile. */
  expireSessions(): void {
    const file = join(this.folder, "sessions.json");
    const sessions = JSON.parse(readFileSync(file, "utf8")) as { until: number }[];
    if (sessions.length === 0) throw new Error("nobody is signed in");
    writeFileSync(file, JSON.stringify(sessions.map((session) => ({ ...session, until: 1 }))));
  }

  /** Starts it, and waits until it can be opened. */
  async again(): Promise<void> {
    const started = spawn(program(), ["--data-dir", this.folder], {
      stdio: ["ignore", "pipe", "ignore"],
      env: { ...process.env, LC_ALL: "C.UTF-8" },
    });
    this.#process = started;
    for await (const line of createInterface({ input: started.stdout })) {
      if (!line.startsWith("ready api=")) continue;
      this.address = line.slice("ready api=".length);
      return;
    }
    throw new Error("perpetuad ended before it was ready");
  }

  /** Ends it in good order. */
  async stop(): Promise<void> {
    const ending = this.#process;
    if (!ending) return;
    this.#process = null;
    const ended = new Promise((resolve) => ending.once("exit", resolve));
    ending.kill("SIGTERM");
    await ended;
  }

  /** What `perpetuad ui` prints. */
  async ui(...options: string[]): Promise<{ link: string; token: string }> {
    const { stdout } = await run(program(), [
      "--data-dir",
      this.folder,
      "--lang",
      "en",
      "ui",
      ...options,
    ]);
    const [link = "", last = ""] = stdout.split("\n");
    return { link, token: last.split(" ").at(-1) ?? "" };
  }

  /** The token of a client of the first account, as the command line tells it. */
  async token(client: string): Promise<string> {
    const ask = async (...command: string[]) =>
      (await run(program(), ["--data-dir", this.folder, ...command])).stdout;
    const status = JSON.parse(await ask("status", "--json")) as { accounts: { name: string }[] };
    return (await ask("token", `${status.accounts[0]?.name}/${client}`)).trim();
  }

  async close(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** What stands around a node with an account that logs in. */
import { type ChildProcess, spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import { expect } from "vitest";
import { program } from "./node";

/** Releases, a signer and QQ, with a data folder that knows them. */
export class World {
  readonly #process: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor() {
    const beside = (name: string) =>
      join(dirname(program()), process.platform === "win32" ? `${name}.exe` : name);
    this.#process = spawn(beside("web-world"), {
      stdio: ["pipe", "pipe", "inherit"],
      env: { PERPETUA_TEST_FAKE_CORE: beside("fake-lagrange"), ...process.env },
    });
    const { stdout } = this.#process;
    if (!stdout) throw new Error("its output is a pipe");
    const lines: Interface = createInterface({ input: stdout });
    this.#lines = lines[Symbol.asyncIterator]();
  }

  async line(): Promise<string> {
    const { value, done } = await this.#lines.next();
    if (done) throw new Error("the world has ended");
    return value;
  }

  /** Does something, and waits until it is done. */
  async does(what: "code" | "scan" | "confirm" | "archive"): Promise<void> {
    this.#process.stdin?.write(`${what}\n`);
    expect(await this.line()).toBe(what);
  }

  /** Ends when nobody tells it anything any more. */
  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once("exit", resolve));
    this.#process.stdin?.end();
    await ended;
  }
}

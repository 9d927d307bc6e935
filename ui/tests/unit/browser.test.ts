// @vitest-environment node
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test, vi } from "vitest";
import type { Event } from "../../src/generated/schema";
import { CallFailed, type Link } from "../../src/platform";
import { browser } from "../../src/platform/browser";
import { jsonLines } from "../../src/platform/lines";

let server: Server | undefined;

afterEach(() => {
  vi.unstubAllGlobals();
  server?.closeAllConnections();
  server?.close();
});

/** A real server; the page's relative addresses lead to it. */
async function serve(answer: Parameters<typeof createServer>[1]): Promise<void> {
  server = createServer(answer);
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  vi.stubGlobal("fetch", (path: string, init: RequestInit) =>
    realFetch(`http://127.0.0.1:${port}${path}`, init),
  );
}

const realFetch = globalThis.fetch;

test("a call is posted as JSON, and its reply or its error comes back", async () => {
  await serve((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      if (request.url === "/rpc/start") {
        response.writeHead(404, { "Content-Type": "application/json" });
        const message = { code: "node.no_such_account", params: { account: "x" } };
        response.end(JSON.stringify({ code: "not_found", message }));
      } else {
        const body = Buffer.concat(chunks).toString();
        response.end(JSON.stringify({ seen: `${request.method} ${request.url} ${body}` }));
      }
    });
  });
  const platform = browser();
  const reply: unknown = await platform.call("token", { account: "main" });
  expect(reply).toEqual({ seen: 'POST /rpc/token {"account":"main"}' });
  const failed = await platform.call("start", { account: "x" }).catch((error: unknown) => error);
  expect(failed).toBeInstanceOf(CallFailed);
  expect((failed as CallFailed).error?.message.code).toBe("node.no_such_account");
});

test("what is no answer of perpetua is an unreachable perpetua", async () => {
  await serve((_, response) => response.writeHead(502).end("<html>bad gateway</html>"));
  const failed = await browser()
    .call("status", {})
    .catch((error: unknown) => error);
  expect((failed as CallFailed).error).toBeNull();
});

test("events come line by line, and a stream that ends is followed again", async () => {
  let streams = 0;
  await serve((request, response) => {
    expect(request.url).toBe("/rpc/events?topics=state%2Crates");
    streams += 1;
    response.write('{"event":"missed","cou');
    setTimeout(() => response.end(`nt":${streams}}\n\n{"event":"missed","count":9}\n`), 20);
  });
  const events: Event[] = [];
  const links: Link[] = [];
  const following = browser().follow(
    ["state", "rates"],
    (event) => events.push(event),
    (link) => links.push(link),
  );
  await vi.waitFor(() => expect(links.at(-1)?.state).toBe("lost"));
  expect(events).toEqual([
    { event: "missed", count: 1 },
    { event: "missed", count: 9 },
  ]);
  expect(links.map(({ state }) => state)).toEqual(["live", "lost"]);
  following.retry();
  await vi.waitFor(() => expect(streams).toBe(2));
  following.stop();
  const told = links.length;
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(links.length, "nothing is told after the end").toBe(told);
});

test("a letter that is cut in two arrives whole", async () => {
  const bytes = new TextEncoder().encode('{"a":"值班"}\n');
  const pieces = [bytes.slice(0, 7), bytes.slice(7, 8), bytes.slice(8)];
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      const piece = pieces.shift();
      if (piece) controller.enqueue(piece);
      else controller.close();
    },
  });
  const lines: unknown[] = [];
  for await (const line of jsonLines(body)) lines.push(line);
  expect(lines).toEqual([{ a: "值班" }]);
});

test("a stream that broke unheard is lost, one that is only quiet is not", async () => {
  vi.useFakeTimers();
  let state = "online";
  let reaches = true;
  let streams = 0;
  vi.stubGlobal("fetch", async (path: string, { signal }: RequestInit) => {
    if (!reaches) throw new TypeError("no network");
    if (!path.startsWith("/rpc/events")) {
      return new Response(JSON.stringify({ state, uptime_s: Math.random() }));
    }
    streams += 1;
    const silent = new ReadableStream({
      start: (body) => signal?.addEventListener("abort", () => body.error(signal.reason)),
    });
    return new Response(silent);
  });
  const links: Link["state"][] = [];
  const following = browser().follow(
    ["state"],
    () => undefined,
    ({ state }) => links.push(state),
  );
  await vi.advanceTimersByTimeAsync(120_000);
  expect(links, "it is quiet, and perpetua answers").toEqual(["live"]);
  state = "offline";
  await vi.advanceTimersByTimeAsync(22_000);
  expect(links, "it changed, and the stream did not say so").toEqual(["live", "lost", "live"]);
  reaches = false;
  await vi.advanceTimersByTimeAsync(20_100);
  expect(links.at(-1)).toBe("lost");
  expect(streams).toBe(2);
  following.stop();
  vi.useRealTimers();
});

test("only who is not signed in is sent to the sign-in, and is told whether time alone ended it", async () => {
  let answer = { status: 403, code: "forbidden", said: "http.cookie_without_origin" };
  await serve((_, response) => {
    response.writeHead(answer.status, { "Content-Type": "application/json" });
    const message = { code: answer.said, params: {} };
    response.end(JSON.stringify({ code: answer.code, message }));
  });
  const platform = browser();
  const told: string[] = [];
  platform.browser?.listen((news) => told.push(news));
  const said = async (): Promise<string | undefined> => {
    const failed = await platform.call("status", {}).catch((error: unknown) => error);
    return (failed as CallFailed).error?.message.code;
  };
  expect(await said()).toBe("http.cookie_without_origin");
  expect(told).toEqual([]);
  answer = { status: 401, code: "unauthorized", said: "http.session_over" };
  expect(await said()).toBe("http.session_over");
  answer = { status: 401, code: "unauthorized", said: "http.session_expired" };
  expect(await said()).toBe("http.session_expired");
  expect(told).toEqual(["signed_out", "expired"]);
});

test("a stream that is refused says why, for as long as it is", async () => {
  await serve((_, response) => {
    response.writeHead(403, { "Content-Type": "application/json" });
    const message = { code: "http.name_not_allowed", params: { host: "bot.example" } };
    response.end(JSON.stringify({ code: "forbidden", message }));
  });
  const links: Link[] = [];
  const lost = new Promise<void>((resolve) => {
    const following = browser().follow(
      ["state"],
      () => undefined,
      (link) => {
        links.push(link);
        following.stop();
        resolve();
      },
    );
  });
  await lost;
  expect(links).toMatchObject([
    { state: "lost", problem: { code: "http.name_not_allowed", params: { host: "bot.example" } } },
  ]);
});

/** perpetua in its own window: one command for every call, one channel for each stream of events. */
import { Channel, invoke } from "@tauri-apps/api/core";
import type { Event, RpcError } from "../generated/schema";
import type { ShellEvent } from "../generated/shell";
import { CallFailed, type Following, type Link, type Platform } from "./platform";
import { keepFollowing } from "./retry";

function asError(error: unknown): RpcError | null {
  const isOurs = typeof error === "object" && error !== null && "code" in error;
  return isOurs ? (error as RpcError) : null;
}

async function rpc<Reply>(name: string, params: object, events?: Channel<unknown>): Promise<Reply> {
  try {
    return await invoke<Reply>("rpc", { name, params, events: events ?? null });
  } catch (error) {
    throw new CallFailed(asError(error));
  }
}

/**
 * Follows in the channel. The command answers when the stream has ended; the first event, which the
 * snapshot is, says that it has begun.
 */
function follow(
  name: string,
  params: object,
  receive: (event: unknown) => void,
  link: (link: Link) => void,
): Following {
  return keepFollowing(async (signal, live) => {
    const stream = streamName();
    const unfollow = () => rpc("unfollow", { stream });
    const channel = new Channel<unknown>();
    let begun = false;
    channel.onmessage = (event) => {
      // It began after it had been left: the first farewell came too early.
      if (signal.aborted) return void unfollow().catch(() => undefined);
      if (!begun) live();
      begun = true;
      receive(event);
    };
    const left = new Promise<void>((resolve) => {
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
    await Promise.race([rpc(name, { ...params, stream }, channel), left]);
    if (signal.aborted) await unfollow();
  }, link);
}

/** A name that no stream of this page or of an earlier one has. */
function streamName(): string {
  return [...crypto.getRandomValues(new Uint32Array(4))].map((part) => part.toString(36)).join("-");
}

/** The page in our window. */
export function window(): Platform {
  return {
    kind: "window",
    call: (name, params) => rpc(name, params),
    follow: (topics, receive, link) =>
      follow("follow", { topics }, (event) => receive(event as Event), link),
    browser: null,
    shell: {
      call: (name, params) => rpc(name, params),
      follow: (receive) =>
        follow(
          "shell_follow",
          {},
          (event) => receive(event as ShellEvent),
          () => undefined,
        ).stop,
    },
  };
}

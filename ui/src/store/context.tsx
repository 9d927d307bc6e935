/** The store and the platform, for React. */
import { createContext, type ReactNode, use, useRef, useSyncExternalStore } from "react";
import type { AccountStatus, NodeStatus } from "../generated/schema";
import type { Platform } from "../platform";
import type { Session, SessionState } from "./session";
import type { Store } from "./store";
import type { View } from "./view";

type World = { platform: Platform; store: Store; session?: Session | null };

const Context = createContext<World | null>(null);

/** Gives everything inside the platform and its store. */
export function WorldProvider({ world, children }: { world: World; children: ReactNode }) {
  return <Context value={world}>{children}</Context>;
}

function useWorld(): World {
  const world = use(Context);
  if (!world) throw new Error("there is no world outside of WorldProvider");
  return world;
}

/** The window or the browser. */
export function usePlatform(): Platform {
  return useWorld().platform;
}

/** The store itself, for what it can be told; `useView` reads it. */
export function useStore(): Store {
  return useWorld().store;
}

/** Who is signed in; null in a window, where nobody has to. */
export function useSession(): Session | null {
  return useWorld().session ?? null;
}

const ALWAYS_IN: SessionState = { state: "in" };
const never = () => () => undefined;

/** Whether somebody is signed in here. */
export function useSessionState(): SessionState {
  const session = useSession();
  return useSyncExternalStore(session?.subscribe ?? never, session?.read ?? (() => ALWAYS_IN));
}

/**
 * A slice of what is known. The component is drawn again only when the slice is another one: by
 * identity, or by `equal` where the slice is made anew each time.
 */
export function useView<T>(
  slice: (view: View) => T,
  equal: (a: T, b: T) => boolean = Object.is,
): T {
  const { store } = useWorld();
  const last = useRef<{ value: T } | null>(null);
  return useSyncExternalStore(store.subscribe, () => {
    const value = slice(store.read());
    if (last.current && equal(last.current.value, value)) return last.current.value;
    last.current = { value };
    return value;
  });
}

/** Equal if all fields, or all items, are. */
export function sameParts<T extends object>(a: T, b: T): boolean {
  const [left, right] = [Object.entries(a), Object.entries(b)];
  return (
    left.length === right.length &&
    left.every(([key, value]) => Object.is(value, b[key as keyof T]))
  );
}

/** The whole snapshot; draws again with every change. */
export function useStatus(): NodeStatus | null {
  return useView((view) => view.status);
}

/** One account by its name. */
export function useAccount(name: string): AccountStatus | null {
  return useView((view) => view.status?.accounts.find((account) => account.name === name) ?? null);
}

/** Whether what is shown is true now: false while the connection is lost or nothing was heard yet. */
export function useIsLive(): boolean {
  return useView((view) => view.link.state === "live" && !view.remembered);
}

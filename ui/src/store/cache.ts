/** The last snapshot, kept for the next time the window opens: it is shown at once, marked as old. */
import type { NodeStatus } from "../generated/schema";

/** Where a snapshot outlives the page. */
export type Cache = {
  read: () => { status: NodeStatus; at: number } | null;
  keep: (status: NodeStatus, at: number) => void;
};

const KEY = "perpetua.snapshot";
/** A snapshot of another shape is not shown: this names the shape that the page was made for. */
const SHAPE = __SCHEMA__;
const EVERY_MS = 5000;

/** Without QR codes: a code is as good as a password and is never written anywhere. */
function withoutSecrets(status: NodeStatus): NodeStatus {
  const accounts = status.accounts.map((account) =>
    account.core?.state === "waiting_for_scan" ? { ...account, core: null } : account,
  );
  return { ...status, accounts };
}

/** Nothing of it stays where somebody else may use the browser. */
export function forgetSnapshot(storage: Storage): void {
  storage.removeItem(KEY);
}

/** Kept in the page's own storage, every few seconds at most. */
export function storageCache(storage: Storage): Cache {
  let keptAt = 0;
  return {
    read: () => {
      try {
        const kept = JSON.parse(storage.getItem(KEY) ?? "null");
        return kept?.shape === SHAPE ? { status: kept.status, at: kept.at } : null;
      } catch {
        return null;
      }
    },
    keep: (status, at) => {
      if (at - keptAt < EVERY_MS && at >= keptAt) return;
      keptAt = at;
      try {
        const kept = { shape: SHAPE, at, status: withoutSecrets(status) };
        storage.setItem(KEY, JSON.stringify(kept));
      } catch {
        // Without room the next start begins with an empty page.
      }
    },
  };
}

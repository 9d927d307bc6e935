/** The names of accounts, clients and signers: what the settings allow. */
import type { Message } from "../generated/schema";
import { message } from "./words";

const MOST = 32;

/** Why a name cannot be used; an empty one is somebody else's to judge. */
export function nameProblem(typed: string): Message | null {
  if (typed === "" || (typed.length <= MOST && /^[a-z0-9_][a-z0-9_-]*$/.test(typed))) return null;
  return message("app.name_rule", { most: MOST });
}

import type { Rolldown } from "vite";

/** The most that the first page may take, in bytes. */
export const LIMIT: number;
/** Each file of the first page with its compressed size, and the sum. */
export function firstPage(bundle: Rolldown.OutputBundle): {
  files: { name: string; bytes: number }[];
  bytes: number;
};

/** The installation of a core: how it stands, from the stream or from the last list of cores. */
import type { CoreJob, CoreProgress, CoreStep, Message } from "../../generated/schema";
import { holds } from "../../state/standing";
import { useCall } from "../../store/calls";
import { useView } from "../../store/context";
import { bytes } from "../../words/amounts";
import { message } from "../../words/words";

/** The job as it is now; null until anything was heard of it. */
export function useJob(): CoreJob | null {
  const told = useView((view) => view.job);
  const list = useCall("core_list", {});
  return told ?? list.data?.job ?? null;
}

/** What an installation goes through, as a person sees it. */
export type Stage = "find" | "download" | "unpack" | "try";

export const STAGES: Stage[] = ["find", "download", "unpack", "try"];

/** Nothing is looked for. */
export const UPLOAD_STAGES: Stage[] = ["download", "unpack", "try"];

const STAGE_OF: Record<CoreStep, Stage> = {
  preparing: "find",
  waiting_for_another: "find",
  looking_for_release: "find",
  uploading: "download",
  downloading: "download",
  // After it everything is looked for anew, whatever it was that failed.
  waiting_to_retry: "find",
  unpacking: "unpack",
  trial: "try",
};

/** Where an installation is. */
export function stageOf(step: CoreStep): Stage {
  return STAGE_OF[step];
}

/** What only an upload can fail with. */
const OF_UPLOAD = [
  "install.upload_empty",
  "install.upload_not_an_archive",
  "install.upload_too_large",
  "install.upload_broken_off",
  "install.upload_silent",
];

/** Whether a browser was sending the file when it failed. */
export function ofUpload(problem: Message): boolean {
  return holds(problem, ...OF_UPLOAD);
}

/** What only a file that was being loaded can fail with. */
const OF_DOWNLOAD = [
  "install.cut",
  "install.stalled",
  "install.mismatch",
  "install.other_file",
  "install.not_an_archive",
  "install.too_large",
  ...OF_UPLOAD,
];

/** Where an installation ended: as its reason tells, else where it was told to be last. */
export function stageOfFailure(problem: Message, lastStep: CoreStep | null): Stage {
  if (holds(problem, "install.trial_failed")) return "try";
  if (holds(problem, "install.archive_refused")) return "unpack";
  if (lastStep !== null) return stageOf(lastStep);
  return holds(problem, ...OF_DOWNLOAD) ? "download" : "find";
}

/** How much is there, of how much; null before anything is loaded. */
export function amountOf({ received, total }: CoreProgress): Message | null {
  if (received === 0) return null;
  return total === null
    ? message("setup.amount", { received: bytes(received) })
    : message("setup.amount_of", { received: bytes(received), total: bytes(total) });
}

/** The part that is there, from 0 to 1; null where it cannot be told. */
export function partOf({ received, total }: CoreProgress): number | null {
  return total === null || total === 0 ? null : Math.min(1, received / total);
}

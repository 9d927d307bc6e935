/** How an installation of a core goes, in words. */
import type { CoreProgress, CoreStep, Message } from "../generated/schema";
import { roughly } from "../words/amounts";
import { type Code, message } from "../words/words";
import { type Clock, left } from "./standing";

const MEGABYTE = 1_000_000;

const STEPS: Record<CoreStep, Code> = {
  preparing: "step.preparing",
  waiting_for_another: "step.waiting_for_another",
  looking_for_release: "step.looking_for_release",
  uploading: "step.uploading",
  downloading: "step.downloading",
  waiting_to_retry: "step.waiting_to_retry",
  unpacking: "step.unpacking",
  trial: "step.trial",
};

/** What an installation does. */
export function stepWord(step: CoreStep): Message {
  return { code: STEPS[step] };
}

/** What is being done, how much of it is there, and how long it will take. */
export function progressOf(progress: CoreProgress, clock: Clock): Message {
  const step = stepWord(progress.step);
  if (progress.step !== "downloading" || progress.total === null) {
    return message("state.step_alone", { step });
  }
  const received = Math.round(progress.received / MEGABYTE);
  const total = Math.round(progress.total / MEGABYTE);
  if (progress.remaining_s === null) return message("state.step_part", { step, received, total });
  const remaining = roughly(left(progress.remaining_s, clock));
  return message("state.step_left", { step, received, total, remaining });
}

/** The settings that the program keeps of itself, and changes that can be taken back. */
import { useRef, useState } from "react";
import type { Result } from "../../components/option";
import type { Message, Preferences, PreferencesEdit } from "../../generated/schema";
import { problemOf, useCall, useDo } from "../../store/calls";
import { useIsLive } from "../../store/context";
import { message } from "../../words/words";

/** What the sections need of it. */
export type Settings = {
  /** Null until the first answer. */
  preferences: Preferences | null;
  /** Nothing can be changed without a connection. */
  disabled: boolean;
  change: (edit: PreferencesEdit, what: Message) => void;
  result: Result | null;
  /** Why the last change was not made, or nothing could be read. */
  problem: Message | null;
  /** Reads them once more. */
  again: () => void;
};

/** As they are once an edit is done. */
function edited(preferences: Preferences, wanted: PreferencesEdit): Preferences {
  const { language, notification_kinds: kinds, quiet_hours: hours } = wanted;
  const isNone = hours?.from_minute === hours?.to_minute;
  const notifications = {
    kinds: kinds ?? preferences.notifications.kinds,
    quiet_hours: hours ? (isNone ? null : hours) : preferences.notifications.quiet_hours,
  };
  const updates = {
    check: wanted.update_check ?? preferences.updates.check,
    channel: wanted.update_channel ?? preferences.updates.channel,
  };
  return { ...preferences, language: language ?? preferences.language, notifications, updates };
}

/**
 * Reads them, and changes one at a time, in the order of the clicks. What is wished is shown until it
 * is known whether it came true, so that the next click is about what stands there.
 */
export function usePreferences(): Settings {
  const isLive = useIsLive();
  const { data, error, refetch } = useCall("preferences_read", {}, { enabled: isLive });
  const edit = useDo("preferences_edit", ["preferences_read"]);
  const [result, setResult] = useState<Result | null>(null);
  const [wished, setWished] = useState<PreferencesEdit>({});
  const before = useRef<Promise<unknown>>(Promise.resolve());
  const running = useRef(0);

  const change = async (wanted: PreferencesEdit, what: Message, undone = false) => {
    setResult(null);
    setWished((others) => ({ ...others, ...wanted }));
    running.current += 1;
    const done = before.current.catch(() => undefined).then(() => edit.run(wanted));
    before.current = done;
    try {
      const { applied, undo } = await done;
      const said = undone
        ? message("settings.undone", { what })
        : message("settings.saved", { what });
      const back = () => void change(undo, what, true);
      setResult({ said, pending: applied.pending, undo: undone ? undefined : back });
    } catch {
      // The reason is in `edit.problem`.
    }
    running.current -= 1;
    if (running.current === 0) setWished({});
  };
  return {
    preferences: data ? edited(data, wished) : null,
    disabled: !isLive,
    change: (wanted, what) => void change(wanted, what),
    result,
    again: () => void refetch(),
    problem: edit.problem ?? (error ? problemOf(error) : null),
  };
}

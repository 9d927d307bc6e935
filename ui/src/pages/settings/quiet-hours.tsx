/** A time of the day in which nothing is shown. */
import { useState } from "react";
import { Field } from "../../components/field";
import { SwitchRow } from "../../components/option";
import type { QuietHours as Hours, Message, PreferencesEdit } from "../../generated/schema";
import { useWords } from "../../words/context";
import { message } from "../../words/words";
import classes from "./settings.module.css";

/** When it is switched on: the night. */
const NIGHT: Hours = { from_minute: 23 * 60, to_minute: 8 * 60 };
/** Both alike mean that there are none. */
const NONE: Hours = { from_minute: 0, to_minute: 0 };

function clock(minute: number): string {
  const [hours, minutes] = [Math.floor(minute / 60), minute % 60];
  return `${String(hours).padStart(2, "0")}:${String(minutes).padStart(2, "0")}`;
}

/** Null for what is no time of a day. */
function minuteOf(typed: string): number | null {
  const [, hours, minutes] = /^([01]?\d|2[0-3])[:：]([0-5]\d)$/.exec(typed.trim()) ?? [];
  return hours === undefined ? null : Number(hours) * 60 + Number(minutes);
}

type Props = {
  hours: Hours | null;
  disabled: boolean;
  onChange: (edit: PreferencesEdit, what: Message) => void;
};

/** A switch, and two times while it is on. */
export function QuietHours({ hours, disabled, onChange }: Props) {
  const words = useWords();
  const save = (wanted: Hours) => {
    const [from, to] = [clock(wanted.from_minute), clock(wanted.to_minute)];
    const what =
      from === to
        ? message("settings.what_quiet_off")
        : message("settings.what_quiet_on", { from, to });
    onChange({ quiet_hours: wanted }, what);
  };
  return (
    <SwitchRow
      title={message("settings.quiet")}
      meaning={message("settings.quiet_meaning")}
      checked={hours !== null}
      disabled={disabled}
      onChange={(on) => save(on ? NIGHT : NONE)}
    >
      {hours ? (
        <div className={classes["hours"]}>
          <Time
            label={words.t("settings.quiet_from")}
            minute={hours.from_minute}
            disabled={disabled}
            onSave={(from_minute) => save({ ...hours, from_minute })}
          />
          <Time
            label={words.t("settings.quiet_to")}
            minute={hours.to_minute}
            disabled={disabled}
            onSave={(to_minute) => save({ ...hours, to_minute })}
          />
        </div>
      ) : null}
    </SwitchRow>
  );
}

type TimeProps = {
  label: string;
  minute: number;
  disabled: boolean;
  onSave: (minute: number) => void;
};

/** Written with 24 hours, whatever the system writes. */
function Time({ label, minute, disabled, onSave }: TimeProps) {
  const [isWrong, setWrong] = useState(false);
  const save = (typed: string) => {
    const wanted = minuteOf(typed);
    setWrong(wanted === null);
    if (wanted === null) return;
    if (wanted === minute) return Promise.resolve(true);
    onSave(wanted);
    return;
  };
  return (
    <Field
      label={label}
      value={clock(minute)}
      width={112}
      disabled={disabled}
      problem={isWrong ? message("settings.not_a_time") : null}
      onSave={save}
    />
  );
}

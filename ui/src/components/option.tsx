/** A row of settings: its name, one line of meaning, its control; and the line that says what a change did. */
import { Switch as MantineSwitch, UnstyledButton } from "@mantine/core";
import { type ReactNode, useEffect, useId, useState } from "react";
import type { Message } from "../generated/schema";
import { waiting, waitsForStart } from "../state/moving";
import { useWords } from "../words/context";
import { Said } from "../words/said";
import { Icon } from "./icon";
import classes from "./option.module.css";
import { RestartNow, useCanRestart } from "./restart-now";

/** A card of rows. */
export function Options({ label, children }: { label: string; children: ReactNode }) {
  return (
    <section className="card" aria-label={label}>
      {children}
    </section>
  );
}

type RowProps = {
  title: Message;
  /** A message, or a name that is the same in every language. */
  meaning?: Message | string | undefined;
  /** Why it cannot be what was asked for; stands under the control. */
  problem?: Message | null | undefined;
  /** The control; it gets the ids of what describes it. */
  control: (described: { "aria-labelledby": string; "aria-describedby": string }) => ReactNode;
  children?: ReactNode;
};

/** One setting. */
export function OptionRow({ title, meaning, problem, control, children }: RowProps) {
  const id = useId();
  const described = { "aria-labelledby": `${id}-title`, "aria-describedby": `${id}-meaning` };
  return (
    <div className={classes["row"]}>
      <div className={classes["line"]}>
        <div className="grow">
          <span id={`${id}-title`}>
            <Said message={title} />
          </span>
          <p id={`${id}-meaning`} className={classes["meaning"]}>
            {typeof meaning === "object" ? <Said message={meaning} alone /> : meaning}
          </p>
        </div>
        {control(described)}
      </div>
      {problem ? (
        <p className={classes["problem"]} role="alert">
          <Said message={problem} alone />
        </p>
      ) : null}
      {children}
    </div>
  );
}

type SwitchProps = Omit<RowProps, "control"> & {
  checked: boolean;
  onChange: (checked: boolean) => void;
  disabled?: boolean;
};

/** A setting that is on or off. */
export function SwitchRow({ checked, onChange, disabled = false, ...row }: SwitchProps) {
  return (
    <OptionRow
      {...row}
      control={(described) => (
        <Switch checked={checked} onChange={onChange} disabled={disabled} {...described} />
      )}
    />
  );
}

type BareSwitchProps = {
  checked: boolean;
  onChange: (checked: boolean) => void;
  disabled?: boolean;
  "aria-label"?: string;
  "aria-labelledby"?: string;
  "aria-describedby"?: string;
};

/** The switch alone. */
export function Switch({ checked, onChange, disabled = false, ...described }: BareSwitchProps) {
  return (
    <MantineSwitch
      {...described}
      classNames={{ track: classes["track"] ?? "", thumb: classes["thumb"] ?? "" }}
      checked={checked}
      disabled={disabled}
      withThumbIndicator={false}
      onChange={(event) => onChange(event.currentTarget.checked)}
    />
  );
}

/** What the last change did. `pending` has to wait for something. */
export type Result = { said: Message; pending?: Message[]; undo?: (() => void) | undefined };

const UNDO_MS = 30_000;

/** The line under a section; Undo is there for half a minute. */
export function ResultLine({ result }: { result: Result | null }) {
  const words = useWords();
  const canRestart = useCanRestart();
  const [over, setOver] = useState<Result | null>(null);
  useEffect(() => {
    if (!result?.undo) return;
    const timer = setTimeout(() => setOver(result), UNDO_MS);
    return () => clearTimeout(timer);
  }, [result]);
  const undo = over === result ? undefined : result?.undo;
  return (
    <div className={classes["result"]} role="status">
      {result ? (
        <>
          <span data-tone="ok" className={classes["said"]}>
            <Icon name="circle-check" size={16} />
            <Said message={result.said} />
          </span>
          {result.pending?.map((pending) => (
            <span key={pending.code} className="quiet">
              <Said message={waiting(pending)} />
            </span>
          ))}
          {canRestart && result.pending?.some(waitsForStart) ? <RestartNow /> : null}
          {undo ? (
            <UnstyledButton className={classes["undo"]} onClick={undo}>
              {words.t("app.undo")}
            </UnstyledButton>
          ) : null}
        </>
      ) : null}
    </div>
  );
}

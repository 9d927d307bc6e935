/** Settings that are typed: saved when the field is left, or with Enter. */
import { Field } from "../../components/field";
import { OptionRow } from "../../components/option";
import type { AccountChange, Message } from "../../generated/schema";
import { useIsLive } from "../../store/context";
import { Said } from "../../words/said";
import { message } from "../../words/words";
import type { Edit, Field as FieldName } from "./use-edit";

type Common = { title: Message; meaning: Message; field: FieldName; edit: Edit };

type TextProps = Common & {
  value: string;
  placeholder?: string;
  /** What is typed is not shown. */
  secret?: boolean;
  onSave: (typed: string) => Promise<boolean> | undefined;
};

/** A text. */
export function TextRow(props: TextProps) {
  const { title, meaning, field, edit, value, placeholder, secret = false, onSave } = props;
  const isLive = useIsLive();
  return (
    <OptionRow
      title={title}
      meaning={meaning}
      problem={edit.problemOf(field)}
      control={(described) => (
        <Field
          {...described}
          mono
          width="min(220px, 42vw)"
          value={value}
          disabled={!isLive}
          type={secret ? "password" : "text"}
          failed={edit.problemOf(field) !== null}
          onSave={onSave}
          {...(placeholder === undefined ? {} : { placeholder })}
        />
      )}
    />
  );
}

type NumberProps = Common & {
  unit: Message;
  value: number;
  least: number;
  most: number;
  /** 0 is taken as well, and means none. */
  orNone?: boolean;
  change: (value: number) => AccountChange;
  said: (value: number) => Message;
};

/** A whole number with its unit. */
export function NumberRow(props: NumberProps) {
  const { title, meaning, field, edit, unit, value, least, most, change, said } = props;
  const orNone = props.orNone ?? false;
  const isLive = useIsLive();
  const save = (typed: string) => {
    const number = Number(typed.trim());
    const isWithin = (number >= least && number <= most) || (orNone && number === 0);
    if (typed.trim() === "" || !Number.isInteger(number) || !isWithin) {
      const limits = { least, most };
      edit.refuse(
        field,
        orNone
          ? message("account.not_whole_or_none", limits)
          : message("account.not_whole", limits),
      );
      return;
    }
    return edit.save(field, change(number), said(number));
  };
  return (
    <OptionRow
      title={title}
      meaning={meaning}
      problem={edit.problemOf(field)}
      control={(described) => (
        <span className="row">
          <Field
            {...described}
            width={88}
            value={String(value)}
            disabled={!isLive}
            failed={edit.problemOf(field) !== null}
            onSave={save}
          />
          <span className="faint sm">
            <Said message={unit} />
          </span>
        </span>
      )}
    />
  );
}

/** The menu of what can happen besides messages, and the small form of each. */
import { Button, Menu, NumberInput, Popover, Select, TextInput, Tooltip } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { Icon } from "../../components/icon";
import { isComposing } from "../../components/keys";
import { Switch } from "../../components/option";
import type { Message } from "../../generated/schema";
import { problemOf, useDo } from "../../store/calls";
import { useIsLive } from "../../store/context";
import { useWords } from "../../words/context";
import { Said } from "../../words/said";
import type { Code } from "../../words/words";
import { message } from "../../words/words";
import {
  type EventKind,
  eventOf,
  type FieldName,
  type FormField,
  fitsIn,
  formOf,
  isWhole,
  MENU,
  type Scene,
  type Values,
  WORDS,
} from "./event-forms";
import classes from "./make-event.module.css";

const FIELD_WORDS: Record<FieldName, Code> = {
  user: "talk.field_user",
  target: "talk.field_target",
  operator: "talk.field_operator",
  message: "talk.field_message",
  duration: "talk.field_duration",
  name: "talk.field_name",
  size: "talk.field_size",
  comment: "talk.field_comment",
  enable: "talk.field_enable",
  group: "talk.field_group",
};

/** A button with a menu; what is chosen opens its form at the same place. */
export function MakeEvent({ account, scene }: { account: string; scene: Scene | null }) {
  const words = useWords();
  const isLive = useIsLive();
  const [kind, setKind] = useState<EventKind | null>(null);
  const label = words.t("talk.make_event");
  const close = () => setKind(null);
  const lists = scene
    ? MENU.map((list) => list.filter((one) => fitsIn(one, scene.chat))).filter(
        (list) => list.length > 0,
      )
    : [];
  return (
    <Popover
      opened={kind !== null}
      onChange={(opened) => (opened ? undefined : close())}
      position="bottom-end"
      trapFocus
      returnFocus
      withRoles={false}
    >
      <Popover.Target>
        <span>
          <Menu>
            <Tooltip label={isLive ? label : words.t("app.not_now")} disabled={isLive}>
              <Menu.Target>
                <Button
                  leftSection={<Icon name="bolt" size={16} />}
                  rightSection={<Icon name="chevron-down" size={14} />}
                  disabled={!isLive || scene === null}
                  className={classes["opener"] ?? ""}
                  aria-label={label}
                >
                  <span className={classes["word"]}>{label}</span>
                </Button>
              </Menu.Target>
            </Tooltip>
            <Menu.Dropdown>
              {lists.map((list, place) => (
                <div key={list.join()}>
                  {place > 0 ? <Menu.Divider /> : null}
                  {list.map((one) => (
                    <Menu.Item key={one} onClick={() => setKind(one)}>
                      {words.say({ code: WORDS[one] })}
                    </Menu.Item>
                  ))}
                </div>
              ))}
            </Menu.Dropdown>
          </Menu>
        </span>
      </Popover.Target>
      <Popover.Dropdown role="dialog" aria-label={kind ? words.say({ code: WORDS[kind] }) : label}>
        {kind && scene ? (
          <EventFields key={kind} account={account} kind={kind} scene={scene} onDone={close} />
        ) : null}
      </Popover.Dropdown>
    </Popover>
  );
}

type FieldsProps = { account: string; kind: EventKind; scene: Scene; onDone: () => void };

function EventFields({ account, kind, scene, onDone }: FieldsProps) {
  const words = useWords();
  const { run, running } = useDo("simulate");
  const [form, setForm] = useState(() => formOf(kind, scene));
  const [values, setValues] = useState<Values>(form.values);
  const [problem, setProblem] = useState<Message | null>(
    form.possible ? null : message("talk.impossible"),
  );
  const wrong = form.fields.some(
    ({ name, kind: what }) => what === "number" && !isWhole(values[name]),
  );

  const changed = (name: FieldName, value: string) => {
    if (name !== "group") {
      setValues({ ...values, [name]: value });
      return;
    }
    const next = formOf(kind, scene, value);
    setForm(next);
    setValues({ ...next.values, comment: values.comment ?? "" });
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (wrong || !form.possible) return;
    setProblem(null);
    try {
      await run({ account, event: eventOf(kind, scene.chat, values) });
      onDone();
    } catch (error) {
      setProblem(problemOf(error));
    }
  };
  return (
    <form className={classes["form"]} onSubmit={submit}>
      <h2 className={classes["title"]}>{words.say({ code: WORDS[kind] })}</h2>
      {form.possible
        ? form.fields.map((field) => (
            <EventField
              key={field.name}
              field={field}
              value={values[field.name] ?? ""}
              onChange={(value) => changed(field.name, value)}
            />
          ))
        : null}
      {problem ? (
        <p className={classes["problem"]} role="alert">
          <Said message={problem} alone />
        </p>
      ) : null}
      <div className={classes["buttons"]}>
        <Button onClick={onDone}>{words.t("app.cancel")}</Button>
        {form.possible ? (
          <Button type="submit" variant="filled" loading={running} disabled={wrong}>
            {words.t("talk.do")}
          </Button>
        ) : null}
      </div>
    </form>
  );
}

type FieldProps = { field: FormField; value: string; onChange: (value: string) => void };

function EventField({ field, value, onChange }: FieldProps) {
  const words = useWords();
  const label = words.say({ code: FIELD_WORDS[field.name] });
  switch (field.kind) {
    case "choice":
      return (
        <Select
          label={label}
          data={field.choices}
          value={value}
          comboboxProps={{ withinPortal: false }}
          onChange={(chosen) => onChange(chosen ?? value)}
        />
      );
    case "text":
      return (
        <TextInput
          label={label}
          value={value}
          dir="auto"
          onKeyDown={(event) => {
            // Enter that picks a word of an input method sends no form either.
            if (isComposing(event)) event.preventDefault();
          }}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
    case "number":
      return (
        <NumberInput
          label={label}
          min={0}
          allowDecimal={false}
          allowNegative={false}
          value={value}
          error={isWhole(value) ? null : words.t("talk.number_wrong")}
          onChange={(typed) => onChange(String(typed))}
        />
      );
    case "switch":
      return (
        <div className={classes["switch"]}>
          <span>{label}</span>
          <Switch
            aria-label={label}
            checked={value === "on"}
            onChange={(checked) => onChange(checked ? "on" : "")}
          />
        </div>
      );
  }
}

/** How messages reach a new client: what few have to choose stands behind a button. */
import { UnstyledButton } from "@mantine/core";
import { useId, useState } from "react";
import { Icon } from "../../components/icon";
import { Seg } from "../../components/seg";
import type { Framework } from "../../generated/schema";
import { useWords } from "../../words/context";
import type { Code } from "../../words/words";
import classes from "./add.module.css";

/** As the settings call them. */
export type Format = "as-sent" | "array" | "string";

/** Each with its word, in the order in which they are offered. */
export const FORMATS: Record<Format, Code> = {
  "as-sent": "client.format_as_sent",
  array: "client.format_array",
  string: "client.format_string",
};

/** Those that a framework can read: AstrBot takes arrays only. */
export function formatsOf(framework: Framework): Format[] {
  const all = Object.keys(FORMATS) as Format[];
  return framework === "astrbot" ? all.filter((format) => format !== "string") : all;
}

type Props = { framework: Framework; format: Format; onChange: (format: Format) => void };

/** Closed at first. */
export function FormatChoice({ framework, format, onChange }: Props) {
  const words = useWords();
  const id = useId();
  const [isOpen, setOpen] = useState(false);
  return (
    <div className={classes["part"]}>
      <UnstyledButton
        className={classes["more"]}
        aria-expanded={isOpen}
        aria-controls={id}
        onClick={() => setOpen(!isOpen)}
      >
        <Icon name={isOpen ? "chevron-down" : "chevron-right"} size={16} />
        {words.t(isOpen ? "client.less" : "client.more")}
      </UnstyledButton>
      <div id={id} hidden={!isOpen} className={classes["later"]}>
        <span className={classes["label"]}>{words.t("client.format")}</span>
        <Seg
          fill
          label={words.t("client.format")}
          value={format}
          options={formatsOf(framework).map((one) => ({
            value: one,
            label: words.say({ code: FORMATS[one] }),
          }))}
          onChange={onChange}
        />
        <p className={classes["hint"]}>{words.t("client.format_long")}</p>
      </div>
    </div>
  );
}

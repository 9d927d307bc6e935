/** Where cores come from, in the order in which the places are asked. */
import { ActionIcon, Button, Menu } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { Ask } from "../../components/ask";
import { Icon } from "../../components/icon";
import { type Drag, MoveItems, useDrag } from "../../components/movable";
import { ProblemNote } from "../../components/note";
import { type Result, ResultLine } from "../../components/option";
import { Tag } from "../../components/state";
import type { CoreList, Message } from "../../generated/schema";
import { useIsLive } from "../../store/context";
import { useNow } from "../../store/ticker";
import { time } from "../../words/amounts";
import { useWords } from "../../words/context";
import { message } from "../../words/words";
import classes from "./core.module.css";
import { KINDS, SourceDialog } from "./source-dialog";
import { type Source, useSources } from "./use-sources";

/** Alt with an arrow moves one, as a pointer does. */
export function Sources({ list }: { list: CoreList }) {
  const words = useWords();
  const isLive = useIsLive();
  const [result, setResult] = useState<Result | null>(null);
  const [notTakenBack, setNotTakenBack] = useState<Message | null>(null);
  const [isAdding, setAdding] = useState(false);
  const say = (said: Result | null) => {
    setNotTakenBack(null);
    setResult(said);
  };
  const { order, add, remove, running, problem, forget } = useSources(list, say, setNotTakenBack);
  const drag = useDrag(order.move);
  const said = notTakenBack ?? (isAdding ? null : problem);
  const open = () => {
    forget();
    setAdding(true);
  };
  return (
    <section>
      <div className={classes["sourcesHead"]}>
        <h2 className="section-title">{words.t("cores.sources")}</h2>
        <Link to="/settings/toml" className={classes["toFile"]}>
          {words.t("settings.edit_file")}
        </Link>
        <Button
          className={classes["action"] ?? ""}
          aria-label={words.t("cores.source_add")}
          leftSection={<Icon name="plus" size={16} />}
          disabled={!isLive}
          onClick={open}
        >
          <span className={classes["word"]}>{words.t("cores.source_add")}</span>
        </Button>
      </div>
      {list.sources.length === 0 ? null : (
        <ol className={`card ${classes["sources"]}`} aria-label={words.t("cores.sources")}>
          {order.list.map((source, place) => (
            <Row
              key={source.key}
              {...{ source, place, drag }}
              count={order.list.length}
              isDefault={list.default_sources}
              onMove={(place) => order.move(source.key, place)}
              onRemove={() => void remove(source.key).catch(() => undefined)}
            />
          ))}
        </ol>
      )}
      {said ? (
        <div className={classes["below"]}>
          <ProblemNote problem={said} />
        </div>
      ) : null}
      <Hint list={list} />
      <ResultLine result={result} />
      {isAdding ? (
        <SourceDialog {...{ add, running, problem, forget }} onClose={() => setAdding(false)} />
      ) : null}
    </section>
  );
}

function Hint({ list }: { list: CoreList }) {
  const words = useWords();
  const now = useNow();
  const { sources, auto_install: isAutomatic, checked_ms: checked } = list;
  const installs = isAutomatic ? "cores.automatic" : "cores.by_hand";
  return (
    <p className={classes["hint"]}>
      {words.t(sources.length === 0 ? "cores.sources_none" : installs)}{" "}
      {checked === null ? null : words.t("cores.checked", { time: time(words, checked, now) })}
    </p>
  );
}

type RowProps = {
  source: Source;
  place: number;
  count: number;
  isDefault: boolean;
  drag: Drag;
  onMove: (place: number) => void;
  onRemove: () => void;
};

function Row({ source: { kind, place: name, key }, place, count, isDefault, ...row }: RowProps) {
  const words = useWords();
  const isLive = useIsLive();
  const [asked, setAsked] = useState(false);
  const known = KINDS.find((one) => one.kind === kind);
  return (
    <li {...row.drag.row(key, place)}>
      <span className={classes["handle"]} aria-hidden {...row.drag.handle(key)}>
        <Icon name="grip-vertical" size={16} />
      </span>
      <span className={`medium ${classes["kind"]}`}>
        {known ? words.say({ code: known.name }) : kind}
      </span>
      <span className={`mono ${classes["place"]}`}>{name}</span>
      {isDefault ? <Tag message={message("cores.source_default")} /> : null}
      <Menu>
        <Menu.Target>
          <ActionIcon aria-label={words.t("cores.source_menu", { source: name })}>
            <Icon name="dots" size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <MoveItems {...{ place, count }} onMove={row.onMove} />
          <Menu.Divider />
          <Menu.Item
            color="bad"
            disabled={!isLive}
            onClick={() => (count === 1 ? setAsked(true) : row.onRemove())}
          >
            {words.t("cores.source_remove")}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Ask
        opened={asked}
        title={message("cores.source_last_title")}
        question={message("cores.source_last_question")}
        verb={message("cores.source_remove")}
        danger
        onConfirm={row.onRemove}
        onClose={() => setAsked(false)}
      />
    </li>
  );
}

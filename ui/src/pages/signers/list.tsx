/** The signers in their order: how each stands, why, and what can be done about it right there. */
import { ActionIcon, Button, Menu } from "@mantine/core";
import { type DragEvent, type KeyboardEvent, useRef, useState } from "react";
import { Ask } from "../../components/ask";
import { Icon } from "../../components/icon";
import { isKey } from "../../components/keys";
import { Note, ProblemNote } from "../../components/note";
import type { Result } from "../../components/option";
import type { Tests } from "../../components/signer/use-tests";
import { StateWord, Tag } from "../../components/state";
import type { Message, SignerReport, SignerStatus } from "../../generated/schema";
import { signerStanding } from "../../state/signer";
import { holds, mends, type Standing } from "../../state/standing";
import { useIsLive } from "../../store/context";
import { useWords } from "../../words/context";
import { Name, Said } from "../../words/said";
import { message } from "../../words/words";
import classes from "./signers.module.css";
import type { Order } from "./use-order";
import { type Removing, useRemove } from "./use-remove";

type Shared = {
  tests: Tests;
  /** Opens the dialog for another address of the named. */
  onChange: (name: string) => void;
  /** Opens the dialog for another name. */
  onRename: (name: string) => void;
  order: Order;
  onResult: (result: Result | null) => void;
  /** Why something was not taken back. */
  onProblem: (problem: Message) => void;
};

/** The first that works is used; Alt with an arrow moves one, as a pointer does. */
export function SignerList(shared: Shared) {
  const words = useWords();
  const { signers } = shared.order;
  const drag = useDrag(shared.order);
  return (
    <div className={`card ${classes["list"]}`}>
      <div className={`${classes["line"]} ${classes["heads"]}`} aria-hidden>
        <span />
        <span />
        <span>{words.t("signers.name")}</span>
        <span>{words.t("signers.host")}</span>
        <span>{words.t("signers.signs_for")}</span>
        <span className={classes["latency"]}>{words.t("signers.latency")}</span>
        <span>{words.t("signers.state")}</span>
      </div>
      <ol aria-label={words.t("signers.title")}>
        {signers.map((signer, place) => (
          <Row key={signer.name} {...{ signer, place, drag }} {...shared} />
        ))}
      </ol>
    </div>
  );
}

/** A row that is taken by its handle, and the one that it is held over. */
type Drag = {
  over: string | null;
  /** Of the handle. */
  handle: (name: string) => {
    draggable: boolean;
    onDragStart: (event: DragEvent) => void;
    onDragEnd: () => void;
  };
  /** Of the row. */
  row: (
    name: string,
    place: number,
  ) => { onDragOver: (event: DragEvent) => void; onDrop: (event: DragEvent) => void };
};

function useDrag(order: Order): Drag {
  const isLive = useIsLive();
  const held = useRef<string | null>(null);
  const [over, setOver] = useState<string | null>(null);
  const end = () => {
    held.current = null;
    setOver(null);
  };
  return {
    over,
    handle: (name) => ({
      draggable: isLive,
      onDragStart: (event) => {
        held.current = name;
        event.dataTransfer.effectAllowed = "move";
        event.dataTransfer.setData("text/plain", name);
        const row = event.currentTarget.closest("li");
        if (row) event.dataTransfer.setDragImage(row, 0, 0);
      },
      onDragEnd: end,
    }),
    row: (name, place) => ({
      onDragOver: (event) => {
        if (held.current === null) return;
        event.preventDefault();
        setOver(name);
      },
      onDrop: (event) => {
        if (held.current === null) return;
        event.preventDefault();
        order.move(held.current, place);
        end();
      },
    }),
  };
}

type RowProps = Shared & { signer: SignerStatus; place: number; drag: Drag };

function Row({ signer, place, drag, ...shared }: RowProps) {
  const words = useWords();
  const isLive = useIsLive();
  const { name, host, report } = signer;
  const { tests, onChange, order } = shared;
  const asking = tests.asking.includes(name);
  const remove = useRemove(shared.onResult, shared.onProblem);
  const stands = (asking: boolean) =>
    signerStanding(report, { asking, usedBy: signer.used_by }, mends.signerAddress(name));
  // What it said last stays while it is asked again, so that nothing jumps.
  const last = stands(false);
  const problem = remove.problem ?? tests.failed[name] ?? null;
  const version = [report?.platform, report?.version].filter(Boolean).join(" ");
  // What did not answer was not asked for its version.
  const works = report !== null && report.problem === null;
  const latency = report?.latency_ms ?? null;
  const pressed = (event: KeyboardEvent) => {
    const by = isKey(event, "ArrowUp") ? -1 : isKey(event, "ArrowDown") ? 1 : 0;
    if (!event.altKey || by === 0 || !isLive) return;
    event.preventDefault();
    order.move(name, place + by);
  };
  return (
    <li data-over={drag.over === name} {...drag.row(name, place)} onKeyDown={pressed}>
      <div className={classes["line"]}>
        <span className={classes["handle"]} aria-hidden {...drag.handle(name)}>
          <Icon name="grip-vertical" size={16} />
        </span>
        <span className={classes["place"]}>{place + 1}</span>
        <span className={classes["name"]}>
          <b className="medium cut">
            <Name of={name} />
          </b>
          {signer.used_by.map((account) => (
            <Tag key={account} message={message("signers.used_by", { account })} />
          ))}
          {report?.through ? (
            <Tag message={message("signers.through", { proxy: report.through })} />
          ) : null}
        </span>
        <span className={`mono cut ${classes["host"]}`}>{host}</span>
        <span className={`${classes["version"]} ${version ? "mono" : "faint"}`}>
          <span className="unseen">{words.t("signers.signs_for")} </span>
          {version || (works ? words.t("qr.not_told") : NOTHING)}
        </span>
        <span className={classes["latency"]}>
          {latency === null ? null : words.t("signers.ms", { ms: latency })}
        </span>
        <span role="status">
          <StateWord standing={stands(asking)} />
        </span>
        <RowMenu {...{ signer, place, remove }} {...shared} />
      </div>
      {report ? <Why standing={last} {...{ name, report, tests, onChange }} /> : null}
      {problem ? (
        <div className={classes["why"]}>
          <ProblemNote problem={problem} />
        </div>
      ) : null}
    </li>
  );
}

const NOTHING = "–";

type WhyProps = Pick<Shared, "tests" | "onChange"> & {
  name: string;
  report: SignerReport;
  standing: Standing;
};

/** What is wrong with it, and what may end it. */
function Why({ name, standing, report, tests, onChange }: WhyProps) {
  const words = useWords();
  const isLive = useIsLive();
  const { tone, icon, sentence, more, mend } = standing;
  if (tone === "ok" || !sentence) return null;
  const again = mend?.deed.do === "test_signer";
  const change = mend && !again;
  // The address may be wrong, or what looks names up was away.
  const mayReturn = holds(report.problem, "io.unknown_host");
  return (
    <div className={classes["why"]}>
      <Note
        tone={tone}
        icon={icon}
        title={sentence}
        action={
          <>
            {again || mayReturn ? (
              <Button
                loading={tests.asking.includes(name)}
                disabled={!isLive}
                onClick={() => tests.test(name)}
              >
                {words.t("app.again")}
              </Button>
            ) : null}
            {change ? (
              <Button disabled={!isLive} onClick={() => onChange(name)}>
                {words.say(mend.word)}
              </Button>
            ) : null}
          </>
        }
      >
        {more ? <Said alone message={more} /> : null}
      </Note>
    </div>
  );
}

const UP = "Alt ↑";
const DOWN = "Alt ↓";

/** The keys that do the same. */
function Keys({ of }: { of: string }) {
  return <kbd aria-hidden>{of}</kbd>;
}

type MenuProps = Shared & {
  signer: SignerStatus;
  place: number;
  remove: Removing;
};

function RowMenu({ signer: { name }, place, remove, tests, order, ...on }: MenuProps) {
  const words = useWords();
  const isLive = useIsLive();
  const [asked, setAsked] = useState(false);
  const question = message("welcome.signer_remove_question", { signer: name });
  const run = async () => {
    on.onResult(null);
    try {
      on.onResult(await remove.run(name));
    } catch {
      // The row says why.
    }
  };
  return (
    <>
      <Menu>
        <Menu.Target>
          <ActionIcon aria-label={words.t("signers.menu", { signer: name })}>
            <Icon name="dots" size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item disabled={!isLive} onClick={() => tests.test(name)}>
            {words.t("welcome.signer_test")}
          </Menu.Item>
          <Menu.Item disabled={!isLive} onClick={() => on.onChange(name)}>
            {words.t("state.do_change_address")}
          </Menu.Item>
          <Menu.Item disabled={!isLive} onClick={() => on.onRename(name)}>
            {words.t("signers.rename")}
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item
            disabled={!isLive || place === 0}
            rightSection={<Keys of={UP} />}
            onClick={() => order.move(name, place - 1)}
          >
            {words.t("signers.move_up")}
          </Menu.Item>
          <Menu.Item
            disabled={!isLive || place === order.signers.length - 1}
            rightSection={<Keys of={DOWN} />}
            onClick={() => order.move(name, place + 1)}
          >
            {words.t("signers.move_down")}
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item color="bad" disabled={!isLive} onClick={() => setAsked(true)}>
            {words.t("welcome.signer_remove")}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Ask
        opened={asked}
        title={message("signers.remove_title", { signer: name })}
        question={question}
        verb={message("welcome.signer_remove")}
        danger
        onConfirm={() => void run()}
        onClose={() => setAsked(false)}
      />
    </>
  );
}

/** The signers in their order: how each stands, why, and what can be done about it right there. */
import { ActionIcon, Button, Menu } from "@mantine/core";
import { useState } from "react";
import { Ask } from "../../components/ask";
import { Icon } from "../../components/icon";
import { type Drag, MoveItems, useDrag } from "../../components/movable";
import { Note, ProblemNote } from "../../components/note";
import type { Result } from "../../components/option";
import type { Tests } from "../../components/signer/use-tests";
import { StateWord, Tag } from "../../components/state";
import type { Order } from "../../components/use-order";
import type { Message, SignerReport, SignerStatus, SignerTimes } from "../../generated/schema";
import { signerStanding } from "../../state/signer";
import { holds, mends, type Standing } from "../../state/standing";
import { useIsLive } from "../../store/context";
import { useNow } from "../../store/ticker";
import { time } from "../../words/amounts";
import { useWords } from "../../words/context";
import { Name, Said } from "../../words/said";
import { answerTook } from "../../words/took";
import { message } from "../../words/words";
import classes from "./signers.module.css";
import { type Removing, useRemove } from "./use-remove";

type Shared = {
  tests: Tests;
  /** Opens the dialog for another address of the named. */
  onChange: (name: string) => void;
  /** Opens the dialog for another name. */
  onRename: (name: string) => void;
  order: Order<SignerStatus>;
  onResult: (result: Result | null) => void;
  /** Why something was not taken back. */
  onProblem: (problem: Message) => void;
};

/** The first that works is used; Alt with an arrow moves one, as a pointer does. */
export function SignerList(shared: Shared) {
  const words = useWords();
  const { list: signers, move } = shared.order;
  const drag = useDrag(move);
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

type RowProps = Shared & { signer: SignerStatus; place: number; drag: Drag };

function Row({ signer, place, drag, ...shared }: RowProps) {
  const words = useWords();
  const { name, host, report } = signer;
  const { tests, onChange } = shared;
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
  return (
    <li {...drag.row(name, place)}>
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
          {latency === null ? null : words.say(answerTook(latency))}
        </span>
        <span role="status">
          <StateWord standing={stands(asking)} />
        </span>
        <RowMenu {...{ signer, place, remove }} {...shared} />
      </div>
      {signer.times ? <Times of={signer.times} /> : null}
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

/** How it has signed since perpetua runs, for all accounts. */
function Times({
  of: { answers, failures, last_ms, slowest_ms, last_failure, failed_ms },
}: {
  of: SignerTimes;
}) {
  const words = useWords();
  const now = useNow();
  if (answers + failures === 0) return null;
  return (
    <div className={classes["times"]}>
      <span>{words.t("signers.signed", { count: answers })}</span>
      {last_ms === null ? null : (
        <span>
          <Said message={message("signers.last_time", { took: answerTook(last_ms) })} />
        </span>
      )}
      {slowest_ms === null || slowest_ms === last_ms ? null : (
        <span>
          <Said message={message("signers.longest_time", { took: answerTook(slowest_ms) })} />
        </span>
      )}
      {last_failure && failed_ms !== null ? (
        <Said
          message={message("signers.not_signed", {
            count: failures,
            cause: last_failure,
            time: time(words, failed_ms, now),
          })}
        />
      ) : null}
    </div>
  );
}

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
          <MoveItems
            place={place}
            count={order.list.length}
            onMove={(place) => order.move(name, place)}
          />
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

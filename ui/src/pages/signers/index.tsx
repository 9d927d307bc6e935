/** `/signers`: who signs what the cores send, in the order in which they are tried. */
import { Button, Skeleton } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { Icon } from "../../components/icon";
import { Note, ProblemNote } from "../../components/note";
import { type Result, ResultLine } from "../../components/option";
import { Empty, Late, Page } from "../../components/page";
import { useTests } from "../../components/signer/use-tests";
import type { Message, SignerStatus } from "../../generated/schema";
import { now } from "../../platform/clock";
import { problemOf } from "../../store/calls";
import { useIsLive } from "../../store/context";
import { useNow } from "../../store/ticker";
import { time } from "../../words/amounts";
import { useWords } from "../../words/context";
import { message } from "../../words/words";
import { AddressDialog } from "./address-dialog";
import { SignerList } from "./list";
import { RenameDialog } from "./rename-dialog";
import classes from "./signers.module.css";
import { useOrder } from "./use-order";
import { useSigners } from "./use-signers";

/** What was asked within this time need not be asked again by a look. */
const FRESH_MS = 60_000;

const isStale = ({ report, asked_ms: at }: SignerStatus) =>
  report === null || at === null || now() - at > FRESH_MS;

/** Before the first answer nothing is known of any. */
const NONE: SignerStatus[] = [];

/** The list, and the dialog of the address. */
export function Signers() {
  const words = useWords();
  const navigate = useNavigate();
  const isLive = useIsLive();
  const wish = useSearch({ from: "/signers" });
  const list = useSigners();
  const signers = list.data ?? NONE;
  const tests = useTests(signers, isStale);
  const [result, setResult] = useState<Result | null>(null);
  const [problem, setProblem] = useState<Message | null>(null);
  const say = (said: Result | null) => {
    setProblem(null);
    setResult(said);
  };
  const order = useOrder(signers, say);
  const [renamed, setRenamed] = useState<string | null>(null);
  const open = (search: typeof wish) => void navigate({ to: "/signers", search });
  const close = () => void navigate({ to: "/signers", replace: true });
  const changed = signers.find(({ name }) => name === wish.change);

  return (
    <Page
      title={words.t("signers.title")}
      line={words.t("signers.line")}
      actions={
        <>
          {signers.length > 0 ? (
            <Button
              aria-label={words.t("signers.test_all")}
              className={classes["action"] ?? ""}
              leftSection={<Icon name="stethoscope" size={16} />}
              loading={tests.asking.length > 0}
              disabled={!isLive}
              onClick={() => {
                for (const { name } of signers) tests.test(name);
              }}
            >
              <span className={classes["word"]}>{words.t("signers.test_all")}</span>
            </Button>
          ) : null}
          <Button
            variant="filled"
            aria-label={words.t("state.do_add_signer")}
            className={classes["action"] ?? ""}
            leftSection={<Icon name="plus" size={16} />}
            disabled={!isLive}
            onClick={() => open({ add: true })}
          >
            <span className={classes["word"]}>{words.t("signers.add")}</span>
          </Button>
        </>
      }
    >
      <div data-frozen={!isLive}>
        {list.error ? (
          <ProblemNote problem={problemOf(list.error)} again={() => void list.refetch()} />
        ) : !list.data ? (
          <Late>
            <Skeleton height={34} radius="lg" />
            <Skeleton height={156} mt={8} radius="lg" />
          </Late>
        ) : signers.length === 0 ? (
          <NoSigners onAdd={() => open({ add: true })} />
        ) : (
          <>
            <SignerList
              order={order}
              tests={tests}
              onChange={(change) => open({ change })}
              onRename={setRenamed}
              onResult={say}
              onProblem={setProblem}
            />
            {order.problem ? <ProblemNote problem={order.problem} /> : null}
            <Summary signers={signers} isTesting={tests.asking.length > 0} />
          </>
        )}
        {problem ? (
          <div className={classes["apart"]}>
            <ProblemNote problem={problem} />
          </div>
        ) : null}
        <ResultLine result={result} />
        <div className={classes["apart"]}>
          <Note tone="idle" icon="eye" title={message("signers.sees_title")}>
            {words.t("signers.sees")}
          </Note>
        </div>
      </div>
      {wish.add || changed ? (
        <AddressDialog
          replaced={changed ?? null}
          taken={signers.map(({ name }) => name)}
          onResult={say}
          onSaved={tests.test}
          onClose={close}
        />
      ) : null}
      {renamed ? (
        <RenameDialog
          signer={renamed}
          onResult={say}
          onProblem={setProblem}
          onClose={() => setRenamed(null)}
        />
      ) : null}
    </Page>
  );
}

/** When they were asked, and how many of them can be used. */
function Summary({ signers, isTesting }: { signers: SignerStatus[]; isTesting: boolean }) {
  const words = useWords();
  const now = useNow();
  const asked = signers.flatMap(({ asked_ms: at }) => (at === null ? [] : [at]));
  const working = signers.filter(({ report }) => report !== null && report.problem === null).length;
  const [last, setLast] = useState(0);
  // One that is removed or renamed takes its test along, and what was tested then has been tested all the same.
  const latest = Math.max(last, ...asked);
  if (latest > last) setLast(latest);
  return (
    <p className={classes["summary"]} role="status">
      {isTesting
        ? words.t("welcome.testing")
        : asked.length > 0
          ? words.t("signers.tested", {
              time: time(words, last, now, true),
              all: signers.length,
              working,
            })
          : null}
    </p>
  );
}

function NoSigners({ onAdd }: { onAdd: () => void }) {
  const words = useWords();
  const isLive = useIsLive();
  return (
    <Empty
      title={words.t("signers.none")}
      action={
        <Button variant="filled" size="lg" disabled={!isLive} onClick={onAdd}>
          {words.t("state.do_add_signer")}
        </Button>
      }
    >
      <div className={classes["what"]}>
        <p>{words.t("welcome.signer_what_signs")}</p>
        <p>{words.t("welcome.signer_what_where")}</p>
      </div>
    </Empty>
  );
}

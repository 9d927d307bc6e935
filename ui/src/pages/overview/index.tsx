/** In two seconds whether all is well, in ten seconds how to mend it. */
import { Button } from "@mantine/core";
import { Link, Navigate } from "@tanstack/react-router";
import { Icon } from "../../components/icon";
import { Note } from "../../components/note";
import { Page } from "../../components/page";
import { Lamp } from "../../components/state";
import { useIsLost, useIsStarting } from "../../shell/shell-status";
import { headline, standings } from "../../state/headline";
import { sameParts, useIsLive, useStatus, useView } from "../../store/context";
import { useHistory } from "../../store/history";
import { useNow } from "../../store/ticker";
import { useWords } from "../../words/context";
import { useUnfinished } from "../welcome/use-unfinished";
import { AccountCard } from "./account-card";
import { useFacts } from "./facts";
import { Lately } from "./lately";
import { Loading } from "./loading";
import classes from "./overview.module.css";
import { Problems } from "./problems";

/** With more accounts than this, those that are well show their header only. */
const UNFOLDED = 6;

/** Whom perpetua turned away is worth a note for this long. */
const NOTICED_S = 5 * 60;

/** The page at `/`. */
export function Overview() {
  const words = useWords();
  const isLive = useIsLive();
  const said = useHeadline();
  const facts = useFacts();
  const isKnown = useView((view) => view.status !== null);
  const isEmpty = useView((view) => view.status?.accounts.length === 0);
  const isUnfinished = useUnfinished(useStatus());
  if (isLive && (isEmpty || isUnfinished)) return <Navigate to="/welcome" replace />;
  return (
    <Page
      live
      title={words.say(said.title)}
      lead={<Lamp tone={said.tone} icon={said.icon} />}
      line={<span className="num">{facts}</span>}
      actions={<AddAccount />}
    >
      {isKnown ? (
        <div data-frozen={!isLive}>
          <Problems />
          <NodeNotices />
          <Accounts />
          <Lately />
        </div>
      ) : (
        <Loading />
      )}
    </Page>
  );
}

/** Whom perpetua turned away lately: somebody may be looking for the reason. */
function NodeNotices() {
  const now = useNow();
  const notices = useView((view) => view.status?.notices) ?? [];
  return notices
    .filter(({ last_unix_s }) => now / 1000 - last_unix_s < NOTICED_S)
    .map(({ message: notice }) => (
      <div key={JSON.stringify(notice)} className={classes["problem"]}>
        <Note tone="you" icon="alert-circle" title={notice} />
      </div>
    ));
}

function useHeadline() {
  const now = useNow();
  const lost = useIsLost();
  const starting = useIsStarting();
  return useView(
    (view) => headline(view, now, { lost, starting }),
    (a, b) => JSON.stringify(a) === JSON.stringify(b),
  );
}

function AddAccount() {
  const words = useWords();
  const isLive = useIsLive();
  const add = words.t("overview.add_account");
  if (!isLive) {
    return (
      <Button disabled leftSection={<Icon name="plus" size={16} />} title={words.t("app.not_now")}>
        <span className={classes["wide"]}>{add}</span>
      </Button>
    );
  }
  return (
    <Button
      component={Link}
      to="/welcome/start"
      aria-label={add}
      className={classes["add"]}
      leftSection={<Icon name="plus" size={16} />}
    >
      <span className={classes["wide"]}>{add}</span>
    </Button>
  );
}

/** Those that need somebody first, else in the order of the settings. */
function Accounts() {
  const now = useNow();
  const history = useHistory();
  const order = useView((view) => {
    const all = standings(view, now);
    const needy = all.filter(({ state }) => state.tone === "bad" || state.tone === "you");
    const rest = all.filter((one) => !needy.includes(one));
    const fold = all.length > UNFOLDED;
    return [
      ...needy.map(({ account }) => `${account.name}`),
      ...rest.map(({ account }) => `${account.name}${fold ? "/" : ""}`),
    ];
  }, sameParts);
  return order.map((entry) => {
    const name = entry.replace(/\/$/, "");
    return (
      <AccountCard key={name} name={name} folded={entry !== name} history={history.get(name)} />
    );
  });
}

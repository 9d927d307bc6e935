/** The sealed copy of the last good login, and the way back to it. */
import { UnstyledButton } from "@mantine/core";
import { useState } from "react";
import { Decision } from "../../components/decision";
import { Icon } from "../../components/icon";
import { useCall, useDo } from "../../store/calls";
import { useIsLive } from "../../store/context";
import { useNow } from "../../store/ticker";
import { time } from "../../words/amounts";
import { useWords } from "../../words/context";
import classes from "./login.module.css";

/** Asks before it is restored: the present login is set aside for it. */
export function RestoreDialog(props: {
  account: string;
  made: string;
  opened: boolean;
  onClose: () => void;
}) {
  const words = useWords();
  const restore = useDo("login_restore", ["login_backup"]);
  const agree = async () => {
    try {
      await restore.run({ account: props.account });
      props.onClose();
    } catch {
      // The dialog says why.
    }
  };
  return (
    <Decision
      opened={props.opened}
      title={words.t("qr.restore_question", { when: props.made })}
      verb={words.t("qr.restore")}
      running={restore.running}
      problem={restore.problem}
      onAgree={() => void agree()}
      onClose={props.onClose}
    >
      {words.t("qr.restore_meaning")}
    </Decision>
  );
}

/** One line; nothing while there is no copy. */
export function BackupLine({ account }: { account: string }) {
  const words = useWords();
  const isLive = useIsLive();
  const now = useNow();
  const [asking, setAsking] = useState(false);
  const backup = useCall("login_backup", { account });
  const made = backup.data?.made_ms ?? null;
  if (made === null) return null;
  const when = time(words, made, now);
  return (
    <div className={classes["backup"]}>
      <Icon name="archive" size={16} />
      <span className="grow">{words.t("qr.backup", { when })}</span>
      <UnstyledButton
        className={classes["link"]}
        disabled={!isLive}
        onClick={() => setAsking(true)}
      >
        {words.t("qr.restore_link")}
      </UnstyledButton>
      <RestoreDialog
        account={account}
        made={when}
        opened={asking}
        onClose={() => setAsking(false)}
      />
    </div>
  );
}

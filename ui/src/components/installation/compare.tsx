/** Nobody vouches for the file: a person compares its SHA-256 with one from a source they trust. */
import { Button, Checkbox, Textarea } from "@mantine/core";
import { useState } from "react";
import { useDo } from "../../store/calls";
import { useWords } from "../../words/context";
import { Said } from "../../words/said";
import { message } from "../../words/words";
import { Copy } from "../copy";
import { Dialog } from "../dialog";
import { Icon } from "../icon";
import { compare, groups } from "./digits";
import classes from "./installation.module.css";

type Props = { name: string; sha256: string; opened: boolean; onClose: () => void };

/** The button wakes when the pasted one is equal, or somebody says that they compared by eye. */
export function CompareDialog({ name, sha256, opened, onClose }: Props) {
  const words = useWords();
  const [pasted, setPasted] = useState("");
  const [byEye, setByEye] = useState(false);
  const install = useDo("core_install", ["core_list"]);
  const result = compare(sha256, pasted);
  const differsAt = result.is === "different" ? result.at : null;
  const agreed = result.is === "equal" || (byEye && result.is === "nothing");
  const touched = pasted !== "" || byEye;
  const accept = async () => {
    try {
      await install.run({ accept: sha256 });
      onClose();
    } catch {
      // The dialog says why.
    }
  };
  return (
    <Dialog
      opened={opened}
      onClose={onClose}
      title={words.t("setup.compare_title")}
      size={480}
      touched={touched}
    >
      <p className="quiet">
        <Said message={message("setup.compare_why", { name })} />
      </p>
      <div className={classes["digits"]}>
        <Digits sha256={sha256} differsAt={differsAt} />
        <Copy text={sha256} label={words.t("setup.copy_sha256")} />
      </div>
      <Textarea
        label={words.t("setup.trusted")}
        placeholder={words.t("setup.trusted_hint")}
        autosize
        minRows={2}
        spellCheck={false}
        autoComplete="off"
        data-autofocus
        styles={{ input: { fontFamily: "var(--mono)" } }}
        value={pasted}
        onChange={(event) => setPasted(event.currentTarget.value)}
      />
      <div className={classes["compared"]} role="status">
        {result.is === "equal" ? (
          <span data-tone="ok">
            <Icon name="circle-check" size={16} /> {words.t("setup.equal")}
          </span>
        ) : null}
        {result.is === "different" ? (
          <span data-tone="bad">
            <Icon name="circle-x" size={16} />{" "}
            {words.t("setup.different", { digit: result.at + 1 })}
          </span>
        ) : null}
        {result.is === "incomplete" ? (
          <span data-tone="idle">{words.t("setup.incomplete", { digits: result.digits })}</span>
        ) : null}
      </div>
      <Checkbox
        size="sm"
        label={words.t("setup.by_eye")}
        checked={byEye}
        disabled={result.is !== "nothing"}
        onChange={(event) => setByEye(event.currentTarget.checked)}
      />
      {install.problem ? (
        <p className={classes["problem"]} role="alert">
          <Said alone message={install.problem} />
        </p>
      ) : null}
      <div className="row" style={{ justifyContent: "flex-end", marginTop: 20 }}>
        <Button data-cancel onClick={onClose}>
          {words.t("app.cancel")}
        </Button>
        <Button
          variant="filled"
          disabled={!agreed}
          loading={install.running}
          onClick={() => void accept()}
        >
          {words.t("setup.install_compared")}
        </Button>
      </div>
    </Dialog>
  );
}

function Digits({ sha256, differsAt }: { sha256: string; differsAt: number | null }) {
  return (
    <code className={classes["groups"]}>
      {groups(sha256).map((group, place) => {
        const at = differsAt === null ? -1 : differsAt - place * 8;
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: groups of one number may be alike
          <span key={place}>
            {at >= 0 && at < 8 ? (
              <>
                {group.slice(0, at)}
                <mark>{group[at]}</mark>
                {group.slice(at + 1)}
              </>
            ) : (
              group
            )}
          </span>
        );
      })}
    </code>
  );
}

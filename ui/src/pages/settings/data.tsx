/** Where perpetua keeps things, how much room they take, and the pages for what it keeps. */
import { Button, Skeleton } from "@mantine/core";
import { Link, useNavigate } from "@tanstack/react-router";
import { Copy } from "../../components/copy";
import { ProblemNote } from "../../components/note";
import { OptionRow, Options } from "../../components/option";
import { Late } from "../../components/page";
import type { DataFacts, DataKind, Message } from "../../generated/schema";
import { useShellStatus } from "../../shell/shell-status";
import { problemOf, useCall, useShellDo } from "../../store/calls";
import { useIsLive } from "../../store/context";
import { bytes } from "../../words/amounts";
import { useWords } from "../../words/context";
import { Said } from "../../words/said";
import { type Code, message } from "../../words/words";
import classes from "./settings.module.css";

/** Below this, downloads and logs are about to fail. */
const SCARCE = 500_000_000;

const KINDS: Record<DataKind, Code> = {
  cores: "settings.room_cores",
  accounts: "settings.room_accounts",
  logs: "settings.room_logs",
  rest: "settings.room_rest",
};

/** What is on the computer that runs perpetua, which may be another one. */
export function Data() {
  const words = useWords();
  const navigate = useNavigate();
  const isLive = useIsLive();
  const read = useCall("data_read", {}, { enabled: isLive });
  return (
    <>
      {read.data ? (
        <Facts facts={read.data} />
      ) : read.error ? (
        <ProblemNote problem={problemOf(read.error)} again={() => void read.refetch()} />
      ) : (
        <Late>
          <Skeleton height={180} radius="lg" />
        </Late>
      )}
      <Options label={words.t("settings.data")}>
        <Kept title={message("app.core")} meaning={message("settings.core_meaning")} to="/core" />
        <Kept
          title={message("signers.title")}
          meaning={message("settings.signers_meaning")}
          to="/signers"
        />
        <OptionRow
          title={message("welcome.import_title")}
          meaning={message("settings.import_meaning")}
          control={(described) => (
            <Button
              aria-describedby={described["aria-labelledby"]}
              onClick={() => void navigate({ to: "/welcome/$step", params: { step: "import" } })}
            >
              {words.t("app.open")}
            </Button>
          )}
        />
      </Options>
    </>
  );
}

function Facts({ facts }: { facts: DataFacts }) {
  const words = useWords();
  const { folder, settings, settings_elsewhere: isElsewhere, uses, free, secrets } = facts;
  const all = uses.reduce((sum, part) => sum + part.bytes, 0);
  return (
    <>
      <Options label={words.t("settings.folders")}>
        <Folders folder={folder} settings={settings} />
        <OptionRow
          title={message("settings.secrets")}
          meaning={
            secrets.in === "keyring"
              ? message("settings.secrets_keyring")
              : message("settings.secrets_file", { path: secrets.path })
          }
          control={() => null}
        />
        <OptionRow
          title={message("settings.backup")}
          meaning={message(
            secrets.in === "keyring" ? "settings.backup_keyring" : "settings.backup_whole",
          )}
          control={() => null}
        >
          {isElsewhere ? (
            <p className={classes["also"]}>
              <Said alone message={message("settings.backup_settings", { path: settings })} />
            </p>
          ) : null}
        </OptionRow>
      </Options>
      <Options label={words.t("settings.room")}>
        <OptionRow
          title={message("settings.room")}
          meaning={
            free === null
              ? message("settings.room_used", { size: bytes(all) })
              : message("settings.room_free", { size: bytes(all), free: bytes(free) })
          }
          problem={free !== null && free < SCARCE ? message("settings.room_scarce") : null}
          control={() => null}
        >
          <dl className={classes["room"]}>
            {uses.map(({ kind, bytes: size }) => (
              <div key={kind}>
                <dt>{words.say({ code: KINDS[kind] })}</dt>
                <dd className="num">{bytes(size)}</dd>
              </div>
            ))}
          </dl>
        </OptionRow>
      </Options>
    </>
  );
}

/** A window opens them; a browser copies where they are, on the computer that runs perpetua. */
function Folders({ folder, settings }: { folder: string; settings: string }) {
  const shell = useShellStatus();
  const open = useShellDo("folder_open");
  const edit = useShellDo("settings_open");
  const doing = (run: () => Promise<unknown>) => () => void run().catch(() => undefined);
  return (
    <>
      <Place
        title={message("settings.data_folder")}
        path={shell?.data_folder ?? folder}
        problem={open.problem}
        onOpen={shell ? doing(() => open.run({ folder: "data" })) : null}
      />
      {shell ? (
        <Place
          title={message("settings.log_folder")}
          path={shell.log_folder}
          problem={open.problem}
          onOpen={doing(() => open.run({ folder: "logs" }))}
        />
      ) : null}
      <Place
        title={message("settings.settings_file")}
        path={shell?.settings_file ?? settings}
        problem={edit.problem}
        onOpen={shell ? doing(() => edit.run({})) : null}
      />
    </>
  );
}

type PlaceProps = {
  title: Message;
  path: string;
  problem: Message | null;
  onOpen: (() => void) | null;
};

function Place({ title, path, problem, onOpen }: PlaceProps) {
  const words = useWords();
  return (
    <OptionRow
      title={title}
      problem={problem}
      meaning={path}
      control={(described) =>
        onOpen ? (
          <Button onClick={onOpen} aria-describedby={described["aria-labelledby"]}>
            {words.t("app.open")}
          </Button>
        ) : (
          <Copy text={path} label={words.t("settings.copy_path", { what: title })} />
        )
      }
    />
  );
}

type KeptProps = { title: Message; meaning: Message; to: "/core" | "/signers" };

/** Its page stands in the navigation only while an account needs it. */
function Kept({ title, meaning, to }: KeptProps) {
  const words = useWords();
  return (
    <OptionRow
      title={title}
      meaning={meaning}
      control={(described) => (
        <Button component={Link} to={to} aria-describedby={described["aria-labelledby"]}>
          {words.t("app.open")}
        </Button>
      )}
    />
  );
}

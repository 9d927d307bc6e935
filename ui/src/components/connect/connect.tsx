/** How a framework gets to its port: what to paste where, and whether it has come. */
import { Button, Skeleton } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { AccountStatus, ClientStatus, Framework, Snippet } from "../../generated/schema";
import { problemOf, useCall, useDo } from "../../store/calls";
import { useAccount, useIsLive, usePlatform } from "../../store/context";
import { useWords } from "../../words/context";
import { Said } from "../../words/said";
import { message } from "../../words/words";
import { Confirm } from "../confirm";
import { CopyButton } from "../copy";
import { Note, ProblemNote } from "../note";
import { Late } from "../page";
import { Seg } from "../seg";
import classes from "./connect.module.css";
import {
  aboutFramework,
  FRAMEWORKS,
  frameworkName,
  rememberedFramework,
  rememberFramework,
} from "./frameworks";
import { LiveState } from "./live";
import { asksForToken, SnippetCode, withToken } from "./snippet";
import { TestTargets } from "./test";

type Props = {
  /** The account's name. */
  account: string;
  /** The client's name. */
  client: string;
};

/** The same in the drawer of a client and at the end of the first run. */
export function Connect(names: Props) {
  const account = useAccount(names.account);
  const client = account?.clients.find(({ name }) => name === names.client);
  if (!account || !client) return null;
  return <Panel key={`${names.account}/${names.client}`} account={account} client={client} />;
}

/** Another framework's lines can be looked at; which one it is the settings say. */
function Panel({ account, client }: { account: AccountStatus; client: ClientStatus }) {
  const words = useWords();
  const [framework, setFramework] = useState(() => rememberedFramework(account.name, client));
  const choose = (chosen: Framework) => {
    rememberFramework(account.name, client.name, chosen);
    setFramework(chosen);
  };
  return (
    <div>
      <div className={classes["picker"]}>
        <Seg
          fill
          label={words.t("connect.framework")}
          value={framework}
          options={FRAMEWORKS.map((value) => ({ value, label: frameworkName(words, value) }))}
          onChange={choose}
        />
      </div>
      <GuideLines account={account} client={client} framework={framework} />
    </div>
  );
}

type GuideProps = { account: AccountStatus; client: ClientStatus; framework: Framework };

function GuideLines({ account, client, framework }: GuideProps) {
  const words = useWords();
  const platform = usePlatform();
  const names = { account: account.name, client: client.name };
  const guide = useCall("guide", { ...names, framework });
  const readToken = async () => (await platform.call("token", names)).token;
  // A token that was looked at is void once there is a new one.
  const [renewals, setRenewals] = useState(0);

  if (guide.error) {
    return (
      <div style={{ marginTop: 14 }}>
        <ProblemNote problem={problemOf(guide.error)} again={() => void guide.refetch()} />
      </div>
    );
  }
  if (!guide.data) {
    return (
      <Late>
        <Skeleton height={20} width={220} mt={14} />
        <Skeleton height={120} mt={8} />
        <Skeleton height={32} mt={10} />
      </Late>
    );
  }
  const { snippets, notes } = guide.data;
  if (snippets.length === 0) {
    return (
      <div className={classes["live"]} style={{ marginTop: 14 }}>
        {notes.map((note) => (
          <Note key={note.code} tone="idle" icon="info-circle" title={note} />
        ))}
      </div>
    );
  }
  return (
    <>
      {snippets.map((snippet, place) => (
        <Step
          key={`${snippet.file}/${snippet.text}`}
          number={place + 1}
          snippet={snippet}
          readToken={readToken}
          renewals={renewals}
          onRenewed={() => setRenewals((before) => before + 1)}
          renews={client.targets.length === 0}
          isSecret={client.kind === "post"}
          names={names}
        />
      ))}
      <ul className={classes["hints"]}>
        {notes.map((note) => (
          <li key={note.code}>
            <Said message={note} />
          </li>
        ))}
      </ul>
      {client.kind === "http" ? null : (
        <p className={classes["step"]}>
          <Said
            message={aboutFramework(
              framework,
              client.kind === "post" ? "restart_posted" : "restart",
              { number: snippets.length + 1 },
            )}
          />
        </p>
      )}
      <LiveState account={account} client={client} framework={framework} />
      <TestTargets account={account.name} client={client} />
      <p className={classes["hints"]}>
        <Said message={aboutFramework(framework, "elsewhere")} />{" "}
        <Link to="/clients/$account/$client" params={names} search={{ tab: "settings" }}>
          {words.t(client.targets.length > 0 ? "connect.change_url" : "connect.change_address")}
        </Link>
      </p>
    </>
  );
}

type StepProps = {
  number: number;
  snippet: Snippet;
  readToken: () => Promise<string | null>;
  /** How often the token was made anew while this was shown. */
  renewals: number;
  onRenewed: () => void;
  /** The token is ours to make; that of a framework that we dial is its own. */
  renews: boolean;
  /** It signs events, and is shown nowhere. */
  isSecret: boolean;
  names: Props;
};

function Step({
  number,
  snippet,
  readToken,
  renewals,
  onRenewed,
  renews,
  isSecret,
  names,
}: StepProps) {
  const words = useWords();
  const hasToken = asksForToken(snippet);
  const real = async () => withToken(snippet, hasToken ? await readToken() : null);
  return (
    <>
      <p className={classes["step"]}>
        <Said
          message={
            snippet.file === null
              ? message("connect.enter", { number })
              : message("connect.put", { number, file: snippet.file })
          }
        />
      </p>
      <SnippetCode key={renewals} snippet={snippet} readToken={readToken} isSecret={isSecret} />
      <div className={classes["buttons"]}>
        <CopyButton
          primary
          text={real}
          label={words.t(
            hasToken
              ? isSecret
                ? "connect.copy_with_secret"
                : "connect.copy_with_token"
              : "connect.copy",
          )}
        />
        {hasToken && renews ? <NewToken {...names} onRenewed={onRenewed} /> : null}
      </div>
    </>
  );
}

/** Asks first: who uses the old token is cut. */
function NewToken({ account, client, onRenewed }: Props & { onRenewed: () => void }) {
  const words = useWords();
  const isLive = useIsLive();
  const renew = useDo("token_new", ["guide"]);
  return (
    <>
      <Confirm
        question={message("connect.new_token_cuts")}
        verb={message("connect.new_token_agree")}
        onConfirm={() => void renew.run({ account, client }).then(onRenewed, () => undefined)}
      >
        {(ask) => (
          <Button disabled={!isLive} loading={renew.running} onClick={ask}>
            {words.t("connect.new_token")}
          </Button>
        )}
      </Confirm>
      {renew.problem ? (
        <div style={{ width: "100%" }}>
          <ProblemNote problem={renew.problem} />
        </div>
      ) : null}
    </>
  );
}

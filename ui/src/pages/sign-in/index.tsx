/** The sign-in of a browser: one field for the token, and where it is to be found. */
import { Button, PasswordInput } from "@mantine/core";
import { type FormEvent, useEffect, useId, useRef, useState } from "react";
import { Copy } from "../../components/copy";
import { Icon } from "../../components/icon";
import { Note } from "../../components/note";
import { useCountdown } from "../../components/time";
import type { Message, SignInRefused } from "../../generated/schema";
import { CallFailed } from "../../platform";
import { LanguageChoice } from "../../shell/language-menu";
import { Mark, NAME } from "../../shell/mark";
import { problemOf } from "../../store/calls";
import { useSession } from "../../store/context";
import type { SessionState } from "../../store/session";
import { useWords } from "../../words/context";
import { Said, Sentence } from "../../words/said";
import { message } from "../../words/words";
import classes from "./sign-in.module.css";

const COMMAND = "perpetuad ui";

type Out = Extract<SessionState, { state: "out" }>;

/** Says nothing of what is behind it. */
export function SignIn({ out }: { out: Out }) {
  const words = useWords();
  return (
    <main className={classes["page"]}>
      <div className={classes["brand"]}>
        <Mark size={40} />
        <b>{NAME}</b>
      </div>
      <h1>{words.t("sign_in.title")}</h1>
      <p className="quiet sm">
        <bdi>{location.host}</bdi>
      </p>
      <LinkFailed refused={out.refused} />
      {out.link ? <LinkUnanswered error={out.link.error} /> : null}
      {out.unended ? <NotSignedOut error={out.unended.error} /> : null}
      {out.ended && out.refused === null && out.unended === null ? (
        <Note
          tone="idle"
          icon="logout"
          title={message(out.opened ? "sign_in.over" : "sign_in.ended")}
        />
      ) : null}
      <TokenForm out={out} />
      <section className={classes["where"]}>
        <p className="quiet sm">{words.t("sign_in.where")}</p>
        <div className={classes["command"]}>
          <code>{COMMAND}</code>
          <Copy text={COMMAND} label={words.t("sign_in.copy_command")} />
        </div>
      </section>
      {window.isSecureContext ? null : (
        <Note tone="you" icon="alert-triangle" title={message("sign_in.readable")} />
      )}
      <LanguageChoice />
    </main>
  );
}

/** Why a link did not let in, and what does. */
function LinkFailed({ refused }: { refused: SignInRefused | null }) {
  const words = useWords();
  const title = refused && ofLink(refused);
  if (!title) return null;
  return (
    <Note alert tone="bad" icon="circle-x" title={title}>
      <p>
        <Sentence text={words.t("sign_in.new_link")} />
      </p>
    </Note>
  );
}

/** It may still be good. */
function LinkUnanswered({ error }: { error: unknown }) {
  const words = useWords();
  const session = useSession();
  const [running, setRunning] = useState(false);
  const again = async () => {
    setRunning(true);
    await session?.again();
    setRunning(false);
  };
  const said = error instanceof CallFailed && error.error?.message;
  return (
    <Note
      alert
      tone="bad"
      icon="plug-connected-x"
      title={said || message("sign_in.link_unanswered")}
      action={
        <Button loading={running} onClick={() => void again()}>
          {words.t("app.again")}
        </Button>
      }
    />
  );
}

/** The browser is out for now, and the session may be back when perpetua starts anew. */
function NotSignedOut({ error }: { error: unknown }) {
  const words = useWords();
  const session = useSession();
  const [running, setRunning] = useState(false);
  const again = () => {
    setRunning(true);
    session?.signOut().catch(() => setRunning(false));
  };
  return (
    <Note
      alert
      tone="bad"
      icon="alert-triangle"
      title={message("sign_in.not_out")}
      action={
        <Button loading={running} onClick={again}>
          {words.t("sign_in.out_again")}
        </Button>
      }
    >
      <p>
        <Said message={problemOf(error)} alone />
      </p>
    </Note>
  );
}

function ofLink(refused: SignInRefused): Message | null {
  switch (refused.reason) {
    case "code_used":
      return message("sign_in.code_used");
    case "code_late":
      return message("sign_in.code_late");
    case "code_unknown":
      return message("sign_in.code_unknown");
    case "wrong_token":
    case "locked":
      return null;
  }
}

function TokenForm({ out }: { out: Out }) {
  const words = useWords();
  const session = useSession();
  const [token, setToken] = useState("");
  const [running, setRunning] = useState(false);
  const [problem, setProblem] = useState<Message | null>(null);
  const said = useId();
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);

  const signIn = async (event: FormEvent) => {
    event.preventDefault();
    if (running || !session) return;
    if (!token.trim()) return setProblem(message("sign_in.missing"));
    setRunning(true);
    setProblem(null);
    try {
      if (!(await session.signIn({ token: token.trim() }))) field.current?.select();
    } catch (error) {
      setProblem(problemOf(error));
    } finally {
      setRunning(false);
    }
  };
  const wrong = out.refused?.reason === "wrong_token" ? out.refused : null;
  const isWrong = wrong !== null || problem !== null;
  return (
    <form className={classes["form"]} onSubmit={(event) => void signIn(event)}>
      <PasswordInput
        ref={field}
        size="lg"
        name="token"
        label={words.t("sign_in.token")}
        value={token}
        autoComplete="current-password"
        spellCheck={false}
        error={isWrong}
        aria-invalid={isWrong}
        aria-describedby={said}
        styles={{ innerInput: { fontFamily: "var(--mono)" } }}
        visibilityToggleIcon={({ reveal }) => <Icon name={reveal ? "eye-off" : "eye"} size={16} />}
        visibilityToggleButtonProps={{ "aria-label": words.t("app.reveal"), tabIndex: 0 }}
        onChange={(event) => setToken(event.currentTarget.value)}
      />
      <div id={said} role="alert" className={classes["said"]} data-tone="bad">
        {problem ? <Wrong message={problem} /> : null}
        {wrong && !problem ? (
          <Wrong message={message("sign_in.wrong", { count: wrong.left })} />
        ) : null}
      </div>
      {out.lockedUntil !== null ? <Locked until={out.lockedUntil} /> : null}
      <Button type="submit" size="lg" variant="filled" fullWidth loading={running}>
        {words.t("sign_in.go")}
      </Button>
    </form>
  );
}

function Wrong({ message }: { message: Message }) {
  return (
    <p className={classes["wrong"]}>
      <Icon name="circle-x" size={16} />
      <span>
        <Said alone message={message} />
      </span>
    </p>
  );
}

/** Counts down; what is right is let in all the same, so nothing is switched off. */
function Locked({ until }: { until: number }) {
  const words = useWords();
  const seconds = useCountdown(until);
  if (seconds === 0) return null;
  return (
    <div className={classes["locked"]}>
      <Note tone="bad" icon="lock" title={words.t("sign_in.locked", { seconds })}>
        <p>
          <Sentence text={words.t("sign_in.locked_not_you")} />
        </p>
      </Note>
    </div>
  );
}

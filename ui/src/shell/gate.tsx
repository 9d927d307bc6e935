/** Shows the pages to whoever is signed in, and the sign-in to everybody else. */
import { Button } from "@mantine/core";
import { lazy, type ReactNode, Suspense, useEffect, useRef } from "react";
import { Icon } from "../components/icon";
import { part } from "../platform/part";
import { reload } from "../platform/reload";
import { useSession, useSessionState } from "../store/context";
import { useWords } from "../words/context";
import classes from "./gate.module.css";
import { PartComing } from "./part-coming";

const SignIn = lazy(() =>
  part(() => import("../pages/sign-in")).then(({ SignIn }) => ({ default: SignIn })),
);

/** What was open when a session expired stays as it was, behind the sign-in. */
export function Gate({ children }: { children: ReactNode }) {
  const session = useSessionState();
  const isOpen = session.state !== "out" || session.opened;
  return (
    <>
      {isOpen ? children : null}
      {session.state === "out" ? (
        <Over>
          <Suspense fallback={<PartComing />}>
            <SignIn out={session} />
          </Suspense>
        </Over>
      ) : null}
      {session.state === "outdated" ? (
        <Over>{session.loses ? <Unsaved /> : <Outdated />}</Over>
      ) : null}
    </>
  );
}

/** Above everything, open dialogs too; the rest can neither be seen nor reached. */
function Over({ children }: { children: ReactNode }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const shown = dialog.current;
    shown?.showModal();
    return () => shown?.close();
  }, []);
  return (
    <dialog ref={dialog} className={classes["over"]} onCancel={(event) => event.preventDefault()}>
      {children}
    </dialog>
  );
}

/** Somebody can read what happens. */
const READ_MS = 1500;

function Outdated() {
  const words = useWords();
  useEffect(() => {
    const timer = setTimeout(reload, READ_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div className={classes["outdated"]} role="status">
      <Icon name="refresh" size={24} />
      <p className="medium">{words.t("sign_in.outdated")}</p>
    </div>
  );
}

/** What somebody has typed is not taken away unasked. */
function Unsaved() {
  const words = useWords();
  const session = useSession();
  return (
    <div className={classes["outdated"]} role="status">
      <Icon name="refresh" size={24} />
      <p className="medium">{words.t("sign_in.outdated_unsaved")}</p>
      <div className={classes["choice"]}>
        <Button onClick={() => session?.later()}>{words.t("sign_in.outdated_later")}</Button>
        <Button onClick={reload}>{words.t("problem.reload")}</Button>
      </div>
    </div>
  );
}

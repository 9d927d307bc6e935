/** What stands around the pages: navigation, shortcuts, toasts, and what replaces all of it. */
import { Outlet, useRouterState } from "@tanstack/react-router";
import { Suspense, useEffect } from "react";
import { usePlatform, useView } from "../store/context";
import { CannotStart } from "./cannot-start";
import classes from "./frame.module.css";
import { Navigation } from "./navigation";
import { Quitting } from "./quitting";
import { useShellStatus } from "./shell-status";
import { Shortcuts } from "./shortcuts";
import { Toast } from "./toast";

/** Pages that fill the window alone. */
const ALONE = /^\/welcome(\/|$)/;

/** The root of all pages. */
export function Frame() {
  const path = useRouterState({ select: (state) => state.location.pathname });
  const { shell } = usePlatform();
  const node = useShellStatus()?.node;

  useEffect(() => {
    // Nothing follows from it here; the program asks nobody for what is on the screen.
    shell?.call("shell_page", { path }).catch(() => undefined);
  }, [shell, path]);

  return (
    <>
      {node?.state === "failed" ? (
        <CannotStart failed={node} />
      ) : (
        <>
          <div className={classes["frame"]} data-alone={ALONE.test(path)}>
            {ALONE.test(path) ? null : <Navigation />}
            <main className={classes["main"]}>
              <Suspense>
                <Outlet />
                <Drawn />
              </Suspense>
            </main>
          </div>
          <Shortcuts />
        </>
      )}
      <Toast />
      <Quitting />
    </>
  );
}

/** Notes in the page's timeline when the snapshot stands on the screen: the benchmark reads it there. */
function Drawn() {
  const isThere = useView((view) => view.status !== null && !view.remembered);
  useEffect(() => {
    if (!isThere) return;
    const picture = requestAnimationFrame(() => performance.mark("drawn"));
    return () => cancelAnimationFrame(picture);
  }, [isThere]);
  return null;
}

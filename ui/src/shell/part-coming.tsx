/** In place of a part of the pages that somebody waits for. */
import { Button } from "@mantine/core";
import { useEffect, useState } from "react";
import { Note } from "../components/note";
import { Late } from "../components/page";
import { untilReloadHelps } from "../platform/part";
import { mayReload, reload } from "../platform/reload";
import { useWords } from "../words/context";
import { message } from "../words/words";

/** The page is loaded anew when that brings the part; it is said where that was in vain a moment ago. */
export function PartComing() {
  const [isInVain, setInVain] = useState(false);
  useEffect(() => {
    let isAwaited = true;
    void untilReloadHelps().then(() => {
      if (!isAwaited) return;
      if (mayReload()) reload();
      else setInVain(true);
    });
    return () => {
      isAwaited = false;
    };
  }, []);
  if (isInVain) return <Failed />;
  return (
    <Late>
      <Note tone="busy" icon="loader-2" title={message("problem.page_coming")} />
    </Late>
  );
}

/** It broke, and only a reload may help. */
export function Failed() {
  const words = useWords();
  return (
    <Note
      alert
      tone="bad"
      icon="alert-triangle"
      title={message("problem.page")}
      action={<Button onClick={() => location.reload()}>{words.t("problem.reload")}</Button>}
    />
  );
}

/** In place of a page that is not there yet, is not there at all, or broke. */
import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { Note } from "../components/note";
import { Page } from "../components/page";
import { useWords } from "../words/context";
import { message } from "../words/words";
import { NAME } from "./mark";
import { Failed, PartComing } from "./part-coming";

/** Navigation and the other pages still work. */
export function PageFailed() {
  return (
    <Page title={NAME}>
      <Failed />
    </Page>
  );
}

/** It takes longer than usual: a slow line, or perpetua is away. */
export function PageComing() {
  return (
    <Page title={NAME}>
      <PartComing />
    </Page>
  );
}

/** An address that leads nowhere. */
export function NoSuchPage() {
  const words = useWords();
  return (
    <Page title={NAME}>
      <Note
        tone="idle"
        icon="question-mark"
        title={message("problem.no_page")}
        action={
          <Button component={Link} to="/">
            {words.t("problem.go_home")}
          </Button>
        }
      />
    </Page>
  );
}

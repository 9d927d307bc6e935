/** The settings of the program: each is saved when it is changed, and says what that did. */
import { Button } from "@mantine/core";
import { Link, useParams, useRouterState } from "@tanstack/react-router";
import { Icon } from "../../components/icon";
import { Note } from "../../components/note";
import { Page } from "../../components/page";
import { problemOf, useCall } from "../../store/calls";
import { useIsLive, useView } from "../../store/context";
import { useWords } from "../../words/context";
import { Said } from "../../words/said";
import { type Code, message } from "../../words/words";
import { About } from "./about";
import { Data } from "./data";
import { General } from "./general";
import { Network } from "./network";
import { Notifications } from "./notifications";
import classes from "./settings.module.css";
import { Toml } from "./toml";
import { Updates } from "./updates";

/** In the order of the list. */
const SECTIONS = [
  { name: "general", word: "settings.general", Content: General },
  { name: "notifications", word: "settings.notifications", Content: Notifications },
  { name: "network", word: "settings.network", Content: Network },
  { name: "updates", word: "settings.updates", Content: Updates },
  { name: "data", word: "settings.data", Content: Data },
  { name: "about", word: "settings.about", Content: About },
] as const satisfies { name: string; word: Code; Content: () => unknown }[];

/** The file itself stands in no list: it holds all of them. */
const FILE = { name: "toml", Content: Toml };

/** The page at `/settings`, `/settings/$section`. */
export function Settings() {
  const words = useWords();
  const isLive = useIsLive();
  const { section } = useParams({ strict: false });
  const isFile = useRouterState({
    select: ({ location }) => location.pathname === "/settings/toml",
  });
  const open = isFile ? FILE : (SECTIONS.find(({ name }) => name === section) ?? SECTIONS[0]);
  return (
    <Page
      title={words.t("app.settings")}
      line={words.t("settings.line")}
      actions={isFile ? null : <EditFile />}
    >
      {isFile ? null : <FileProblem />}
      <div className={`${classes["sections"]} ${isFile ? classes["whole"] : ""}`}>
        <nav aria-label={words.t("settings.sections")}>
          {SECTIONS.map(({ name, word }) => (
            <Link
              key={name}
              to="/settings/$section"
              params={{ section: name }}
              replace
              className={classes["section"]}
              aria-current={name === open.name ? "page" : undefined}
            >
              {words.t(word)}
            </Link>
          ))}
        </nav>
        <div className={classes["content"]} data-frozen={!isLive} key={open.name}>
          <open.Content />
        </div>
      </div>
    </Page>
  );
}

/** The page that edits all of it as it is written. */
function EditFile() {
  const words = useWords();
  return (
    <Button component={Link} to="/settings/toml" leftSection={<Icon name="code" size={16} />}>
      {words.t("settings.edit_file")}
    </Button>
  );
}

/** The file was changed by hand and has a fault: perpetua goes on with what it had. */
function FileProblem() {
  const words = useWords();
  const isLive = useIsLive();
  const told = useView((view) => view.settings.problems);
  const { data, error } = useCall("settings_read", {}, { enabled: isLive });
  const problem = (told ?? data?.problems ?? [])[0];
  if (error && isLive) {
    return (
      <div className={classes["file"]}>
        <Note tone="bad" icon="alert-triangle" title={problemOf(error)} />
      </div>
    );
  }
  if (!problem) return null;
  const { line } = problem;
  const open = (
    <Button component={Link} to="/settings/toml">
      {words.t("settings.go_to_line")}
    </Button>
  );
  return (
    <div className={classes["file"]}>
      <Note
        tone="you"
        icon="file-alert"
        title={message("settings.file_wrong", { line })}
        action={open}
      >
        <p>
          <Said message={problem.message} alone />
        </p>
      </Note>
    </div>
  );
}

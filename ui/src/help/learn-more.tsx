/** The link behind a sentence that there is a page about. */
import { Link, useRouter } from "@tanstack/react-router";
import type { Message } from "../generated/schema";
import { useWords } from "../words/context";
import { helpOf } from "./pages";

/** Nothing where there is no page, or no way to one. */
export function LearnMore({ about }: { about: Message }) {
  const words = useWords();
  const hasWays: boolean = Boolean(useRouter({ warn: false }));
  const page = helpOf(about);
  if (!page || !hasWays) return null;
  return (
    <>
      {" "}
      <Link to="/help/$page" params={{ page }} className="in-text nowrap">
        {words.t("app.learn_more")}
      </Link>
    </>
  );
}

/** What a message says: text, people that are called, pictures. All of it is foreign. */
import { Skeleton, UnstyledButton } from "@mantine/core";
import { useState } from "react";
import type { ChatSegment } from "../../generated/schema";
import { useCall } from "../../store/calls";
import { useWords } from "../../words/context";
import { harmlessName } from "../../words/harmless";
import { foreignText, shortened } from "./foreign";
import classes from "./line.module.css";
import { pieceWord } from "./plain";

/** Longer texts are cut until somebody unfolds them. */
const LONGEST = 600;

type Props = { account: string; segments: readonly ChatSegment[] };

/** What a message answers stands as a quote above it, and not here. */
export function MessageText({ account, segments }: Props) {
  return segments.map((piece, place) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of a message never change
    <Piece key={place} account={account} piece={piece} />
  ));
}

function Piece({ account, piece }: { account: string; piece: ChatSegment }) {
  const words = useWords();
  if (piece.type === "text") return <Text text={piece.text} />;
  if (piece.type === "image" && piece.picture !== null) {
    return <Picture account={account} picture={piece.picture} />;
  }
  const title = piece.type === "other" ? harmlessName(piece.code) : undefined;
  const kind = piece.type === "at" ? classes["called"] : classes["piece"];
  return (
    <span className={kind} title={title}>
      {pieceWord(piece, words)}
      {piece.type === "image" && piece.link ? (
        // Nothing is fetched from the web by the page.
        <span className="mono"> {harmlessName(piece.link)}</span>
      ) : null}
    </span>
  );
}

/** Its content is asked for when it is seen. */
function Picture({ account, picture }: { account: string; picture: number }) {
  const words = useWords();
  const content = useCall("chat_picture", { account, picture });
  const word = words.t("talk.picture");
  if (content.isPending) return <Skeleton width={120} height={80} />;
  if (!content.data) return <span className={classes["piece"]}>{word}</span>;
  return <img className={classes["picture"]} src={content.data.data_url} alt={word} />;
}

function Text({ text }: { text: string }) {
  const words = useWords();
  const [whole, setWhole] = useState(false);
  const short = shortened(text, LONGEST);
  if (short === null) return <span>{foreignText(text)}</span>;
  return (
    <>
      <span>{foreignText(whole ? text : `${short}…`)}</span>{" "}
      <UnstyledButton className={classes["expand"]} onClick={() => setWhole(!whole)}>
        {whole ? words.t("talk.collapse") : words.t("talk.expand")}
      </UnstyledButton>
    </>
  );
}

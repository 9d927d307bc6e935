/** `/help/$page`: what a page of `docs` says about a trouble or a framework. */
import { Link, useParams } from "@tanstack/react-router";
import { Fragment } from "react";
import { Empty, Page } from "../../components/page";
import { type Block, blocks, pieces } from "../../help/markdown";
import { useWords } from "../../words/context";
import classes from "./help.module.css";
import { pageOf, textOf } from "./texts";

/** In the language of the page; the line with the other language is left out. */
export function Help() {
  const words = useWords();
  const { page } = useParams({ from: "/help/$page" });
  const text = textOf(page, words.language);
  if (text === null) {
    return (
      <Page title={words.t("app.learn_more")}>
        <Empty title={words.t("problem.no_page")} />
      </Page>
    );
  }
  const [title, , ...rest] = blocks(text);
  return (
    <Page title={title?.is === "heading" ? title.text : page}>
      <article className={classes["page"]}>
        {rest.map((block, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a page have no names
          <Part key={place} block={block} />
        ))}
      </article>
    </Page>
  );
}

function Part({ block }: { block: Block }) {
  switch (block.is) {
    case "heading":
      return (
        <h2 className="section-title">
          <Line text={block.text} />
        </h2>
      );
    case "paragraph":
      return (
        <p>
          <Line text={block.text} />
        </p>
      );
    case "list":
      return (
        <ul className={classes["list"]}>
          {block.items.map((item) => (
            <li key={item}>
              <Line text={item} />
            </li>
          ))}
        </ul>
      );
    case "code":
      return (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
        <pre className={classes["code"]} tabIndex={0}>
          {block.text}
        </pre>
      );
    case "table":
      return <Rows rows={block.rows} />;
  }
}

function Rows({ rows: [head = [], ...rows] }: { rows: string[][] }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
    <div className={classes["wide"]} tabIndex={0}>
      <table className={classes["table"]}>
        <thead>
          <tr>
            {head.map((cell) => (
              <th key={cell} scope="col">
                <Line text={cell} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.join("|")}>
              {row.map((cell, place) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: the cells of a row have no names
                <td key={place}>
                  <Line text={cell} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Line({ text }: { text: string }) {
  return pieces(text).map((piece, place) => {
    const page = piece.is === "link" ? pageOf(piece.to) : null;
    return (
      // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of a line have no names
      <Fragment key={place}>
        {page ? (
          <Link to="/help/$page" params={{ page }}>
            {piece.text}
          </Link>
        ) : piece.is === "code" ? (
          <code>{piece.text}</code>
        ) : piece.is === "strong" ? (
          <b className="medium">{piece.text}</b>
        ) : (
          // What leads elsewhere in the repository stands there as a word.
          piece.text
        )}
      </Fragment>
    );
  });
}

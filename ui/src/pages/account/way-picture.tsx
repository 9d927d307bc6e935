/** The way from QQ to the bots, drawn large; each link opens the page that is about it. */
import { UnstyledButton } from "@mantine/core";
import { useRouter } from "@tanstack/react-router";
import { Icon } from "../../components/icon";
import type { AccountStatus } from "../../generated/schema";
import type { Standing } from "../../state/standing";
import { useWords } from "../../words/context";
import { Said } from "../../words/said";
import classes from "./account.module.css";
import { type WayLink, wayOf } from "./way";

/** An ordered list to a screen reader. */
export function Way({ account, standing }: { account: AccountStatus; standing: Standing }) {
  const words = useWords();
  return (
    <ol className={`card ${classes["way"]}`} aria-label={words.t("account.chain")}>
      {wayOf(account, standing).map((link) => (
        <li key={link.key} data-tone={link.tone}>
          <div className={classes["stop"]}>
            <Box link={link} />
            {link.beside ? (
              <div className={classes["beside"]} data-tone={link.beside.tone}>
                <Box link={link.beside} />
              </div>
            ) : null}
          </div>
        </li>
      ))}
    </ol>
  );
}

function Box({ link }: { link: WayLink }) {
  const router = useRouter();
  const { to, detail } = link;
  const inside = (
    <>
      <span className={classes["sign"]}>
        <Icon name={link.icon} />
      </span>
      <span className={classes["linkName"]}>
        <Said message={link.word} />
      </span>
      <span className={classes["linkDetail"]}>
        {detail === null ? null : typeof detail === "string" ? detail : <Said message={detail} />}
      </span>
    </>
  );
  if (to === null) return <div className={classes["link"]}>{inside}</div>;
  return (
    <UnstyledButton
      component="a"
      href={to}
      className={classes["link"]}
      onClick={(event) => {
        event.preventDefault();
        router.history.push(to);
      }}
    >
      {inside}
    </UnstyledButton>
  );
}

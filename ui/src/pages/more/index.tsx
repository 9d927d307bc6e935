/** `/more`: on a phone, the pages that have no tab of their own. */
import { Link } from "@tanstack/react-router";
import { Icon } from "../../components/icon";
import { Page } from "../../components/page";
import { CoreNews } from "../../shell/navigation";
import { usePlaces } from "../../shell/places";
import { useWords } from "../../words/context";
import classes from "./more.module.css";

/** As in the navigation of a larger window. */
export function More() {
  const words = useWords();
  const { rest } = usePlaces();
  return (
    <Page title={words.t("app.more")}>
      <ul className={`card ${classes["places"]}`}>
        {rest.map(({ to, word, icon }) => (
          <li key={to}>
            <Link to={to} className={classes["place"]}>
              <Icon name={icon} />
              <span className="grow">{words.say({ code: word })}</span>
              {to === "/core" ? <CoreNews /> : null}
              <Icon name="chevron-right" size={16} />
            </Link>
          </li>
        ))}
      </ul>
    </Page>
  );
}

import { Skeleton } from "@mantine/core";
import { Late } from "../../components/page";
import classes from "./overview.module.css";

/** Two cards in their final shape, if waiting takes long enough to be seen. */
export function Loading() {
  return (
    <Late>
      {["first", "second"].map((card) => (
        <div key={card} className={`card ${classes["loading"]}`} aria-hidden>
          <div className="row">
            <Skeleton width={36} height={36} radius={10} />
            <Skeleton width={180} height={20} />
          </div>
          <Skeleton height={18} width="60%" />
          <Skeleton height={20} />
          <Skeleton height={20} />
        </div>
      ))}
    </Late>
  );
}

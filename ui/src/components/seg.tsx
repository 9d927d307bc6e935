/** One of a few, side by side. */
import { SegmentedControl } from "@mantine/core";
import type { ReactNode } from "react";
import classes from "./seg.module.css";

type Props<V extends string> = {
  /** What is chosen, for a screen reader. */
  label: string;
  value: V;
  options: { value: V; label: ReactNode; disabled?: boolean }[];
  onChange: (value: V) => void;
  disabled?: boolean;
  /** As wide as what it stands in. */
  fill?: boolean;
};

/** Chosen at once. */
export function Seg<V extends string>({
  label,
  value,
  options,
  onChange,
  disabled = false,
  fill = false,
}: Props<V>) {
  return (
    <SegmentedControl
      aria-label={label}
      classNames={{
        root: classes["root"] ?? "",
        indicator: classes["indicator"] ?? "",
        label: classes["label"] ?? "",
      }}
      value={value}
      data={options}
      disabled={disabled}
      fullWidth={fill}
      transitionDuration={120}
      withItemsBorders={false}
      onChange={(chosen) => onChange(chosen as V)}
    />
  );
}

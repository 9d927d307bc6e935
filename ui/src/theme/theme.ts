/** Mantine, set in our tokens: its components take their values from tokens.css. */
import {
  ActionIcon,
  Button,
  type CSSVariablesResolver,
  createTheme,
  type MantineColorsTuple,
  Tooltip,
} from "@mantine/core";
import { createElement } from "react";
import { Icon } from "../components/icon";
import classes from "./controls.module.css";

/** Heights and widths of a button by its size; on a phone the tokens grow. */
const BUTTONS: Record<string, { height: string; padding: string; font: string }> = {
  xs: { height: "var(--h-small)", padding: "10px", font: "var(--fs-s)" },
  sm: { height: "var(--h-control)", padding: "12px", font: "var(--fs-s)" },
  lg: { height: "var(--h-decision)", padding: "18px", font: "var(--fs-m)" },
};

/** A button that is not pressed often. */
const QUIET = { "--button-color": "var(--text-2)", "--button-hover": "var(--hover)" };

/** Of every field in which something is typed or chosen; a large one stands above a large button. */
const input = {
  defaultProps: { size: "sm" },
  vars: (_theme: unknown, { size }: { size?: unknown }) => {
    const { height, font } = BUTTONS[size === "lg" ? "lg" : "sm"] ?? {};
    return { wrapper: { "--input-height": height, "--input-fz": font } };
  },
  classNames: { input: classes["input"] ?? "", label: classes["label"] ?? "" },
};

/** One icon for all that opens a list. */
const chevron = createElement(Icon, { name: "chevron-down", size: 16 });

const token = (name: string): MantineColorsTuple => {
  const value = `var(--${name})`;
  return [value, value, value, value, value, value, value, value, value, value];
};

/** Values that are the same for every component. */
export const theme = createTheme({
  fontFamily: "var(--font)",
  fontFamilyMonospace: "var(--mono)",
  fontSizes: {
    xs: "var(--fs-xs)",
    sm: "var(--fs-s)",
    md: "var(--fs-m)",
    lg: "var(--fs-l)",
    xl: "var(--fs-xl)",
  },
  radius: { xs: "4px", sm: "6px", md: "6px", lg: "10px", xl: "14px" },
  defaultRadius: "sm",
  shadows: {
    xs: "var(--shadow-1)",
    sm: "var(--shadow-1)",
    md: "var(--shadow-2)",
    lg: "var(--shadow-3)",
    xl: "var(--shadow-3)",
  },
  colors: {
    accent: token("accent"),
    ok: token("ok"),
    busy: token("busy"),
    you: token("you"),
    bad: token("bad"),
    idle: token("idle"),
  },
  primaryColor: "accent",
  autoContrast: false,
  respectReducedMotion: true,
  cursorType: "pointer",
  activeClassName: "",
  focusRing: "auto",
  components: {
    Button: Button.extend({
      defaultProps: { variant: "default", size: "sm" },
      vars: (_theme, { size, variant }) => {
        const { height, padding, font } = BUTTONS[String(size)] ?? BUTTONS["sm"] ?? {};
        const measures = {
          "--button-height": height,
          "--button-padding-x": padding,
          "--button-fz": font,
        };
        return { root: variant === "subtle" ? { ...measures, ...QUIET } : measures };
      },
      classNames: {
        root: classes["button"] ?? "",
        label: classes["buttonLabel"] ?? "",
        section: classes["buttonSection"] ?? "",
      },
    }),
    ActionIcon: ActionIcon.extend({
      defaultProps: { variant: "subtle", color: "gray" },
      vars: () => ({ root: { "--ai-size": "var(--h-icon)", "--ai-color": "var(--text-3)" } }),
      classNames: { root: classes["iconButton"] ?? "" },
    }),
    Input: input,
    InputWrapper: { classNames: { label: classes["label"] ?? "" } },
    TextInput: input,
    PasswordInput: input,
    NumberInput: input,
    Textarea: { defaultProps: { size: "sm" }, classNames: input.classNames },
    NativeSelect: input,
    Select: {
      ...input,
      defaultProps: {
        size: "sm",
        checkIconPosition: "right",
        allowDeselect: false,
        rightSection: chevron,
      },
      classNames: { ...input.classNames, option: classes["option"] ?? "" },
    },
    Menu: {
      defaultProps: { shadow: "md", position: "bottom-end", transitionProps: { duration: 120 } },
      classNames: {
        item: classes["menuItem"],
        dropdown: classes["popover"],
        divider: classes["divider"],
      },
    },
    Popover: { defaultProps: { shadow: "md" }, classNames: { dropdown: classes["popover"] } },
    Modal: {
      defaultProps: { radius: "xl", shadow: "lg", centered: true, padding: 20 },
      classNames: {
        title: classes["dialogTitle"],
        header: classes["dialog"],
        content: classes["dialog"],
        overlay: classes["overlay"],
        close: classes["close"],
      },
    },
    Tooltip: Tooltip.extend({
      defaultProps: { openDelay: 300, events: { hover: true, focus: true, touch: false } },
      classNames: { tooltip: classes["tooltip"] ?? "" },
    }),
    Tabs: {
      classNames: {
        list: classes["tabs"],
        tab: classes["tab"],
        tabSection: classes["tabSection"],
      },
    },
    Skeleton: { defaultProps: { radius: "sm" }, classNames: { root: classes["skeleton"] ?? "" } },
  },
});

/** Mantine's own variables, from our tokens; the same for both themes, since the tokens change. */
const VARIABLES = {
  "--mantine-color-body": "var(--canvas)",
  "--mantine-color-text": "var(--text)",
  "--mantine-color-bright": "var(--text)",
  "--mantine-color-dimmed": "var(--text-3)",
  "--mantine-color-placeholder": "var(--text-3)",
  "--mantine-color-anchor": "var(--link)",
  "--mantine-color-error": "var(--bad)",
  "--mantine-color-default": "var(--surface)",
  "--mantine-color-default-hover": "var(--hover)",
  "--mantine-color-default-color": "var(--text)",
  "--mantine-color-default-border": "var(--line)",
  "--mantine-color-disabled": "var(--sunken)",
  "--mantine-color-disabled-color": "var(--text-3)",
  "--mantine-color-disabled-border": "var(--line)",
  "--mantine-primary-color-filled": "var(--accent)",
  "--mantine-primary-color-filled-hover": "var(--accent-hover)",
  "--mantine-primary-color-contrast": "var(--on-accent)",
  "--mantine-color-accent-filled": "var(--accent)",
  "--mantine-color-accent-filled-hover": "var(--accent-hover)",
  "--mantine-line-height": "var(--lh-m)",
};

/** Given for both themes: Mantine's defaults of a theme would come before those of no theme. */
export const resolver: CSSVariablesResolver = () => ({
  variables: VARIABLES,
  light: VARIABLES,
  dark: VARIABLES,
});

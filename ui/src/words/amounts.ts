/** Numbers, times and durations, as people write them. */
import { message, type Words } from "./words";

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A duration in its two greatest units, such as `3 d 4 h`. */
export function duration(words: Words, seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const [days, hours] = [Math.floor(whole / DAY), Math.floor((whole % DAY) / HOUR)];
  const minutes = Math.floor((whole % HOUR) / MINUTE);
  if (days > 0) {
    return hours > 0 ? words.t("app.days_hours", { days, hours }) : words.t("app.days", { days });
  }
  if (hours > 0) {
    return minutes > 0 && hours < 10
      ? words.t("app.hours_minutes", { hours, minutes })
      : words.t("app.hours", { hours });
  }
  if (minutes > 0) return words.t("app.minutes", { minutes });
  return words.t("app.seconds", { seconds: whole });
}

/** A duration as a parameter of a message: the greatest unit only. */
export function roughly(seconds: number) {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole >= DAY) return message("app.days", { days: Math.floor(whole / DAY) });
  if (whole >= HOUR) return message("app.hours", { hours: Math.floor(whole / HOUR) });
  if (whole >= MINUTE) return message("app.minutes", { minutes: Math.floor(whole / MINUTE) });
  return message("app.seconds", { seconds: whole });
}

/** A number with separators. */
export function number(words: Words, value: number): string {
  return value.toLocaleString(words.language);
}

/** Bytes as `42 MB`; GB with one digit from 1 GB on. */
export function bytes(value: number): string {
  const megabytes = value / 1_000_000;
  if (megabytes >= 1000) return `${(megabytes / 1000).toFixed(1).replace(/\.0$/, "")} GB`;
  if (megabytes >= 1) return `${Math.round(megabytes)} MB`;
  return `${Math.round(value / 1000)} kB`;
}

/** The time of day, 24 hours; another day with its date. */
export function time(words: Words, at: number, now: number, seconds = false): string {
  const [moment, today] = [new Date(at), new Date(now)];
  const clock = formatted(words, seconds ? "seconds" : "clock", moment);
  if (moment.toDateString() === today.toDateString()) return clock;
  const isThisYear = moment.getFullYear() === today.getFullYear();
  return `${spaced(formatted(words, isThisYear ? "day" : "date", moment))} ${clock}`;
}

const CLOCK = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;
const DAY_OF_YEAR = { month: "short", day: "numeric" } as const;
const FORMATS = {
  clock: CLOCK,
  seconds: { ...CLOCK, second: "2-digit" },
  day: DAY_OF_YEAR,
  date: { ...DAY_OF_YEAR, year: "numeric" },
} as const;

/** To make one takes a browser longer than to draw the line that it stands in. */
const made = new Map<string, Intl.DateTimeFormat>();

function formatted({ language }: Words, format: keyof typeof FORMATS, moment: Date): string {
  const key = `${language} ${format}`;
  const known = made.get(key) ?? new Intl.DateTimeFormat(language, FORMATS[format]);
  made.set(key, known);
  return known.format(moment);
}

/** A space between digits and Chinese, as everywhere in our sentences. */
function spaced(date: string): string {
  return date.replace(/(\d)(?=[\u4e00-\u9fff])|([\u4e00-\u9fff])(?=\d)/g, "$& ");
}

// Every word that is shown, by key. A missing key does not compile; plurals follow Intl.PluralRules.
import en from "./en.json";

type Entry = keyof typeof en;
type Singular<K> = K extends `${infer Base}_one` ? Base : K extends `${infer Base}_other` ? Base : K;
export type Key = Singular<Entry>;
export type Parameters = Readonly<Record<string, string | number>>;

const entries: Readonly<Record<string, string>> = en;
const LOCALE = "en";
const plurals = new Intl.PluralRules(LOCALE);
const numbers = new Intl.NumberFormat(LOCALE);

export function t(key: Key, parameters: Parameters = {}): string {
  const text = entries[key] ?? plural(key, parameters["count"]);
  if (text === undefined) return key;
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = parameters[name];
    if (value === undefined) return whole;
    return typeof value === "number" ? numbers.format(value) : value;
  });
}

function plural(key: string, count: string | number | undefined): string | undefined {
  const form = plurals.select(typeof count === "number" ? count : 0);
  return entries[`${key}_${form}`] ?? entries[`${key}_other`];
}

const list = new Intl.ListFormat(LOCALE, { style: "long", type: "conjunction" });
/** "Ana, Bo, and 3 others" */
export function name_list(names: readonly string[], most = 3): string {
  if (names.length <= most) return list.format(names);
  return list.format([...names.slice(0, most - 1), t("others", { count: names.length - most + 1 })]);
}

// Times are shown the way this machine's owner reads them.
const clock_time = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });
const day_and_time = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "short" });
const day = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
const day_with_year = new Intl.DateTimeFormat(undefined, { dateStyle: "long" });
const relative_day = new Intl.RelativeTimeFormat(LOCALE, { numeric: "auto" });

export function time_of(ms: number): string {
  return clock_time.format(ms);
}
/** The same without "AM" or "PM", where there is room for little. */
export function brief_time_of(ms: number): string {
  const parts = clock_time.formatToParts(ms).filter(({ type }) => type !== "dayPeriod");
  return parts
    .map(({ value }) => value)
    .join("")
    .trim();
}
export function moment_of(ms: number): string {
  return day_and_time.format(ms);
}
export function day_of(ms: number, now_ms: number): string {
  const date = new Date(ms);
  const now = new Date(now_ms);
  const midnight = (of: Date): number => new Date(of.getFullYear(), of.getMonth(), of.getDate()).getTime();
  const days = Math.round((midnight(date) - midnight(now)) / 86_400_000);
  if (days === 0 || days === -1) return capital(relative_day.format(days, "day"));
  return (date.getFullYear() === now.getFullYear() ? day : day_with_year).format(date);
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

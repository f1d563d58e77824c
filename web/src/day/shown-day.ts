import { koreaOffset } from "../market/market-time";

const parameter = "date";
const dayMilliseconds = 86_400_000;

/** The date in the query of an address, as written: `?date=2026-11-20`, `?date=yesterday`. Null for live data. */
export function readDate(search: string): string | null {
  const text = new URLSearchParams(search).get(parameter);
  return text === null || text.trim() === "" ? null : text.trim();
}

/** The day that a text names; null if it is not valid. @param today The current day in Korea. */
export function resolveDate(text: string, today: string): string | null {
  if (text === "today") return today;
  if (text === "yesterday") return addDays(today, -1);
  return isDate(text) ? text : null;
}

/** The current day in Korea. */
export function koreanToday(now: number): string {
  return dateText(now + koreaOffset * 1000);
}

export function addDays(date: string, days: number): string {
  return dateText(Date.parse(`${date}T00:00:00Z`) + days * dayMilliseconds);
}

/** The address of the page that shows a day; null for live data. The watch list in the fragment is kept. */
export function addressOf(date: string | null, hash: string): string {
  return `${date === null ? "?" : `?${parameter}=${date}`}${hash}`;
}

/** The recorded days before and after a day; null if there is none. */
export function neighboursOf(date: string, days: readonly string[]): { readonly previous: string | null; readonly next: string | null } {
  return { previous: days.findLast((day) => day < date) ?? null, next: days.find((day) => day > date) ?? null };
}

function isDate(text: string): boolean {
  return (
    /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(`${text}T00:00:00Z`)) && dateText(Date.parse(`${text}T00:00:00Z`)) === text
  );
}

function dateText(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(0, 10);
}

import type { Numbers } from "../../text/numbers";
import { setDirection, setText } from "../dom";

/** Shows a price, coloured by its distance from the previous close. The broker sends 0 for one that there is not yet. */
export function showPrice(cell: HTMLElement, price: number | null | undefined, previousClose: number | null, numbers: Numbers): void {
  const known = price === 0 ? null : (price ?? null);
  setText(cell, numbers.plain(known));
  setDirection(cell, known === null || previousClose === null ? null : known - previousClose);
}

/** Shows the strength of buyers against sellers, in percent. */
export function showStrength(cell: HTMLElement, strength: number | null, numbers: Numbers): void {
  setText(cell, strength === null ? "–" : `${numbers.fixed(strength, 2)}%`);
  setDirection(cell, strength === null ? null : strength - 100);
}

/** The average price of the day in whole won. */
export function wholeAverage(averagePrice: number | null | undefined): number | null {
  return averagePrice === null || averagePrice === undefined ? null : Math.round(averagePrice);
}

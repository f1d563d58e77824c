/** The address of a stock's page, for the day that is shown. */
export function stockPage(code: string): string {
  return `stock/${encodeURIComponent(code)}${location.search}`;
}

/** The style sheet's colours, for drawing on a canvas. */
export interface Palette {
  readonly text: string;
  readonly grid: string;
  readonly up: string;
  readonly down: string;
  readonly upSoft: string;
  readonly downSoft: string;
  readonly first: string;
  readonly second: string;
  readonly gap: string;
  readonly neutral: string;
  readonly gapLine: string;
  readonly font: string;
}

export function readPalette(): Palette {
  const style = getComputedStyle(document.documentElement);
  const read = (name: string): string => style.getPropertyValue(name).trim();
  return {
    text: read("--text-soft"),
    grid: read("--grid"),
    up: read("--up"),
    down: read("--down"),
    upSoft: read("--up-soft"),
    downSoft: read("--down-soft"),
    first: read("--series-1"),
    second: read("--series-2"),
    gap: read("--gap"),
    neutral: read("--gap"),
    gapLine: read("--gap-line"),
    font: read("--font"),
  };
}

/** One step of a line's grid, with the last value in it. */
export interface Cell {
  /** The start of the step. */
  readonly time: number;
  value: number | null;
  /** Data are missing between this value and the next one; they are not connected. */
  breaksAfter: boolean;
}

/** Step lengths in seconds. Cells of each step consist of whole cells of the previous one. */
const steps = [1, 5, 10, 30, 60, 300, 600, 1800, 3600];

/**
 * A value over time on a grid of equal steps, which becomes coarser whenever it has too many cells. Periods without data keep their width,
 * and a day takes no more memory than an hour.
 */
export class DownsampledLine {
  private readonly cells: Cell[] = [];
  private step = 0;
  private changes = 0;

  constructor(private readonly maxCells: number) {}

  get all(): readonly Cell[] {
    return this.cells;
  }

  /** Seconds. */
  get stepSeconds(): number {
    return steps[this.step]!;
  }

  /** Changes when any cell before the last one changes. */
  get revision(): number {
    return this.changes;
  }

  /** Adds a value, which is ignored if it belongs to an earlier step than the last one. */
  add(time: number, value: number): void {
    const last = this.cells.at(-1);
    if (last === undefined) {
      this.cells.push({ time: this.startOf(time), value, breaksAfter: false });
      return;
    }
    this.coarsenFor(time);
    const end = this.cells.at(-1)!;
    const start = this.startOf(time);
    if (start < end.time) return;
    if (start === end.time) {
      // A break within one step cannot be drawn.
      end.value = value;
      end.breaksAfter = false;
      return;
    }
    for (let t = end.time + this.stepSeconds; t < start; t += this.stepSeconds)
      this.cells.push({ time: t, value: null, breaksAfter: false });
    this.cells.push({ time: start, value, breaksAfter: false });
  }

  /** Makes the grid at least as coarse as another line's, so that both can share an axis. */
  coarsen(stepSeconds: number): void {
    this.setStep(steps.findLastIndex((step) => step <= stepSeconds));
  }

  /** Repeats the last value at a later time, until which it was current. */
  extendTo(time: number): void {
    const last = this.cells.findLast((cell) => cell.value !== null);
    if (last !== undefined && !last.breaksAfter) this.add(time, last.value!);
  }

  /** Breaks the line after the last value, because data are missing. */
  break(): void {
    const last = this.cells.findLast((cell) => cell.value !== null);
    if (last === undefined || last.breaksAfter) return;
    last.breaksAfter = true;
    if (last !== this.cells.at(-1)) this.changes++;
  }

  /** Removes the break after the last value, because no data are missing. */
  removeBreak(): void {
    const last = this.cells.findLast((cell) => cell.value !== null);
    if (last === undefined || !last.breaksAfter) return;
    last.breaksAfter = false;
    this.changes++;
  }

  /** Inserts points before the first value. @param breaks The times of the last values before missing data. */
  seed(points: readonly { readonly time: number; readonly value: number }[], breaks: readonly number[]): void {
    const live = this.cells.filter((cell) => cell.value !== null).map((cell) => ({ ...cell }));
    const first = live[0]?.time ?? Infinity;
    this.clear();
    const pending = [...breaks].sort((a, b) => a - b);
    const breakBefore = (time: number): void => {
      while (pending.length > 0 && pending[0]! < time) {
        pending.shift();
        this.break();
      }
    };
    for (const { time, value } of points) {
      if (time >= first) break;
      breakBefore(time);
      this.add(time, value);
    }
    for (const cell of live) {
      breakBefore(cell.time);
      this.add(cell.time, cell.value!);
      if (cell.breaksAfter) this.break();
    }
    this.changes++;
  }

  clear(): void {
    this.cells.length = 0;
    this.step = 0;
    this.changes++;
  }

  private startOf(time: number): number {
    return time - (time % this.stepSeconds);
  }

  private coarsenFor(time: number): void {
    const first = this.cells[0]!.time;
    let step = this.step;
    while (step < steps.length - 1 && Math.floor(time / steps[step]!) - Math.floor(first / steps[step]!) >= this.maxCells) step++;
    this.setStep(step);
  }

  private setStep(step: number): void {
    if (step <= this.step) return;
    this.step = step;
    const cells = this.cells.splice(0);
    for (const cell of cells) this.merge(cell);
    this.changes++;
  }

  private merge(cell: Cell): void {
    const start = this.startOf(cell.time);
    const last = this.cells.at(-1);
    if (last?.time !== start) {
      this.cells.push({ time: start, value: cell.value, breaksAfter: cell.breaksAfter });
      return;
    }
    if (cell.value === null) return;
    // Only a break after the last value of the step can be drawn.
    last.value = cell.value;
    last.breaksAfter = cell.breaksAfter;
  }
}

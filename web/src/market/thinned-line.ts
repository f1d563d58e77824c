/** One step of a line's grid: the last value in it, or none. */
export interface Cell {
  /** When the step begins. */
  readonly time: number;
  value: number | null;
  /** Data are missing between this value and the next one: no line is to be drawn there. */
  breaksBehind: boolean;
}

/** Steps in seconds, each a divisor of the next or of a minute, so that cells of one are made of whole cells of the one before. */
const steps = [1, 5, 10, 30, 60, 300, 600, 1800, 3600];

/**
 * The course of a value, on a grid of equal steps of time that is made coarser whenever it has too many: so it is as fine as it can be, a stretch without data is as wide as it lasted, and a day takes no more memory
 * than an hour.
 */
export class ThinnedLine {
  private readonly cells: Cell[] = [];
  private step = 0;
  private changes = 0;

  constructor(private readonly most: number) {}

  get all(): readonly Cell[] {
    return this.cells;
  }

  /** Seconds. */
  get stepSeconds(): number {
    return steps[this.step]!;
  }

  /** Changes whenever anything does but the last cell and what comes behind it. */
  get revision(): number {
    return this.changes;
  }

  /** The next value, which is no earlier than the last one; where it is of an earlier step, it changes nothing. */
  add(time: number, value: number): void {
    const last = this.cells.at(-1);
    if (last === undefined) {
      this.cells.push({ time: this.startOf(time), value, breaksBehind: false });
      return;
    }
    this.coarsenFor(time);
    const end = this.cells.at(-1)!;
    const start = this.startOf(time);
    if (start < end.time) return;
    if (start === end.time) {
      // A break within one step cannot be drawn, whether the step was that long already or becomes it later.
      end.value = value;
      end.breaksBehind = false;
      return;
    }
    for (let t = end.time + this.stepSeconds; t < start; t += this.stepSeconds) this.cells.push({ time: t, value: null, breaksBehind: false });
    this.cells.push({ time: start, value, breaksBehind: false });
  }

  /** Makes the grid as coarse as another line's, so that both can stand on one axis. */
  coarsen(stepSeconds: number): void {
    this.setStep(steps.findLastIndex((step) => step <= stepSeconds));
  }

  /** The last value was still the last at a later time. */
  hold(time: number): void {
    const last = this.cells.findLast((cell) => cell.value !== null);
    if (last !== undefined && !last.breaksBehind) this.add(time, last.value!);
  }

  /** Data are missing between the last value and the next one. */
  break(): void {
    const last = this.cells.findLast((cell) => cell.value !== null);
    if (last === undefined || last.breaksBehind) return;
    last.breaksBehind = true;
    if (last !== this.cells.at(-1)) this.changes++;
  }

  /** Nothing is missing behind the last value after all. */
  mend(): void {
    const last = this.cells.findLast((cell) => cell.value !== null);
    if (last === undefined || !last.breaksBehind) return;
    last.breaksBehind = false;
    this.changes++;
  }

  /** Puts what happened before the first value in front. `breaks` are the times of the last values before data were missing. */
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
      if (cell.breaksBehind) this.break();
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
    while (step < steps.length - 1 && Math.floor(time / steps[step]!) - Math.floor(first / steps[step]!) >= this.most) step++;
    this.setStep(step);
  }

  private setStep(step: number): void {
    if (step <= this.step) return;
    this.step = step;
    const fine = this.cells.splice(0);
    for (const cell of fine) this.merge(cell);
    this.changes++;
  }

  private merge(cell: Cell): void {
    const start = this.startOf(cell.time);
    const last = this.cells.at(-1);
    if (last?.time !== start) {
      this.cells.push({ time: start, value: cell.value, breaksBehind: cell.breaksBehind });
      return;
    }
    if (cell.value === null) return;
    // One behind the last value of the step can be drawn.
    last.value = cell.value;
    last.breaksBehind = cell.breaksBehind;
  }
}

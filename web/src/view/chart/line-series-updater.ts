import type { ISeriesApi, SeriesDataItemTypeMap, SeriesType, Time, UTCTimestamp } from "lightweight-charts";
import type { Cell, DownsampledLine } from "../../market/downsampled-line";

/** Updates a line series of a chart: appends new points, or replaces all of them if earlier ones have changed. */
export class LineSeriesUpdater<TSeries extends SeriesType> {
  private revision = -1;
  private drawn = 0;
  private end: number | null = null;

  constructor(
    private readonly series: ISeriesApi<TSeries>,
    private readonly point: (cell: Cell, time: UTCTimestamp) => SeriesDataItemTypeMap<Time>[TSeries],
  ) {}

  /** @returns Whether anything has changed. */
  draw(line: DownsampledLine): boolean {
    const cells = line.all;
    if (line.revision !== this.revision || cells.length < this.drawn) {
      this.series.setData(cells.map((cell) => this.point(cell, cell.time as UTCTimestamp)));
    } else {
      const last = cells.at(-1);
      if (cells.length === this.drawn && last?.value === this.end) return false;
      for (let i = Math.max(0, this.drawn - 1); i < cells.length; i++) {
        const cell = cells[i]!;
        this.series.update(this.point(cell, cell.time as UTCTimestamp));
      }
    }
    this.revision = line.revision;
    this.drawn = cells.length;
    this.end = cells.at(-1)?.value ?? null;
    return true;
  }
}

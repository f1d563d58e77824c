import type {
  ISeriesPrimitive,
  IPrimitivePaneRenderer,
  IPrimitivePaneView,
  SeriesAttachedParameter,
  Time,
  UTCTimestamp,
} from "lightweight-charts";
import { mergeSpans, type Span } from "../../market/gaps";
import type { Palette } from "../palette";

type Target = Parameters<IPrimitivePaneRenderer["draw"]>[0];

/** The minimum width in pixels, so that the shortest gap is visible. */
const minWidth = 5;
const hatchSpacing = 7;

/** Shades the gaps of a chart over its whole height; hatched, so that they are recognizable without colours. */
export class GapShading implements ISeriesPrimitive<Time> {
  private attachment: SeriesAttachedParameter<Time> | null = null;
  private spans: readonly Pick<Span, "from" | "to">[] = [];
  private stepSeconds = 1;
  private readonly views: readonly IPrimitivePaneView[];

  constructor(palette: Palette) {
    const renderer: IPrimitivePaneRenderer = { draw: (target) => this.draw(target, palette) };
    this.views = [{ zOrder: () => "bottom", renderer: () => renderer }];
  }

  /** @param stepSeconds The seconds between two points of the chart. */
  set(spans: readonly Pick<Span, "from" | "to">[], stepSeconds: number): void {
    this.spans = mergeSpans(spans);
    this.stepSeconds = stepSeconds;
    this.attachment?.requestUpdate();
  }

  attached(attachment: SeriesAttachedParameter<Time>): void {
    this.attachment = attachment;
  }

  detached(): void {
    this.attachment = null;
  }

  paneViews(): readonly IPrimitivePaneView[] {
    return this.views;
  }

  private draw(target: Target, palette: Palette): void {
    const scale = this.attachment?.chart.timeScale();
    if (scale === undefined || this.spans.length === 0) return;
    target.useMediaCoordinateSpace(({ context, mediaSize }) => {
      const xOf = (time: number): number | null => {
        const index = scale.timeToIndex((time - (time % this.stepSeconds)) as UTCTimestamp, true);
        return index === null ? null : scale.logicalToCoordinate(index as never);
      };
      for (const { from, to } of this.spans) {
        const left = xOf(from);
        const right = to === null ? mediaSize.width : xOf(to);
        if (left === null || right === null || right < 0 || left > mediaSize.width) continue;
        const width = Math.max(minWidth, right - left);
        shade(context, left - (width - (right - left)) / 2, width, mediaSize.height, palette);
      }
    });
  }
}

function shade(context: CanvasRenderingContext2D, left: number, width: number, height: number, palette: Palette): void {
  context.save();
  context.beginPath();
  context.rect(left, 0, width, height);
  context.clip();
  context.fillStyle = palette.gap;
  context.fillRect(left, 0, width, height);
  context.strokeStyle = palette.gapLine;
  context.lineWidth = 1;
  context.beginPath();
  for (let x = left - height; x < left + width; x += hatchSpacing) {
    context.moveTo(x, height);
    context.lineTo(x + height, 0);
  }
  context.stroke();
  context.restore();
}

import { mergeSpans, type Span } from "../../market/gaps";
import type { DownsampledLine } from "../../market/downsampled-line";
import type { Palette } from "../palette";
import { element } from "../dom";

/** Milliseconds between two drawings. */
export const sparklineInterval = 1_000;

const width = 104;
const height = 28;
const margin = 2;

interface Line {
  readonly line: DownsampledLine;
  readonly color: string;
}

/** A line in a table row: a value over the day, with gaps left open and shaded. */
export class Sparkline {
  readonly canvas: HTMLCanvasElement;
  private state = "";

  constructor(private readonly palette: Palette) {
    const ratio = Math.max(1, devicePixelRatio);
    this.canvas = element("canvas", {
      class: "sparkline",
      width: Math.round(width * ratio),
      height: Math.round(height * ratio),
      "aria-hidden": "true",
    });
  }

  draw(lines: readonly Line[], gaps: readonly Span[]): void {
    const gapState = gaps.map(({ from, to }) => `${from}-${to}`).join();
    const lineStates = lines.map(({ line, color }) => `|${color}:${line.revision}:${line.all.length}:${line.all.at(-1)?.value ?? ""}`);
    const state = gapState + lineStates.join("");
    if (state === this.state) return;
    this.state = state;
    const context = this.canvas.getContext("2d");
    if (context === null) return;
    context.setTransform(this.canvas.width / width, 0, 0, this.canvas.height / height, 0, 0);
    context.clearRect(0, 0, width, height);
    const all = lines.flatMap(({ line }) => line.all);
    const values = all.flatMap(({ value }) => (value === null ? [] : [value]));
    this.canvas.dataset["points"] = String(values.length);
    if (values.length === 0) return;
    const times = all.map(({ time }) => time);
    const [first, last] = [min(times), max(times)];
    const x = scale(first, last, margin, width - margin);
    const y = scale(min(values), max(values), height - margin, margin);
    // Paler than in a chart, where the shading is hatched: many gaps in a small picture must not cover it.
    context.fillStyle = this.palette.gap;
    for (const { from, to } of mergeSpans(gaps)) {
      const left = x(Math.max(first, Math.min(from, last)));
      context.fillRect(left, 0, Math.max(1, x(Math.min(to ?? last, last)) - left), height);
    }
    for (const { line, color } of lines) trace(context, line, color, x, y);
  }
}

function trace(
  context: CanvasRenderingContext2D,
  line: DownsampledLine,
  color: string,
  x: (time: number) => number,
  y: (value: number) => number,
): void {
  context.strokeStyle = color;
  context.lineWidth = 1.5;
  context.lineJoin = "round";
  context.beginPath();
  let isConnected = false;
  for (const { time, value, breaksAfter } of line.all) {
    if (value === null) continue;
    if (isConnected) context.lineTo(x(time), y(value));
    else context.moveTo(x(time), y(value));
    isConnected = !breaksAfter;
  }
  context.stroke();
}

function scale(from: number, to: number, low: number, high: number): (value: number) => number {
  return from === to ? () => (low + high) / 2 : (value) => low + ((value - from) / (to - from)) * (high - low);
}

function min(values: readonly number[]): number {
  return values.reduce((a, b) => Math.min(a, b));
}

function max(values: readonly number[]): number {
  return values.reduce((a, b) => Math.max(a, b));
}

import type { Span } from "../../market/gaps";
import type { ThinnedLine } from "../../market/thinned-line";
import type { Palette } from "../palette";
import { element } from "../dom";

/** Milliseconds between two drawings: a line of a hundred points moves no faster. */
export const sparkEvery = 1_000;

const width = 104;
const height = 28;
const margin = 2;

interface Line {
  readonly line: ThinnedLine;
  readonly color: string;
}

/** A line as high as a row of a table: the course of a value over the day, with gaps left open and shaded. */
export class Spark {
  readonly canvas: HTMLCanvasElement;
  private state = "";

  constructor(private readonly palette: Palette) {
    const ratio = Math.max(1, devicePixelRatio);
    this.canvas = element("canvas", { class: "spark", width: Math.round(width * ratio), height: Math.round(height * ratio), "aria-hidden": "true" });
  }

  draw(lines: readonly Line[], gaps: readonly Span[]): void {
    const state = `${gaps.map(({ from, to }) => `${from}-${to}`).join()}${lines.map(({ line }) => `|${line.revision}:${line.all.length}:${line.all.at(-1)?.value ?? ""}`).join("")}`;
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
    const x = scale(least(times), most(times), margin, width - margin);
    const y = scale(least(values), most(values), height - margin, margin);
    context.fillStyle = this.palette.gapLine;
    for (const { from, to } of gaps) {
      const right = to === null ? width : x(to);
      context.fillRect(Math.min(x(from), width - margin), 0, Math.max(2, right - x(from)), height);
    }
    for (const { line, color } of lines) trace(context, line, color, x, y);
  }
}

function trace(context: CanvasRenderingContext2D, line: ThinnedLine, color: string, x: (time: number) => number, y: (value: number) => number): void {
  context.strokeStyle = color;
  context.lineWidth = 1.5;
  context.lineJoin = "round";
  context.beginPath();
  let isDown = false;
  for (const { time, value, breaksBehind } of line.all) {
    if (value === null) continue;
    if (isDown) context.lineTo(x(time), y(value));
    else context.moveTo(x(time), y(value));
    isDown = !breaksBehind;
  }
  context.stroke();
}

function scale(from: number, to: number, low: number, high: number): (value: number) => number {
  return from === to ? () => (low + high) / 2 : (value) => low + ((value - from) / (to - from)) * (high - low);
}

function least(values: readonly number[]): number {
  return values.reduce((a, b) => Math.min(a, b));
}

function most(values: readonly number[]): number {
  return values.reduce((a, b) => Math.max(a, b));
}

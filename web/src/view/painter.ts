/** A part of the page that is drawn periodically, and draws only what has changed. */
export interface Part {
  paint(): void;
}

interface ScheduledPart {
  readonly part: Part;
  readonly interval: number;
  due: number;
}

/** Milliseconds of painting in one animation frame, after which the rest waits for the next frame. */
const budget = 6;

/**
 * Draws the parts of the page that are due, a few in each animation frame, so that no frame takes long. A hidden page is not drawn.
 */
export class Painter {
  private readonly parts: ScheduledPart[] = [];
  private frame = 0;

  /** @param every Milliseconds between two paintings. */
  add(part: Part, interval: number): void {
    this.parts.push({ part, interval, due: 0 });
  }

  remove(part: Part): void {
    const at = this.parts.findIndex((scheduled) => scheduled.part === part);
    if (at >= 0) this.parts.splice(at, 1);
  }

  clear(): void {
    this.parts.length = 0;
  }

  start(): void {
    cancelAnimationFrame(this.frame);
    const loop = (): void => {
      this.frame = requestAnimationFrame(loop);
      this.paint();
    };
    loop();
  }

  private paint(): void {
    const start = performance.now();
    const due = this.parts.filter((scheduled) => scheduled.due <= start).sort((a, b) => a.due - b.due);
    for (const scheduled of due) {
      scheduled.due = start + scheduled.interval; // Before painting: a part that throws must not block the others.
      scheduled.part.paint();
      if (performance.now() - start > budget) return;
    }
  }
}

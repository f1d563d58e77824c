/** Something that is drawn anew now and then. Draws only what has changed. */
export interface Part {
  paint(): void;
}

interface Turn {
  readonly part: Part;
  readonly every: number;
  due: number;
}

/** Milliseconds of one frame that painting may take before the rest waits for the next one. */
const budget = 6;

/**
 * Draws parts of the page when it is their turn, a few in each frame of the screen, so that no frame takes long. Records come more often than anybody can look; nothing is drawn while nobody does.
 */
export class Painter {
  private readonly turns: Turn[] = [];
  private frame = 0;

  /** @param every Milliseconds between two paintings. */
  add(part: Part, every: number): void {
    this.turns.push({ part, every, due: 0 });
  }

  remove(part: Part): void {
    const at = this.turns.findIndex((turn) => turn.part === part);
    if (at >= 0) this.turns.splice(at, 1);
  }

  clear(): void {
    this.turns.length = 0;
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
    const begun = performance.now();
    const due = this.turns.filter((turn) => turn.due <= begun).sort((a, b) => a.due - b.due);
    for (const turn of due) {
      turn.due = begun + turn.every; // Before it is painted: one that fails must not be the first for ever.
      turn.part.paint();
      if (performance.now() - begun > budget) return;
    }
  }
}

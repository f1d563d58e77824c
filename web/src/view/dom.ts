type Child = Node | string;
type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** Creates an element. An attribute that is false or undefined is omitted; one that is true has no value. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const created = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    created.setAttribute(name, value === true ? "" : String(value));
  }
  created.append(...children);
  return created;
}

/** Sets the text only if it has changed, to avoid a new layout. @returns Whether it has changed. */
export function setText(node: Element, text: string): boolean {
  if (node.textContent === text) return false;
  node.textContent = text;
  return true;
}

export function setAttribute(node: Element, name: string, value: string): void {
  if (node.getAttribute(name) !== value) node.setAttribute(name, value);
}

const arrows = { up: "▲", down: "▼", flat: "–" } as const;

function directionOf(value: number | null | undefined): keyof typeof arrows {
  return value === null || value === undefined || value === 0 ? "flat" : value > 0 ? "up" : "down";
}

/** The sign of a change as Korean traders read it. */
export function arrowOf(value: number | null | undefined): string {
  return arrows[directionOf(value)];
}

/** Sets `data-direction`, which determines a number's colour. */
export function setDirection(node: HTMLElement, value: number | null | undefined): void {
  const direction = directionOf(value);
  if (node.dataset["direction"] !== direction) node.dataset["direction"] = direction;
}

const reducedMotion = matchMedia("(prefers-reduced-motion: reduce)");

/** Highlights the background for a moment. It does not fade: each step would be painted again, and there are many of these elements. */
export function flash(node: HTMLElement, colour: string): void {
  if (reducedMotion.matches || document.visibilityState !== "visible") return;
  node.animate([{ backgroundColor: colour }, { backgroundColor: colour }], { duration: 350 });
}

/** Puts children into the given order and keeps the keyboard focus. */
export function reorder(parent: Element, children: readonly Element[]): void {
  const focused = parent.contains(document.activeElement) ? (document.activeElement as HTMLElement) : null;
  let at = parent.firstElementChild;
  for (const child of children) {
    if (child === at) at = at.nextElementSibling;
    else parent.insertBefore(child, at);
  }
  if (focused !== null && focused !== document.activeElement && focused.isConnected) focused.focus({ preventScroll: true });
}

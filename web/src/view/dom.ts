type Child = Node | string;
type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** Makes an element. An attribute that is false or undefined is left out; one that is true has no value. */
export function element<K extends keyof HTMLElementTagNameMap>(tag: K, attributes: Attributes = {}, ...children: readonly Child[]): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    made.setAttribute(name, value === true ? "" : String(value));
  }
  made.append(...children);
  return made;
}

/** Changes a text only where it is another: what is written again is laid out again. */
export function setText(node: Element, text: string): boolean {
  if (node.textContent === text) return false;
  node.textContent = text;
  return true;
}

export function setAttribute(node: Element, name: string, value: string): void {
  if (node.getAttribute(name) !== value) node.setAttribute(name, value);
}

/** Sets `data-direction`, by which a number has its colour. */
export function setDirection(node: HTMLElement, value: number | null | undefined): void {
  const direction = value === null || value === undefined || value === 0 ? "flat" : value > 0 ? "up" : "down";
  if (node.dataset["direction"] !== direction) node.dataset["direction"] = direction;
}

const still = matchMedia("(prefers-reduced-motion: reduce)");

/** Lets a background light up for a moment: something new stands here. It does not fade, since every step of that would be painted anew, and there are many of these. */
export function flash(node: HTMLElement, colour: string): void {
  if (still.matches || document.visibilityState !== "visible") return;
  node.animate([{ backgroundColor: colour }, { backgroundColor: colour }], { duration: 350 });
}

/** Puts children into the given order. Where one of them has the keyboard's focus, it keeps it. */
export function order(parent: Element, children: readonly Element[]): void {
  const focused = parent.contains(document.activeElement) ? (document.activeElement as HTMLElement) : null;
  let at = parent.firstElementChild;
  for (const child of children) {
    if (child === at) at = at.nextElementSibling;
    else parent.insertBefore(child, at);
  }
  if (focused !== null && focused !== document.activeElement && focused.isConnected) focused.focus({ preventScroll: true });
}

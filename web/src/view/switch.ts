import { element } from "./dom";

/** A group of buttons of which one is selected, also for screen readers. */
export function makeSwitch<T extends string>(
  label: string,
  choices: readonly (readonly [T, string])[],
  selected: T,
  choose: (choice: T) => void,
): HTMLElement {
  const buttons = choices.map(([choice, text]) => {
    const button = element("button", { type: "button", "data-choice": choice, "aria-pressed": String(choice === selected) }, text);
    button.addEventListener("click", () => {
      for (const other of buttons) other.setAttribute("aria-pressed", String(other === button));
      choose(choice);
    });
    return button;
  });
  return element("div", { class: "switch", role: "group", "aria-label": label }, ...buttons);
}

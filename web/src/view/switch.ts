import { element } from "./dom";

/** A few choices of which one is taken: buttons that say so to those who see them and to those who hear them. */
export function makeSwitch<T extends string>(label: string, choices: readonly (readonly [T, string])[], taken: T, choose: (choice: T) => void): HTMLElement {
  const buttons = choices.map(([choice, text]) => {
    const button = element("button", { type: "button", "data-choice": choice, "aria-pressed": String(choice === taken) }, text);
    button.addEventListener("click", () => {
      for (const other of buttons) other.setAttribute("aria-pressed", String(other === button));
      choose(choice);
    });
    return button;
  });
  return element("div", { class: "switch", role: "group", "aria-label": label }, ...buttons);
}

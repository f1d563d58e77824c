import { GatewayProblem, type Gateway } from "../gateway/gateway";
import type { Texts } from "../text/english";
import type { Speech } from "../text/language";
import { element, setText } from "./dom";

/** Who comes with wrong credentials too often has to wait: the broker's code for that, and the gateway's own. */
const tooOften = ["EGW00201", "tooManyFailures"];

/** Why somebody could not sign in. */
export function reasonOf(error: unknown, texts: Texts): string {
  if (error instanceof GatewayProblem && tooOften.includes(error.code)) return texts.signInTooOften;
  if (error instanceof GatewayProblem && error.code === "linkNotValid") return texts.signInLinkFailed;
  if (error instanceof GatewayProblem && (error.status === 401 || error.status === 403)) return texts.signInFailed;
  return texts.signInTrouble(error instanceof Error ? error.message : String(error));
}

/** Asks who is looking, where the gateway is not open to everybody. */
export class SignIn {
  readonly root: HTMLFormElement;
  private readonly problem = element("p", { class: "problem", role: "alert" });

  /** @param problem Why signing in by a link failed; null where nobody tried. */
  constructor(
    private readonly speech: Speech,
    private readonly gateway: Gateway,
    private readonly done: () => void,
    problem: unknown,
  ) {
    const { texts } = speech;
    const key = element("input", { id: "appkey", name: "appkey", autocomplete: "username", spellcheck: "false", required: true });
    const secret = element("input", { id: "appsecret", name: "appsecret", type: "password", autocomplete: "current-password", required: true });
    const button = element("button", { type: "submit" }, texts.signIn);
    this.root = element(
      "form",
      { id: "signin", class: "card", "aria-labelledby": "signin-title" },
      element("h2", { id: "signin-title" }, texts.signInTitle),
      element("p", {}, texts.signInText),
      element("label", { for: "appkey" }, texts.appKey),
      key,
      element("label", { for: "appsecret" }, texts.appSecret),
      secret,
      this.problem,
      button,
    );
    if (problem !== null) setText(this.problem, reasonOf(problem, texts));
    this.root.addEventListener("submit", (event) => {
      event.preventDefault();
      button.disabled = true;
      void this.submit(key.value.trim(), secret.value.trim()).finally(() => (button.disabled = false));
    });
  }

  private async submit(appKey: string, appSecret: string): Promise<void> {
    setText(this.problem, "");
    try {
      await this.gateway.signIn(appKey, appSecret);
      this.done();
    } catch (error) {
      setText(this.problem, reasonOf(error, this.speech.texts));
    }
  }
}

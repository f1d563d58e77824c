import { GatewayError, type Gateway } from "../gateway/gateway";
import type { Texts } from "../text/english";
import type { Localization } from "../text/localization";
import { element, setText } from "./dom";

/** The broker's and the gateway's codes for too many failed sign-ins. */
const tooManyFailures = ["EGW00201", "tooManyFailures"];

export function signInErrorText(error: unknown, texts: Texts): string {
  if (error instanceof GatewayError && tooManyFailures.includes(error.code)) return texts.tooManySignIns;
  if (error instanceof GatewayError && error.code === "linkNotValid") return texts.signInLinkFailed;
  if (error instanceof GatewayError && (error.status === 401 || error.status === 403)) return texts.signInFailed;
  return texts.signInError(error instanceof Error ? error.message : String(error));
}

/** The sign-in form, for gateways that require credentials. */
export class SignIn {
  readonly root: HTMLFormElement;
  private readonly problem = element("p", { class: "problem", role: "alert" });

  /** @param linkError Why signing in by a link failed; null if it was not tried. */
  constructor(
    private readonly localization: Localization,
    private readonly gateway: Gateway,
    private readonly onSignedIn: () => void,
    linkError: unknown,
  ) {
    const { texts } = localization;
    const key = element("input", { id: "appkey", name: "appkey", autocomplete: "username", spellcheck: "false", required: true });
    const secret = element("input", {
      id: "appsecret",
      name: "appsecret",
      type: "password",
      autocomplete: "current-password",
      required: true,
    });
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
    if (linkError !== null) setText(this.problem, signInErrorText(linkError, texts));
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
      this.onSignedIn();
    } catch (error) {
      setText(this.problem, signInErrorText(error, this.localization.texts));
    }
  }
}

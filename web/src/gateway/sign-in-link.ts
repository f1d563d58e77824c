const member = "signin=";

/**
 * Splits the fragment of an address into the one-time code of a sign-in link (null if there is none) and the rest. Fragments are not sent
 * to servers or to other pages.
 */
export function readSignInCode(hash: string): { readonly code: string | null; readonly rest: string } {
  const parts = hash.replace(/^#/, "").split("&");
  const code = parts.find((part) => part.startsWith(member))?.slice(member.length) ?? null;
  return { code, rest: parts.filter((part) => !part.startsWith(member)).join("&") };
}

/** Reads the code from the page's address and removes it there, so that it is neither in the browser's history nor in a copied address. */
export function consumeSignInCode(): string | null {
  const { code, rest } = readSignInCode(location.hash);
  if (code !== null) history.replaceState(history.state, "", `${location.pathname}${location.search}${rest === "" ? "" : `#${rest}`}`);
  return code;
}

const member = "signin=";

/**
 * The one-time code of a sign-in link, which stands behind the # of an address, where no server and no other page sees it; and the rest of what stands there.
 * The code is null where there is none.
 */
export function readSignInCode(hash: string): { readonly code: string | null; readonly rest: string } {
  const parts = hash.replace(/^#/, "").split("&");
  const code = parts.find((part) => part.startsWith(member))?.slice(member.length) ?? null;
  return { code, rest: parts.filter((part) => !part.startsWith(member)).join("&") };
}

/** The same from the address of the page, where it is not left: it would stand in the history, and be shared with a copied address. */
export function takeSignInCode(): string | null {
  const { code, rest } = readSignInCode(location.hash);
  if (code !== null) history.replaceState(history.state, "", `${location.pathname}${location.search}${rest === "" ? "" : `#${rest}`}`);
  return code;
}

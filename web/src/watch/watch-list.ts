import type { GatewayKey } from "../gateway/pages";
import { isNotice, parseTarget, shortText, targetOf } from "./target";

const member = "watch=";

/** Keys that an address may have: as many as the gateway lets one consumer register. */
const mostKeys = 400;

/** Of what is left out, this much is said. */
const mostTold = 10;
const mostLetters = 40;

/** What is watched, in the order in which it was added. Kept in the page's address, so that a view can be shared; order notices are nobody else's business and not in it. */
export class WatchList {
  private keys: GatewayKey[] = [];

  constructor(private readonly changed: () => void) {}

  get all(): readonly GatewayKey[] {
    return this.keys;
  }

  has(key: GatewayKey): boolean {
    return this.keys.some((known) => known.trId === key.trId && known.key === key.key);
  }

  add(...keys: readonly GatewayKey[]): boolean {
    const fresh = keys.filter((key) => isWatchable(key) && !this.has(key));
    if (fresh.length === 0) return false;
    this.keys = [...this.keys, ...fresh];
    this.changed();
    return true;
  }

  remove(...keys: readonly GatewayKey[]): void {
    const gone = new Set(keys.map((key) => targetOf(key.trId, key.key)));
    const rest = this.keys.filter((key) => !gone.has(targetOf(key.trId, key.key)));
    if (rest.length === this.keys.length) return;
    this.keys = rest;
    this.changed();
  }

  replace(keys: readonly GatewayKey[]): void {
    this.keys = [];
    for (const key of keys) if (isWatchable(key) && !this.has(key)) this.keys.push(key);
    this.changed();
  }

  /** What stands behind the # of the address. */
  get address(): string {
    return `#${member}${this.keys.map(shortText).join(",")}`;
  }
}

/** Reads a list from what stands behind the # of an address; null where there is none. What is no key is left out, and said. */
export function readAddress(hash: string, most = mostKeys): { readonly keys: readonly GatewayKey[]; readonly unknown: readonly string[] } | null {
  const part = hash
    .replace(/^#/, "")
    .split("&")
    .find((candidate) => candidate.startsWith(member));
  if (part === undefined) return null;
  const keys: GatewayKey[] = [];
  const unknown: string[] = [];
  for (const text of decode(part.slice(member.length)).split(",")) {
    if (text.trim() === "") continue;
    const key = parseTarget(text);
    if (key === null || isNotice(key) || keys.length >= most) unknown.push(text.trim());
    else if (!keys.some((known) => known.trId === key.trId && known.key === key.key)) keys.push(key);
  }
  return { keys, unknown: toTell(unknown) };
}

/** Whether this page shows a key, and would read it from an address as it stands there. */
function isWatchable(key: GatewayKey): boolean {
  const read = parseTarget(shortText(key));
  return read !== null && read.trId === key.trId && read.key === key.key && !isNotice(key);
}

function toTell(texts: readonly string[]): readonly string[] {
  const told = texts.slice(0, mostTold).map((text) => (text.length > mostLetters ? `${text.slice(0, mostLetters)}…` : text));
  return texts.length > mostTold ? [...told, "…"] : told;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

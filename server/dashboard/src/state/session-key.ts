const STORED = "jobq.key";

/** The API key of this tab; it is forgotten when the tab is closed. */
export function sessionKey(): string | undefined {
  try {
    return sessionStorage.getItem(STORED) ?? undefined;
  } catch {
    return undefined; // storage that is not allowed: the key lasts until the page is left
  }
}

/** Keeps the key for this tab, or forgets it. */
export function keepSessionKey(key: string | undefined): void {
  try {
    if (key === undefined) sessionStorage.removeItem(STORED);
    else sessionStorage.setItem(STORED, key);
  } catch {
    // As above.
  }
}

import { useLayoutEffect, useState } from "preact/hooks";

/** Where in the dashboard the user is: what stands behind the `#` of the address. */
export interface Place {
  /** Such as `["jobs", "0199…"]`. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
}

/** Parameters of a place; those that are undefined or empty are left out. */
export type PlaceQuery = Readonly<Record<string, string | readonly string[] | undefined>>;

/** The address of a place, for links. */
export function placeHref(path: readonly string[], query: PlaceQuery = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    const values = typeof value === "string" || value === undefined ? [value] : value;
    for (const one of values) if (one) search.append(name, one);
  }
  const text = search.toString();
  return `#/${path.map(encodeURIComponent).join("/")}${text && `?${text}`}`;
}

/** Goes to a place. */
export function goTo(href: string): void {
  window.location.hash = href;
}

/** Changes the place without a step in the history, as while something is typed. */
export function replacePlace(href: string): void {
  history.replaceState(history.state, "", href);
  dispatchEvent(new HashChangeEvent("hashchange"));
}

/** Where the user is. */
export function usePlace(): Place {
  const [place, setPlace] = useState(currentPlace);
  // In the very task of the first rendering: a change that came before one listened would be missed.
  useLayoutEffect(() => {
    const changed = (): void => setPlace(currentPlace());
    addEventListener("hashchange", changed);
    return () => removeEventListener("hashchange", changed);
  }, []);
  return place;
}

function currentPlace(): Place {
  const [path = "", query = ""] = window.location.hash.replace(/^#\/?/, "").split(/\?(.*)/s);
  return { path: path.split("/").filter(Boolean).map(decoded), query: new URLSearchParams(query) };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // written by hand
  }
}

import type { JSX } from "preact";
import { type PlaceQuery, placeHref, usePlace } from "../routing/location.ts";
import { Icon } from "./icon.tsx";

/**
 * Goes from page to page of a list, which its `cursor` is part of. The way back is the browser's: each page is an address.
 */
export function Pager({
  query,
  next,
}: {
  readonly query: PlaceQuery;
  readonly next: string | undefined;
}): JSX.Element | null {
  const { path } = usePlace();
  const isFirst = !query.cursor;
  if (isFirst && next === undefined) return null;
  const at = (cursor: string): string => placeHref(path, { ...query, cursor });
  return (
    <nav class="pager" aria-label="Pages of the list">
      {isFirst ? (
        <span />
      ) : (
        <a class="button" href={at("")}>
          <Icon name="left" /> Newest
        </a>
      )}
      {next !== undefined && (
        <a class="button" href={at(next)} rel="next">
          Older <Icon name="right" />
        </a>
      )}
    </nav>
  );
}

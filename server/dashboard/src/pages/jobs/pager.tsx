import type { JSX } from "preact";
import { Icon } from "../../parts/icon.tsx";
import { placeHref, usePlace } from "../../routing/location.ts";
import { type JobListFilter, placeQueryOf } from "./job-filter.ts";

/** Goes from page to page. The way back is the browser's: each page is an address. */
export function Pager({
  filter,
  next,
}: {
  readonly filter: JobListFilter;
  readonly next: string | undefined;
}): JSX.Element | null {
  const { path } = usePlace();
  const isFirst = filter.cursor === "";
  if (isFirst && next === undefined) return null;
  const at = (cursor: string): string => placeHref(path, placeQueryOf({ ...filter, cursor }));
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

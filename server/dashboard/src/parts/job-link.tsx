import type { JSX } from "preact";
import { placeHref } from "../routing/location.ts";

/** The end of an id, which is what tells ids of one second apart. */
export function shortId(id: string): string {
  return id.length > 14 ? `…${id.slice(-12)}` : id;
}

/** A link to a job by its id. */
export function JobLink({ id, isWhole = false }: { readonly id: string; readonly isWhole?: boolean }): JSX.Element {
  return (
    <a class="mono" href={placeHref(["jobs", id])} title={id}>
      {isWhole ? id : shortId(id)}
    </a>
  );
}

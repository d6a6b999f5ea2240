import type { JSX } from "preact";
import { placeHref } from "../routing/location.ts";

/** A link to a job by its id, which is whole: a part of it could not be searched for. */
export function JobLink({ id }: { readonly id: string }): JSX.Element {
  return (
    <a class="mono" href={placeHref(["jobs", id])}>
      {id}
    </a>
  );
}

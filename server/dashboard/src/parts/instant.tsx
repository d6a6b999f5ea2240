import type { JSX } from "preact";
import { agoText, durationText, instantText } from "../format/time.ts";
import { useNow } from "../state/use-now.ts";

/** When something was or will be: how long ago, and the instant for those who point at it. */
export function Ago({ at }: { readonly at: string | number }): JSX.Element {
  const ms = new Date(at).getTime();
  return (
    <time dateTime={new Date(ms).toISOString()} title={instantText(ms)}>
      {agoText(ms, useNow())}
    </time>
  );
}

/** An instant, and how long ago it was. */
export function Instant({ at }: { readonly at: string | number }): JSX.Element {
  const ms = new Date(at).getTime();
  return (
    <span>
      <time dateTime={new Date(ms).toISOString()}>{instantText(ms)}</time>{" "}
      <span class="muted">{agoText(ms, useNow())}</span>
    </span>
  );
}

/** How long something took, or takes since. */
export function Elapsed({
  from,
  to,
}: {
  readonly from: string | number;
  readonly to?: string | number | undefined;
}): JSX.Element {
  const now = useNow();
  const end = to === undefined ? now : new Date(to).getTime();
  return <span class="number">{durationText(end - new Date(from).getTime())}</span>;
}

import type { JSX } from "preact";

/** A word for how something stands, beside the colour of the state of jobs that says the same. */
export function Badge({
  tone,
  text,
  title,
}: {
  readonly tone: string;
  readonly text: string;
  readonly title?: string;
}): JSX.Element {
  return (
    <span class={`badge state-${tone}`} title={title}>
      <span class="dot" aria-hidden="true" />
      {text}
    </span>
  );
}

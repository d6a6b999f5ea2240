import type { JSX } from "preact";

/** Grey bars in the place of what is being loaded, of its height. */
export function Skeleton({
  lines = 3,
  label = "Loading",
}: {
  readonly lines?: number;
  readonly label?: string;
}): JSX.Element {
  return (
    <div class="skeleton" role="status" aria-label={label}>
      {Array.from({ length: lines }, (_, index) => (
        <span key={index} class="skeleton-line" />
      ))}
    </div>
  );
}

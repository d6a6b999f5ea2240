import type { Timestamp } from "@jobq/core";

/** What code of a run waits for: an instant, or something that a wake tells of. */
export interface Waiting {
  /** When it looks again at the latest. */
  readonly until?: Timestamp | undefined;
  /** Set where a wake may bring it: the group whose end it waits for, or the empty string. */
  readonly awaits?: string | undefined;
  /** Goes on: what it waited for may be there. */
  readonly proceed: () => void;
}

/** The earliest instant that any of them waits for. */
export function earliest(waits: Iterable<Waiting>): Timestamp | undefined {
  let first: Timestamp | undefined;
  for (const { until } of waits) if (until !== undefined && until < (first ?? Infinity)) first = until;
  return first;
}

/** What a suspended run awaits: a group where one is waited for, since what was lost of its end is found by that. */
export function awaited(waits: Iterable<Waiting>): string | undefined {
  let awaits: string | undefined;
  for (const one of waits) if (one.awaits !== undefined) awaits = awaits || one.awaits;
  return awaits;
}

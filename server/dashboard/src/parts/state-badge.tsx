import type { JSX } from "preact";
import type { WireState } from "../../../src/wire/states.ts";
import { stateLabel, stateMeaning } from "../format/job-state.ts";

/** A state in words, with its colour beside it. */
export function StateBadge({ state }: { readonly state: WireState }): JSX.Element {
  return (
    <span class={`badge state-${state}`} title={stateMeaning(state)}>
      <span class="dot" aria-hidden="true" />
      {stateLabel(state)}
    </span>
  );
}

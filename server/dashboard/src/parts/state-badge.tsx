import type { JSX } from "preact";
import type { WireState } from "../../../src/wire/states.ts";
import { stateLabel, stateMeaning } from "../format/job-state.ts";
import { Badge } from "./badge.tsx";

/** A state in words, with its colour beside it. */
export function StateBadge({ state }: { readonly state: WireState }): JSX.Element {
  return <Badge tone={state} text={stateLabel(state)} title={stateMeaning(state)} />;
}

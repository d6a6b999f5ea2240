import type { JSX } from "preact";
import { durationText } from "../format/time.ts";

/** One bar: something that took from one instant to another. */
export interface Bar {
  readonly key: string;
  readonly label: string;
  readonly from: number;
  readonly to: number;
  /** A state, which gives the colour. */
  readonly tone: string;
  readonly note?: string | undefined;
}

/** What happened when, as bars on one scale of time. */
export function Waterfall({ label, bars }: { readonly label: string; readonly bars: readonly Bar[] }): JSX.Element {
  const from = Math.min(...bars.map((bar) => bar.from));
  const span = Math.max(1, Math.max(...bars.map((bar) => bar.to)) - from);
  return (
    <ol class="waterfall" aria-label={label}>
      {bars.map((bar) => (
        <li key={bar.key} class={`waterfall-row state-${bar.tone}`}>
          <span class="waterfall-label">
            {bar.label} {bar.note && <span class="muted">{bar.note}</span>}
          </span>
          <span class="waterfall-track" aria-hidden="true">
            <span
              class="waterfall-bar"
              style={{
                left: `${((bar.from - from) / span) * 100}%`,
                width: `${((bar.to - bar.from) / span) * 100}%`,
              }}
            />
          </span>
          <span class="number">{durationText(bar.to - bar.from)}</span>
        </li>
      ))}
    </ol>
  );
}

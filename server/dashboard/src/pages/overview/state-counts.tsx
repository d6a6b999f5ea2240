import type { JSX } from "preact";
import type { QueueStats } from "../../../../src/metrics/queue-stats.ts";
import { stateLabel, stateMeaning } from "../../format/job-state.ts";
import { countText, shortCount } from "../../format/number.ts";
import { placeHref } from "../../routing/location.ts";

/** What `GET /api/v1/stats` replies. */
export interface StatsForm {
  readonly queue: QueueStats;
  readonly workers: Readonly<Record<string, unknown>> | null;
}

/** The counts there are; what is between two attempts is counted as delayed. */
const TILES = ["pending", "running", "delayed", "completed", "failed", "dead_letter", "cancelled"] as const;

/** How many jobs are in each state, each a link to them. */
export function StateCounts({ counts }: { readonly counts: QueueStats | undefined }): JSX.Element {
  return (
    <ul class="tiles" aria-label="Jobs by state" aria-busy={!counts}>
      {TILES.map((state) => (
        <li key={state}>
          <a
            class={`tile state-${state} ${counts?.[state] === 0 ? "tile-zero" : ""}`}
            href={placeHref(["jobs"], { state: state === "delayed" ? ["delayed", "retrying"] : state })}
            title={stateMeaning(state)}
          >
            <span class="tile-label">
              <span class="dot" aria-hidden="true" />
              {stateLabel(state)}
            </span>
            <span class="tile-count" title={counts && countText(counts[state])}>
              {counts ? countOf(counts[state]) : <span class="skeleton-line" />}
            </span>
          </a>
        </li>
      ))}
    </ul>
  );
}

function countOf(count: number): string {
  return count < 100_000 ? countText(count) : shortCount(count);
}

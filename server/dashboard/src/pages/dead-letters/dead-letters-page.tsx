import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { may } from "../../api/caller.ts";
import { PageHead } from "../../parts/page-head.tsx";
import { goTo, placeHref } from "../../routing/location.ts";
import { useApp } from "../../state/app-context.ts";
import { FilterBar } from "../jobs/filter-bar.tsx";
import { filterOf, placeQueryOf } from "../jobs/job-filter.ts";
import { JobList } from "../jobs/job-list.tsx";
import { BulkRetry } from "./bulk-retry.tsx";

const STATES = ["dead_letter", "failed", "cancelled"] as const;

/** Jobs that ended badly, and a way to run them all again. */
export function DeadLettersPage({ query }: { readonly query: URLSearchParams }): JSX.Element {
  const { caller } = useApp();
  const [round, setRound] = useState(0);
  const asked = filterOf(query);
  const states = STATES.filter((state) => asked.states.includes(state));
  const filter = { ...asked, states: states.length > 0 ? states : (["dead_letter"] as const) };
  const retry = may(caller, "operator") && (
    <BulkRetry filter={filter} changed={() => setRound((before) => before + 1)} />
  );
  return (
    <>
      <PageHead title="Dead letters" actions={retry}>
        <p class="muted">Jobs without attempts left, that kept losing their worker, or that came too late.</p>
      </PageHead>
      <FilterBar
        filter={filter}
        states={STATES}
        change={(changed) => goTo(placeHref(["dead-letters"], placeQueryOf(changed)))}
      />
      <section class="panel flush" aria-label="Dead letters">
        <JobList key={round} filter={filter} nothing="Nothing here: no job like that needs you" />
      </section>
    </>
  );
}

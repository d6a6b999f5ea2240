import type { JSX } from "preact";
import { PageHead } from "../../parts/page-head.tsx";
import { goTo, placeHref } from "../../routing/location.ts";
import { FilterBar } from "./filter-bar.tsx";
import { filterOf, isUnfiltered, placeQueryOf } from "./job-filter.ts";
import { JobList } from "./job-list.tsx";
import { JobSearch } from "./job-search.tsx";

/** All jobs, the newest first. */
export function JobsPage({ query }: { readonly query: URLSearchParams }): JSX.Element {
  const filter = filterOf(query);
  return (
    <>
      <PageHead title="Jobs" actions={<JobSearch />} />
      <FilterBar filter={filter} change={(changed) => goTo(placeHref(["jobs"], placeQueryOf(changed)))} />
      <section class="panel flush" aria-label="Jobs">
        <JobList
          filter={filter}
          nothing={isUnfiltered(filter) ? "There are no jobs yet" : "No job passes these filters"}
        />
      </section>
    </>
  );
}

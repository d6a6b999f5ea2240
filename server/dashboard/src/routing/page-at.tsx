import type { JSX } from "preact";
import { BundlePage } from "../pages/bundles/bundle-page.tsx";
import { BundlesPage } from "../pages/bundles/bundles-page.tsx";
import { DeadLettersPage } from "../pages/dead-letters/dead-letters-page.tsx";
import { JobPage } from "../pages/job/job-page.tsx";
import { JobsPage } from "../pages/jobs/jobs-page.tsx";
import { OverviewPage } from "../pages/overview/overview-page.tsx";
import { SchedulesPage } from "../pages/schedules/schedules-page.tsx";
import { RunsPage } from "../pages/workflows/runs-page.tsx";
import { PageHead } from "../parts/page-head.tsx";
import { type Place, placeHref } from "./location.ts";

/** The page of a place. */
export function PageAt({ place }: { readonly place: Place }): JSX.Element {
  const [page, id] = place.path;
  if (page === undefined) return <OverviewPage />;
  if (page === "jobs" && id !== undefined) return <JobPage key={id} id={id} />;
  if (page === "jobs") return <JobsPage query={place.query} />;
  if (page === "dead-letters") return <DeadLettersPage query={place.query} />;
  if (page === "schedules") return <SchedulesPage />;
  if (page === "workflows") return <RunsPage query={place.query} />;
  if (page === "bundles" && id !== undefined) return <BundlePage key={id} id={id} />;
  if (page === "bundles") return <BundlesPage query={place.query} />;
  return (
    <>
      <PageHead title="There is no such page" />
      <p>
        <a href={placeHref([])}>To the overview</a>
      </p>
    </>
  );
}

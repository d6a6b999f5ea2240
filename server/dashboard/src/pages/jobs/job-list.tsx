import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { JobForm } from "../../../../src/wire/job-form.ts";
import type { LiveEvent } from "../../api/live-events.ts";
import { counted } from "../../format/number.ts";
import { EmptyState } from "../../parts/empty-state.tsx";
import { FaultNote } from "../../parts/fault-note.tsx";
import { Pager } from "../../parts/pager.tsx";
import { Skeleton } from "../../parts/skeleton.tsx";
import { useApp } from "../../state/app-context.ts";
import { useLive } from "../../state/use-live.ts";
import { useResource } from "../../state/use-resource.ts";
import { apiQueryOf, isUnfiltered, type JobListFilter, placeQueryOf } from "./job-filter.ts";
import { JobTable } from "./job-table.tsx";

interface Page {
  readonly jobs: readonly JobForm[];
  readonly has_more: boolean;
  readonly next_cursor?: string;
}

const LIMIT = 50;

/** A page of the jobs that pass a filter. Those that are shown change as they do; of new ones it says how many came. */
export function JobList({
  filter,
  nothing,
}: {
  readonly filter: JobListFilter;
  readonly nothing: string;
}): JSX.Element {
  const { api, skewMs } = useApp();
  const [news, setNews] = useState(0);
  const key = JSON.stringify(filter);
  const page = useResource(key, (signal) => {
    setNews(0);
    return api.get<Page>("jobs", { ...apiQueryOf(filter, Date.now() + skewMs), limit: LIMIT }, signal);
  });
  useLive((event) => {
    if (event.name === "gap") page.reload();
    const job = changedJob(event);
    if (!job) return;
    page.patch((shown) => withJob(shown, job));
    if (event.name === "job.created" && mayPass(filter, job)) setNews((before) => before + 1);
  });
  if (!page.data) return page.error ? <FaultNote error={page.error} retry={page.reload} /> : <Skeleton lines={8} />;
  const { jobs, has_more: hasMore, next_cursor: next } = page.data;
  return (
    <>
      <FaultNote error={page.error} retry={page.reload} />
      {news > 0 && (
        <button type="button" class="news" onClick={page.reload}>
          {counted(news, "new job")} since – show
        </button>
      )}
      {jobs.length === 0 ? (
        <EmptyState title={hasMore ? "None among the latest of these" : nothing}>
          {!isUnfiltered(filter) && !hasMore && <p class="muted">Take a filter away to see more.</p>}
          {hasMore && <p class="muted">Few jobs pass this filter: go on to look further back.</p>}
        </EmptyState>
      ) : (
        <JobTable jobs={jobs} isStale={page.isStale} />
      )}
      <Pager query={placeQueryOf(filter)} next={hasMore ? next : undefined} />
    </>
  );
}

function changedJob({ name, data }: LiveEvent): JobForm | undefined {
  return name.startsWith("job.") && name !== "job.deleted" ? (data as JobForm) : undefined;
}

function withJob(page: Page, job: JobForm): Page {
  const index = page.jobs.findIndex(({ id }) => id === job.id);
  return index < 0 ? page : { ...page, jobs: page.jobs.with(index, job) };
}

/** True when a new job is one of those that are shown, as far as that can be told here. */
function mayPass({ states, type, topic, tags, group, cursor }: JobListFilter, job: JobForm): boolean {
  return (
    cursor === "" &&
    (states.length === 0 || states.includes(job.state)) &&
    (type === "" || type === job.type) &&
    (topic === "" || topic === job.topic) &&
    (group === "" || group === job.group) &&
    tags.every((tag) => job.tags?.[tag.slice(0, tag.indexOf(":"))] === tag.slice(tag.indexOf(":") + 1))
  );
}

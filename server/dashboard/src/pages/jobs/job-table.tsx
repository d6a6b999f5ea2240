import type { JSX } from "preact";
import type { JobForm } from "../../../../src/wire/job-form.ts";
import { firstLine } from "../../format/first-line.ts";
import { Ago, Elapsed } from "../../parts/instant.tsx";
import { JobLink } from "../../parts/job-link.tsx";
import { StateBadge } from "../../parts/state-badge.tsx";
import { placeHref } from "../../routing/location.ts";

/** Jobs, one a line. */
export function JobTable({
  jobs,
  isStale,
}: {
  readonly jobs: readonly JobForm[];
  readonly isStale: boolean;
}): JSX.Element {
  return (
    <div class="scroll">
      <table class={isStale ? "table jobs stale" : "table jobs"} aria-busy={isStale}>
        <thead>
          <tr>
            <th scope="col">State</th>
            <th scope="col">Job</th>
            <th scope="col" class="right wide">
              Attempt
            </th>
            <th scope="col" class="right wide">
              Ran
            </th>
            <th scope="col" class="right wide">
              Created
            </th>
          </tr>
        </thead>
        <tbody>
          {jobs.map((job) => (
            <JobLine key={job.id} job={job} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function JobLine({ job }: { readonly job: JobForm }): JSX.Element {
  const { id, type, state, attempt, max_attempts: most, created_at: createdAt, last_error: error } = job;
  const hasFailed = state === "failed" || state === "dead_letter" || state === "retrying" || state === "cancelled";
  return (
    <tr>
      <td>
        <StateBadge state={state} />
      </td>
      <td class="job-cell">
        <a class="job-type" href={placeHref(["jobs", id])}>
          {type}
        </a>
        <span class="job-sub">
          <JobLink id={id} />
          <span class="narrow">
            <Ago at={createdAt} />
          </span>
          {job.topic !== type && <span>on {job.topic}</span>}
          {Object.entries(job.tags ?? {}).map(([name, value]) => (
            <a key={name} class="tag" href={placeHref(["jobs"], { tag: `${name}:${value}` })}>
              {name}:{value}
            </a>
          ))}
        </span>
        {hasFailed && error && <span class="job-error">{firstLine(error)}</span>}
        {state === "running" && job.progress > 0 && <ProgressLine job={job} />}
      </td>
      <td class="right wide number">
        {attempt}
        <span class="muted">/{most}</span>
      </td>
      <td class="right wide">
        <Ran job={job} />
      </td>
      <td class="right nowrap wide">
        <Ago at={createdAt} />
      </td>
    </tr>
  );
}

function Ran({ job }: { readonly job: JobForm }): JSX.Element {
  const { state, started_at: from, completed_at: to } = job;
  const isOver = to !== undefined;
  if (from === undefined || (!isOver && state !== "running")) return <span class="muted">–</span>;
  return <Elapsed from={from} to={to} />;
}

function ProgressLine({ job }: { readonly job: JobForm }): JSX.Element {
  const { type, progress, progress_message: message } = job;
  return (
    <span class="job-progress">
      <progress max={100} value={progress} aria-label={`Progress of ${type}`} />
      <span class="number">{Math.round(progress)}%</span>
      <span class="muted">{message}</span>
    </span>
  );
}

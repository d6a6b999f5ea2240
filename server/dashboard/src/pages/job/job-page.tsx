import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { wireStateOf } from "../../../../src/wire/states.ts";
import { CopyButton } from "../../parts/copy-button.tsx";
import { EmptyState } from "../../parts/empty-state.tsx";
import { FaultNote } from "../../parts/fault-note.tsx";
import { PageHead } from "../../parts/page-head.tsx";
import { Skeleton } from "../../parts/skeleton.tsx";
import { StateBadge } from "../../parts/state-badge.tsx";
import { placeHref } from "../../routing/location.ts";
import { useApp } from "../../state/app-context.ts";
import { useLive } from "../../state/use-live.ts";
import { useResource } from "../../state/use-resource.ts";
import { AttemptsPanel } from "./attempts-panel.tsx";
import { JobActions } from "./job-actions.tsx";
import { type JobDetails, loadDetails } from "./job-details.ts";
import { JobFacts } from "./job-facts.tsx";
import { LogsPanel } from "./logs-panel.tsx";
import { PayloadPanel } from "./payload-panel.tsx";
import { ProgressPanel } from "./progress-panel.tsx";
import { StepsPanel } from "./steps-panel.tsx";
import { TimelinePanel } from "./timeline-panel.tsx";

/** Everything about one job. */
export function JobPage({ id }: { readonly id: string }): JSX.Element {
  const { api } = useApp();
  const [isDeleted, setDeleted] = useState(false);
  const details = useResource(id, (signal) => loadDetails(api, id, signal), 5000);
  useLive(
    ({ name }) => {
      if (name === "job.deleted") setDeleted(true);
      else if (name !== "connected") details.reload();
    },
    { jobId: id },
  );
  if (isDeleted || details.error?.status === 404) {
    return (
      <>
        <PageHead title="Job" />
        <EmptyState title={isDeleted ? "This job was deleted" : "There is no such job"}>
          <p class="muted break mono">{id}</p>
          <a href={placeHref(["jobs"])}>To all jobs</a>
        </EmptyState>
      </>
    );
  }
  return (
    <>
      <nav class="crumbs" aria-label="Where this is">
        <a href={placeHref(["jobs"])}>Jobs</a>
        <span aria-hidden="true">/</span>
        {details.data && <a href={placeHref(["jobs"], { type: details.data.job.name })}>{details.data.job.name}</a>}
      </nav>
      <FaultNote error={details.error} retry={details.reload} />
      {details.data ? (
        <Loaded details={details.data} changed={details.reload} />
      ) : (
        <>
          <PageHead title="Job" />
          {!details.error && <Skeleton lines={10} />}
        </>
      )}
    </>
  );
}

function Loaded({ details, changed }: { readonly details: JobDetails; readonly changed: () => void }): JSX.Element {
  const { caller } = useApp();
  const { job, attempts, logs, waitsFor } = details;
  const state = wireStateOf(job);
  const heading = (
    <>
      <span class="break">{job.name}</span> <StateBadge state={state} />
    </>
  );
  return (
    <>
      <PageHead
        title={`Job ${job.name}`}
        heading={heading}
        actions={<JobActions job={job} state={state} changed={changed} />}
      >
        <p class="job-id">
          <span class="mono break">{job.id}</span>
          <CopyButton text={job.id} label="Copy the id" />
        </p>
      </PageHead>
      <div class="job-layout">
        <div class="job-main">
          <ProgressPanel job={job} state={state} waitsFor={waitsFor} />
          {caller.modules.includes("workflows") && <StepsPanel job={job} />}
          <TimelinePanel job={job} attempts={attempts} />
          <AttemptsPanel attempts={attempts} />
          <LogsPanel logs={logs} />
          <PayloadPanel id={job.id} state={job.state} />
        </div>
        <aside class="job-side" aria-label="Facts">
          <JobFacts job={job} />
        </aside>
      </div>
    </>
  );
}

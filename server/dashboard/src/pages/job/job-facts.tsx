import type { JobHead } from "@jobq/core";
import type { JSX } from "preact";
import { counted } from "../../format/number.ts";
import { policyText } from "../../format/retry-policy.ts";
import { durationText } from "../../format/time.ts";
import { Fact, Facts } from "../../parts/facts.tsx";
import { Instant } from "../../parts/instant.tsx";
import { JobLink } from "../../parts/job-link.tsx";
import { Panel } from "../../parts/panel.tsx";
import { placeHref } from "../../routing/location.ts";
import { keptData } from "./job-details.ts";

/** The names that weights have. */
const PRIORITIES: Readonly<Record<number, string>> = {
  [-200]: "critical",
  [-100]: "high",
  0: "normal",
  100: "low",
  200: "bulk",
};

/** What is known of a job. */
export function JobFacts({ job }: { readonly job: JobHead }): JSX.Element {
  const { retry, deadLetter, origin, correlationId } = keptData(job);
  return (
    <>
      <Panel title="Job">
        <Facts>
          <Fact name="Topic">
            <a href={placeHref(["jobs"], { topic: job.topic })}>{job.topic}</a>
          </Fact>
          <Fact name="Priority">
            {PRIORITIES[job.weight]} <span class="muted">weight {job.weight}</span>
          </Fact>
          <Fact name="Attempts">
            {job.attempt} of {job.maxRetries + 1}
          </Fact>
          <Fact name="Lost leases">{job.leaseLosses > 0 && `${job.leaseLosses} of ${job.maxLeaseLosses}`}</Fact>
          <Fact name="Resets">{job.resetCount > 0 && job.resetCount}</Fact>
          <Fact name="Timeout">{durationText(job.timeoutMs)}</Fact>
          <Fact name="Retries">{retry && policyText(retry)}</Fact>
          <Fact name="Dead letters go to">{deadLetter}</Fact>
          <Fact name="Unique key">{job.unique && <code class="break">{job.unique}</code>}</Fact>
          <Fact name="Tags">{job.tags && <Tags tags={job.tags} />}</Fact>
          <Fact name="Origin">{origin}</Fact>
          <Fact name="Correlation id">{correlationId && <code class="break">{correlationId}</code>}</Fact>
        </Facts>
      </Panel>
      <Panel title="Time">
        <Facts>
          <Fact name="Created">
            <Instant at={job.createdAt} />
          </Fact>
          <Fact name="Due">{job.runAt !== undefined && <Instant at={job.runAt} />}</Fact>
          <Fact name="Started">{job.reservedAt !== undefined && <Instant at={job.reservedAt} />}</Fact>
          <Fact name="Lease until">{job.leaseUntil !== undefined && <Instant at={job.leaseUntil} />}</Fact>
          <Fact name="Ended">{job.finishedAt !== undefined && <Instant at={job.finishedAt} />}</Fact>
          <Fact name="Expires">{job.expiresAt !== undefined && <Instant at={job.expiresAt} />}</Fact>
          <Fact name="Worker">{job.reservedBy && <code class="break">{job.reservedBy}</code>}</Fact>
        </Facts>
      </Panel>
      <Links job={job} />
    </>
  );
}

function Links({ job }: { readonly job: JobHead }): JSX.Element | null {
  const { blockers, parent, group, limit, slot, awaits } = job;
  const waiting = waitingFor(job);
  if (!blockers && !parent && !group && !limit && waiting <= 0 && !awaits) return null;
  return (
    <Panel title="Links">
      <Facts>
        <Fact name="Waits for">
          {blockers && (
            <ul class="plain-list">
              {blockers.slice(0, 50).map((id) => (
                <li key={id}>
                  <JobLink id={id} />
                </li>
              ))}
              {blockers.length > 50 && <li class="muted">and {blockers.length - 50} more</li>}
            </ul>
          )}
        </Fact>
        <Fact name="Waits for the group">{awaits && <code class="break">{awaits}</code>}</Fact>
        <Fact name="Parent">{parent && <JobLink id={parent} />}</Fact>
        <Fact name="Group">
          {group && (
            <a class="break" href={placeHref(["jobs"], { group })}>
              {group}
            </a>
          )}
        </Fact>
        <Fact name="Limit">
          {limit && (
            <>
              <code class="break">{limit.key}</code>{" "}
              <span class="muted">
                {limit.concurrency} at a time, {slot === undefined ? "waits for its turn" : `has slot ${slot + 1}`}
              </span>
            </>
          )}
        </Fact>
        <Fact name="Waited for by">{waiting > 0 && counted(waiting, "job")}</Fact>
      </Facts>
    </Panel>
  );
}

/** How many jobs wait for the end of one. Its links are also its dead letter, its members, and children of a run. */
function waitingFor(job: JobHead): number {
  const { deadLetter, group, run } = keptData(job);
  return run ? 0 : (job.links ?? 0) - (deadLetter === undefined ? 0 : 1) - (group ? 1 : 0);
}

function Tags({ tags }: { readonly tags: Readonly<Record<string, string>> }): JSX.Element {
  return (
    <span class="tags">
      {Object.entries(tags).map(([name, value]) => (
        <a key={name} class="tag" href={placeHref(["jobs"], { tag: `${name}:${value}` })}>
          {name}:{value}
        </a>
      ))}
    </span>
  );
}

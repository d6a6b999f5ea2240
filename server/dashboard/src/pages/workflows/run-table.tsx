import type { JSX } from "preact";
import { firstLine } from "../../format/first-line.ts";
import { Badge } from "../../parts/badge.tsx";
import { Ago, Elapsed } from "../../parts/instant.tsx";
import { JobLink } from "../../parts/job-link.tsx";
import { placeHref } from "../../routing/location.ts";
import { type RunForm, runState } from "./run-form.ts";

/** Runs, each with a link to its steps. */
export function RunTable({ runs }: { readonly runs: readonly RunForm[] }): JSX.Element {
  return (
    <div class="scroll">
      <table class="table">
        <thead>
          <tr>
            <th scope="col">State</th>
            <th scope="col">Run</th>
            <th scope="col" class="right wide">
              Took
            </th>
            <th scope="col" class="right wide">
              Created
            </th>
          </tr>
        </thead>
        <tbody>
          {runs.map((run) => (
            <RunRow key={run.id} run={run} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function RunRow({ run }: { readonly run: RunForm }): JSX.Element {
  const { id, workflow, error, created_at: created, finished_at: finished } = run;
  const { label, tone } = runState(run);
  return (
    <tr>
      <td>
        <Badge tone={tone} text={label} />
      </td>
      <td class="job-cell">
        <a class="job-type" href={placeHref(["jobs", id])}>
          {workflow}
        </a>
        <span class="job-sub">
          <JobLink id={id} />
          <span class="narrow">
            <Ago at={created} />
          </span>
        </span>
        {error && <span class="job-error">{firstLine(error)}</span>}
      </td>
      <td class="right wide">
        <Elapsed from={created} to={finished} />
      </td>
      <td class="right nowrap wide">
        <Ago at={created} />
      </td>
    </tr>
  );
}

import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import type { Api } from "../../api/api.ts";
import { counted, countText } from "../../format/number.ts";
import { EmptyState } from "../../parts/empty-state.tsx";
import { Elapsed } from "../../parts/instant.tsx";
import { JobLink } from "../../parts/job-link.tsx";
import { Panel } from "../../parts/panel.tsx";
import { useApp } from "../../state/app-context.ts";
import { useResource } from "../../state/use-resource.ts";

/** What is needed of a running job. */
interface HeldRecord {
  readonly id: string;
  readonly topic: string;
  readonly reservedBy?: string;
  readonly reservedAt?: number;
}

/** Somebody who works. */
interface Holder {
  readonly name: string;
  readonly jobs: number;
  readonly topics: readonly string[];
  readonly longest: HeldRecord;
}

const MAX_READ = 1000;

/** Who runs jobs at the moment. */
export function HoldersPanel({ running }: { readonly running: number | undefined }): JSX.Element {
  const { api } = useApp();
  const holders = useResource("holders", (signal) => loadHolders(api, signal), 10_000);
  const { reload } = holders;
  useEffect(reload, [running, reload]);
  const rows = holders.data ?? [];
  return (
    <Panel title="Workers" flush actions={<span class="muted">who holds running jobs</span>}>
      {rows.length === 0 ? (
        <EmptyState title="No job is running">
          <p class="muted">A worker shows here while it has a job.</p>
        </EmptyState>
      ) : (
        <div class="scroll">
          <table class="table">
            <thead>
              <tr>
                <th scope="col">Worker</th>
                <th scope="col">Topics</th>
                <th scope="col" class="right">
                  Running
                </th>
                <th scope="col">Longest</th>
              </tr>
            </thead>
            <tbody>
              {rows.map(({ name, jobs, topics, longest }) => (
                <tr key={name}>
                  <th scope="row" class="break strong">
                    {name}
                  </th>
                  <td title={topics.join(", ")}>
                    {topics.length > 2 ? counted(topics.length, "topic") : topics.join(", ")}
                  </td>
                  <td class="right number">{countText(jobs)}</td>
                  <td class="nowrap">
                    <Elapsed from={longest.reservedAt ?? 0} /> <JobLink id={longest.id} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}

async function loadHolders(api: Api, signal: AbortSignal): Promise<readonly Holder[]> {
  const query = { state: "reserved", limit: MAX_READ };
  const { jobs } = await api.post<{ jobs: readonly HeldRecord[] }>("records/find", query, signal);
  const byName = new Map<string, HeldRecord[]>();
  for (const job of jobs) {
    const name = job.reservedBy ?? "unnamed";
    byName.set(name, [...(byName.get(name) ?? []), job]);
  }
  const holders = [...byName].map(([name, held]) => ({
    name,
    jobs: held.length,
    topics: [...new Set(held.map(({ topic }) => topic))].sort(),
    longest: held.reduce((a, b) => ((b.reservedAt ?? 0) < (a.reservedAt ?? 0) ? b : a)),
  }));
  return holders.sort((a, b) => b.jobs - a.jobs || (a.name < b.name ? -1 : 1));
}

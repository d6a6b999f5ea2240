import type { JSX } from "preact";
import { EmptyState } from "../../parts/empty-state.tsx";
import { FaultNote } from "../../parts/fault-note.tsx";
import { PageHead } from "../../parts/page-head.tsx";
import { Pager } from "../../parts/pager.tsx";
import { Skeleton } from "../../parts/skeleton.tsx";
import { goTo, placeHref } from "../../routing/location.ts";
import { useApp } from "../../state/app-context.ts";
import { useLive } from "../../state/use-live.ts";
import { useResource } from "../../state/use-resource.ts";
import { RUN_STATES, type RunForm } from "./run-form.ts";
import { RunTable } from "./run-table.tsx";

interface Page {
  readonly runs: readonly RunForm[];
  readonly next_cursor?: string;
}

/** Runs of workflows, the newest first. */
export function RunsPage({ query }: { readonly query: URLSearchParams }): JSX.Element {
  const { api } = useApp();
  const [workflow, state, cursor] = ["workflow", "state", "cursor"].map((name) => query.get(name) ?? "");
  const filter = { workflow, state };
  const load = (signal: AbortSignal) => api.get<Page>("workflows", { ...filter, cursor }, signal);
  const page = useResource(`runs ${query}`, load, 10_000);
  useLive(page.reload);
  const { runs, next_cursor: next } = page.data ?? {};
  const isNarrow = Boolean(workflow || state);
  return (
    <>
      <PageHead title="Workflows" />
      <FaultNote error={page.error} retry={page.reload} />
      <RunFilter key={`${workflow} ${state}`} workflow={workflow ?? ""} state={state ?? ""} />
      <section class="panel flush" aria-label="Runs of workflows">
        {!runs && !page.error && <Skeleton lines={5} />}
        {runs?.length === 0 && <NoRuns isNarrow={isNarrow} />}
        {runs && runs.length > 0 && <RunTable runs={runs} />}
        <Pager query={{ ...filter, cursor }} next={next} />
      </section>
    </>
  );
}

function RunFilter({ workflow, state }: { readonly workflow: string; readonly state: string }): JSX.Element {
  const pick = (event: Event): void => {
    event.preventDefault();
    const data = new FormData(event.currentTarget as HTMLFormElement);
    goTo(placeHref(["workflows"], { workflow: String(data.get("workflow")).trim(), state: String(data.get("state")) }));
  };
  return (
    <form class="filter-fields filters-alone" onSubmit={pick} onChange={pick} aria-label="Which runs">
      <label class="field">
        <span class="field-name">Workflow</span>
        <input
          class="input"
          name="workflow"
          defaultValue={workflow}
          placeholder="Any"
          maxLength={255}
          spellcheck={false}
          autoComplete="off"
        />
      </label>
      <label class="field">
        <span class="field-name">State</span>
        <select class="input" name="state" defaultValue={state}>
          <option value="">Any state</option>
          {Object.entries(RUN_STATES).map(([value, label]) => (
            <option key={value} value={value} selected={value === state}>
              {label}
            </option>
          ))}
        </select>
      </label>
    </form>
  );
}

function NoRuns({ isNarrow }: { readonly isNarrow: boolean }): JSX.Element {
  if (isNarrow) {
    return (
      <EmptyState title="No run is like that">
        <a href={placeHref(["workflows"])}>All runs</a>
      </EmptyState>
    );
  }
  return (
    <EmptyState title="There are no runs">
      <p class="muted">
        A workflow is a function that goes on where it stopped. Runs that are enqueued by their definition are listed
        here.
      </p>
    </EmptyState>
  );
}

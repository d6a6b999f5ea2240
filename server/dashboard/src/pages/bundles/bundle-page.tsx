import type { JobHead } from "@jobq/core";
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { wireStateOf } from "../../../../src/wire/states.ts";
import { type ApiFault, pathOf } from "../../api/api.ts";
import { may } from "../../api/caller.ts";
import { Badge } from "../../parts/badge.tsx";
import { FaultNote } from "../../parts/fault-note.tsx";
import { Ago, Elapsed } from "../../parts/instant.tsx";
import { JobLink } from "../../parts/job-link.tsx";
import { PageHead } from "../../parts/page-head.tsx";
import { Panel } from "../../parts/panel.tsx";
import { Skeleton } from "../../parts/skeleton.tsx";
import { StateBadge } from "../../parts/state-badge.tsx";
import { placeHref } from "../../routing/location.ts";
import { useApp } from "../../state/app-context.ts";
import { useLive } from "../../state/use-live.ts";
import { useResource } from "../../state/use-resource.ts";
import { type BundleForm, bundleState, bundleTone } from "./bundle-form.ts";
import { BundleProgress } from "./bundles-page.tsx";

/** A bundle and its members. */
export function BundlePage({ id }: { readonly id: string }): JSX.Element {
  const { api, caller, confirm, notify } = useApp();
  const bundle = useResource(id, (signal) => api.get<BundleForm>(pathOf("bundles", id), {}, signal), 5000);
  useLive(bundle.reload);
  const { data } = bundle;
  if (!data) {
    return (
      <>
        <PageHead title="Bundle" />
        {bundle.error ? <FaultNote error={bundle.error} retry={bundle.reload} /> : <Skeleton lines={6} />}
      </>
    );
  }
  const cancel = async (): Promise<void> => {
    const text = "Its members that have not ended are cancelled, and its job for the end does not run.";
    const question = { title: `Cancel ${data.name}?`, text, action: "Cancel bundle", isDangerous: true };
    if (!(await confirm(question))) return;
    try {
      await api.post(pathOf("bundles", id, "cancel"));
    } catch (error) {
      notify((error as ApiFault).message, "bad");
    }
    bundle.reload();
  };
  const heading = (
    <>
      <span class="break">{data.name}</span>
      <Badge tone={bundleTone(data)} text={bundleState(data)} />
    </>
  );
  const actions = data.state === "delayed" && may(caller, "operator") && (
    <button type="button" class="button" onClick={cancel}>
      Cancel
    </button>
  );
  return (
    <>
      <nav class="crumbs" aria-label="Where this is">
        <a href={placeHref(["bundles"])}>Bundles</a>
      </nav>
      <PageHead title={`Bundle ${data.name}`} heading={heading} actions={actions}>
        <p class="muted">
          Created <Ago at={data.created_at} />. Its own job is <JobLink id={id} />
        </p>
      </PageHead>
      <BundleProgress bundle={data} />
      <Members group={id} total={data.total} />
    </>
  );
}

const LIMIT = 50;

function Members({ group, total }: { readonly group: string; readonly total: number }): JSX.Element {
  const { api } = useApp();
  const [before, setBefore] = useState<string | undefined>();
  const members = useResource(
    `${group} ${before}`,
    (signal) => {
      const query = { group, order: "newest", limit: LIMIT, ...(before ? { before } : {}) };
      return api.post<{ jobs: readonly JobHead[] }>("records/find", query, signal);
    },
    5000,
  );
  const jobs = members.data?.jobs;
  return (
    <Panel title="Members" flush actions={<a href={placeHref(["jobs"], { group })}>All {total}, to filter</a>}>
      <FaultNote error={members.error} retry={members.reload} />
      {!jobs && <Skeleton lines={5} />}
      {jobs && (
        <div class="scroll">
          <table class="table" aria-busy={members.isStale}>
            <thead>
              <tr>
                <th scope="col">State</th>
                <th scope="col">Job</th>
                <th scope="col" class="right">
                  Ran
                </th>
              </tr>
            </thead>
            <tbody>
              {jobs.map((job) => (
                <tr key={job.id}>
                  <td>
                    <StateBadge state={wireStateOf(job)} />
                  </td>
                  <td class="job-cell">
                    <a class="job-type" href={placeHref(["jobs", job.id])}>
                      {job.name}
                    </a>
                    <span class="job-sub">
                      <JobLink id={job.id} />
                    </span>
                  </td>
                  <td class="right">
                    {job.reservedAt === undefined ? "–" : <Elapsed from={job.reservedAt} to={job.finishedAt} />}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {(before || jobs?.length === LIMIT) && (
        <div class="pager">
          <button type="button" class="button" disabled={!before} onClick={() => setBefore(undefined)}>
            Newest
          </button>
          <button
            type="button"
            class="button"
            disabled={jobs?.length !== LIMIT}
            onClick={() => setBefore(jobs?.at(-1)?.id)}
          >
            Older
          </button>
        </div>
      )}
    </Panel>
  );
}

import type { JSX } from "preact";
import { countText } from "../../format/number.ts";
import { Badge } from "../../parts/badge.tsx";
import { EmptyState } from "../../parts/empty-state.tsx";
import { FaultNote } from "../../parts/fault-note.tsx";
import { Ago } from "../../parts/instant.tsx";
import { PageHead } from "../../parts/page-head.tsx";
import { Pager } from "../../parts/pager.tsx";
import { Skeleton } from "../../parts/skeleton.tsx";
import { placeHref } from "../../routing/location.ts";
import { useApp } from "../../state/app-context.ts";
import { useLive } from "../../state/use-live.ts";
import { useResource } from "../../state/use-resource.ts";
import { type BundleForm, bundleState, bundleTone } from "./bundle-form.ts";

interface Page {
  readonly bundles: readonly BundleForm[];
  readonly next_cursor?: string;
}

/** Jobs that are tracked as one, the newest first. */
export function BundlesPage({ query }: { readonly query: URLSearchParams }): JSX.Element {
  const { api } = useApp();
  const cursor = query.get("cursor") ?? "";
  const page = useResource(`bundles ${cursor}`, (signal) => api.get<Page>("bundles", { cursor }, signal), 10_000);
  useLive(page.reload);
  const { bundles, next_cursor: next } = page.data ?? {};
  return (
    <>
      <PageHead title="Bundles" />
      <FaultNote error={page.error} retry={page.reload} />
      <section class="panel flush" aria-label="Bundles">
        {!bundles && !page.error && <Skeleton lines={5} />}
        {bundles?.length === 0 && (
          <EmptyState title="There are no bundles">
            <p class="muted">
              A bundle tracks many jobs as one, and runs a job of its own when all of them have ended.
            </p>
          </EmptyState>
        )}
        {bundles && bundles.length > 0 && <BundleTable bundles={bundles} />}
        <Pager query={{ cursor }} next={next} />
      </section>
    </>
  );
}

function BundleTable({ bundles }: { readonly bundles: readonly BundleForm[] }): JSX.Element {
  return (
    <div class="scroll">
      <table class="table stacked">
        <thead>
          <tr>
            <th scope="col">State</th>
            <th scope="col">Bundle</th>
            <th scope="col">Progress</th>
            <th scope="col" class="right">
              Created
            </th>
          </tr>
        </thead>
        <tbody>
          {bundles.map((bundle) => (
            <tr key={bundle.id}>
              <td>
                <Badge tone={bundleTone(bundle)} text={bundleState(bundle)} />
              </td>
              <th scope="row" class="strong">
                <a class="job-type" href={placeHref(["bundles", bundle.id])}>
                  {bundle.name}
                </a>
              </th>
              <td>
                <BundleProgress bundle={bundle} />
              </td>
              <td class="right nowrap">
                <Ago at={bundle.created_at} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** How many members have ended. */
export function BundleProgress({ bundle }: { readonly bundle: BundleForm }): JSX.Element {
  const { name, total, done, canceled, progress } = bundle;
  return (
    <span class="job-progress">
      <progress max={1} value={progress} aria-label={`Progress of ${name}`} />
      <span class="number">
        {countText(done + canceled)} of {countText(total)}
      </span>
      {canceled > 0 && <span class="job-error">{countText(canceled)} failed or cancelled</span>}
    </span>
  );
}

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { ApiFault } from "../../api/api.ts";
import { stateLabel } from "../../format/job-state.ts";
import { counted } from "../../format/number.ts";
import { useApp } from "../../state/app-context.ts";
import { apiQueryOf, type JobListFilter } from "../jobs/job-filter.ts";

/** What `POST /api/v1/jobs/retry` replies. */
interface RetryForm {
  readonly matched: number;
  readonly retried: number;
  readonly skipped: number;
  readonly copies: number;
  readonly has_more: boolean;
  readonly next_cursor?: string;
}

/** How many are retried by one call, so that one sees how far it is. */
const AT_ONCE = 1000;

/** Runs all jobs again that pass the filter, once it was counted how many they are. */
export function BulkRetry({
  filter,
  changed,
}: {
  readonly filter: JobListFilter;
  readonly changed: () => void;
}): JSX.Element {
  const { api, skewMs, confirm, notify } = useApp();
  const [doing, setDoing] = useState<string | undefined>();
  const retryAll = async (): Promise<void> => {
    const { cursor, ...body } = apiQueryOf(filter, Date.now() + skewMs);
    const wanted = Object.fromEntries(
      Object.entries(body).filter(([, value]) => value !== "" && value?.toString() !== ""),
    );
    const ask = (more: object): Promise<RetryForm> => api.post<RetryForm>("jobs/retry", { ...wanted, ...more });
    setDoing("Counting …");
    const { matched, copies, has_more: hasMore } = await ask({ dry_run: true });
    const ofCopies =
      copies > 0
        ? ` ${counted(copies, "copy", "copies")} on a dead-letter topic left out; choose that topic for those.`
        : "";
    if (matched === 0) return notify(`No job passes these filters.${ofCopies}`);
    const jobs = counted(matched, "job");
    const question = {
      title: `Retry ${hasMore ? `the newest ${jobs}` : jobs}?`,
      text: `${describe(filter)} Each has all its attempts again.${ofCopies}`,
      action: `Retry ${jobs}`,
    };
    if (!(await confirm(question))) return;
    let [left, retried, skipped] = [matched, 0, 0];
    let from: string | undefined;
    do {
      const done = await ask({ limit: Math.min(left, AT_ONCE), ...(from ? { cursor: from } : {}) });
      left -= done.matched;
      retried += done.retried;
      skipped += done.skipped;
      from = done.next_cursor;
      setDoing(`${retried} of ${matched} …`);
    } while (from !== undefined && left > 0);
    notify(`${counted(retried, "job")} will run again${skipped > 0 ? `, ${skipped} had changed meanwhile` : ""}.`);
  };
  const run = async (): Promise<void> => {
    if (doing !== undefined) return;
    try {
      await retryAll();
    } catch (error) {
      notify((error as ApiFault).message, "bad");
    }
    setDoing(undefined);
    changed();
  };
  return (
    <button type="button" class="button" aria-disabled={doing !== undefined} onClick={run}>
      {doing ?? "Retry all of these"}
    </button>
  );
}

function describe({ states, type, topic, tags, group, age }: JobListFilter): string {
  const parts = [
    states.map((state) => stateLabel(state).toLowerCase()).join(" or "),
    type && `type ${type}`,
    topic && `topic ${topic}`,
    ...tags.map((tag) => `tag ${tag}`),
    group && `group ${group}`,
    age && `created in the last ${age}`,
  ];
  return `They are: ${parts.filter(Boolean).join(", ")}.`;
}

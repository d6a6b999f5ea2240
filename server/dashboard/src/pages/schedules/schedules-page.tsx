import type { JSX } from "preact";
import { type ApiFault, pathOf } from "../../api/api.ts";
import { may } from "../../api/caller.ts";
import { instantText } from "../../format/time.ts";
import { EmptyState } from "../../parts/empty-state.tsx";
import { FaultNote } from "../../parts/fault-note.tsx";
import { Icon } from "../../parts/icon.tsx";
import { Ago } from "../../parts/instant.tsx";
import { PageHead } from "../../parts/page-head.tsx";
import { Skeleton } from "../../parts/skeleton.tsx";
import { goTo, placeHref } from "../../routing/location.ts";
import { useApp } from "../../state/app-context.ts";
import { useLive } from "../../state/use-live.ts";
import { useResource } from "../../state/use-resource.ts";
import { type WhenForm, whenText } from "./when-text.ts";

interface ScheduleForm {
  readonly name: string;
  readonly when: WhenForm;
  readonly timezone: string;
  readonly topic: string;
  readonly type: string;
  readonly paused: boolean;
  readonly canceled: boolean;
  readonly next_at?: string;
  readonly last_at?: string;
}

/** What repeats. */
export function SchedulesPage(): JSX.Element {
  const { api } = useApp();
  const load = (signal: AbortSignal) => api.get<{ schedules: readonly ScheduleForm[] }>("schedules", {}, signal);
  const schedules = useResource("schedules", load, 10_000);
  useLive(({ name }) => name === "job.created" && schedules.reload());
  const rows = schedules.data?.schedules;
  return (
    <>
      <PageHead title="Schedules" />
      <FaultNote error={schedules.error} retry={schedules.reload} />
      <section class="panel flush" aria-label="Schedules">
        {!rows && !schedules.error && <Skeleton lines={5} />}
        {rows?.length === 0 && (
          <EmptyState title="There are no schedules">
            <p class="muted">A program sets them, and any that has started them runs them:</p>
            <pre class="code">{`await createSchedules(svc).set("report", daily("09:00"), { job: sendReport });`}</pre>
          </EmptyState>
        )}
        {rows && rows.length > 0 && <ScheduleTable rows={rows} changed={schedules.reload} />}
      </section>
    </>
  );
}

function ScheduleTable({
  rows,
  changed,
}: {
  readonly rows: readonly ScheduleForm[];
  readonly changed: () => void;
}): JSX.Element {
  return (
    <div class="scroll">
      <table class="table stacked">
        <thead>
          <tr>
            <th scope="col">Schedule</th>
            <th scope="col">When</th>
            <th scope="col">Next</th>
            <th scope="col" class="wide">
              Last
            </th>
            <th scope="col">
              <span class="visually-hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <ScheduleLine key={row.name} row={row} changed={changed} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function ScheduleLine({ row, changed }: { readonly row: ScheduleForm; readonly changed: () => void }): JSX.Element {
  const { caller } = useApp();
  const { name, when, timezone, topic, type, paused, canceled, next_at: next, last_at: last } = row;
  return (
    <tr>
      <th scope="row" class="strong">
        {name} {canceled && <span class="tag tag-warn">Canceled</span>}
        {paused && !canceled && <span class="tag tag-warn">Paused</span>}
        <span class="job-sub">
          <a href={placeHref(["jobs"], { type, topic })}>{type === topic ? type : `${type} on ${topic}`}</a>
        </span>
      </th>
      <td>
        {whenText(when)} <span class="job-sub">{timezone}</span>
      </td>
      <td class="nowrap">{next ? <NextInstant at={next} /> : <span class="muted">–</span>}</td>
      <td class="wide nowrap">{last ? <Ago at={last} /> : <span class="muted">never</span>}</td>
      <td class="right nowrap">{may(caller, "operator") && <ScheduleActions row={row} changed={changed} />}</td>
    </tr>
  );
}

function NextInstant({ at }: { readonly at: string }): JSX.Element {
  return (
    <>
      <Ago at={at} />
      <span class="job-sub">{instantText(Date.parse(at))}</span>
    </>
  );
}

function ScheduleActions({ row, changed }: { readonly row: ScheduleForm; readonly changed: () => void }): JSX.Element {
  const { api, confirm, notify } = useApp();
  const { name, type, paused } = row;
  const trying = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      notify((error as ApiFault).message, "bad");
    }
    changed();
  };
  const run = async (): Promise<void> => {
    const text = `A job of ${type} is enqueued at once. The instants of the schedule stay as they are.`;
    if (!(await confirm({ title: `Run ${name} now?`, text, action: "Run now" }))) return;
    await trying(async () => {
      const { job_id: id } = await api.post<{ job_id: string }>(pathOf("schedules", name, "run"));
      goTo(placeHref(["jobs", id]));
    });
  };
  const toggle = async (): Promise<void> => {
    const text = "What would have been due meanwhile is not made up.";
    if (!paused && !(await confirm({ title: `Pause ${name}?`, text, action: "Pause schedule" }))) return;
    await trying(async () => {
      await api.post(pathOf("schedules", name, paused ? "resume" : "pause"));
      notify(paused ? `${name} goes on.` : `${name} is paused.`);
    });
  };
  return (
    <>
      <button type="button" class="button small" onClick={run} aria-label={`Run now: ${name}`}>
        Run now
      </button>{" "}
      <button type="button" class="icon-button" aria-label={`${paused ? "Resume" : "Pause"} ${name}`} onClick={toggle}>
        <Icon name={paused ? "play" : "pause"} />
      </button>
    </>
  );
}

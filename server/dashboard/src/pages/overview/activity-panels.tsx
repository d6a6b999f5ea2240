import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { counted, shortCount } from "../../format/number.ts";
import { durationText } from "../../format/time.ts";
import { Ago } from "../../parts/instant.tsx";
import { type Line, LineChart } from "../../parts/line-chart.tsx";
import { Panel } from "../../parts/panel.tsx";
import { Skeleton } from "../../parts/skeleton.tsx";

/** What happened in a stretch of time. */
interface ActivityPoint {
  readonly at: string;
  readonly enqueued: number;
  readonly completed: number;
  readonly failed: number;
  readonly retried: number;
  readonly run_p50?: number;
  readonly run_p95?: number;
  readonly wait_p50?: number;
  readonly wait_p95?: number;
}

/** What `GET /api/v1/activity` replies. */
export interface ActivityForm {
  readonly since: string;
  readonly now: string;
  readonly step: number;
  readonly points: readonly ActivityPoint[];
}

/** Every whole stretch of the window, also those in which nothing happened. */
interface Filled {
  /** Epoch seconds. */
  readonly times: readonly number[];
  readonly points: readonly (ActivityPoint | undefined)[];
}

/** How much gets done, and how long it takes, over time. */
export function ActivityPanels({
  activity,
  minutes,
  step,
}: {
  readonly activity: ActivityForm | undefined;
  readonly minutes: number;
  readonly step: number;
}): JSX.Element {
  const filled = useMemo(() => activity && fill(activity, minutes, step), [activity, minutes, step]);
  return (
    <div class="columns">
      <Panel title="Throughput" actions={<span class="muted">jobs per minute</span>}>
        {filled ? <ThroughputChart filled={filled} step={step} minutes={minutes} /> : <ChartSkeleton />}
      </Panel>
      <Panel title="Latency" actions={activity && <Since at={activity.since} minutes={minutes} />}>
        {filled ? <LatencyChart filled={filled} minutes={minutes} /> : <ChartSkeleton />}
      </Panel>
    </div>
  );
}

function ThroughputChart({ filled, step, minutes }: { filled: Filled; step: number; minutes: number }): JSX.Element {
  const { times, points } = filled;
  const lines = useMemo(() => {
    const perMinute = (name: "enqueued" | "completed" | "failed" | "retried"): number[] =>
      points.map((point) => ((point?.[name] ?? 0) * 60) / step);
    return [
      { label: "Completed", color: "--completed", values: perMinute("completed"), isFilled: true },
      { label: "Enqueued", color: "--pending", values: perMinute("enqueued"), isDashed: true },
      { label: "Retried", color: "--retrying", values: perMinute("retried") },
      { label: "Failed", color: "--failed", values: perMinute("failed") },
    ] satisfies Line[];
  }, [points, step]);
  const sum = (name: "enqueued" | "completed" | "failed"): number =>
    points.reduce((total, point) => total + (point?.[name] ?? 0), 0);
  const label =
    `In the last ${minutes} minutes ${counted(sum("completed"), "job")} completed, ` +
    `${counted(sum("failed"), "job")} failed and ${counted(sum("enqueued"), "job")} came.`;
  return <LineChart label={label} times={times} lines={lines} format={shortCount} />;
}

function LatencyChart({ filled, minutes }: { filled: Filled; minutes: number }): JSX.Element {
  const { times, points } = filled;
  const lines = useMemo(() => {
    const values = (name: "run_p50" | "run_p95" | "wait_p95"): (number | null)[] =>
      points.map((point) => point?.[name] ?? null);
    return [
      { label: "Run p50", color: "--running", values: values("run_p50") },
      { label: "Run p95", color: "--delayed", values: values("run_p95") },
      { label: "Wait p95", color: "--retrying", values: values("wait_p95"), isDashed: true },
    ] satisfies Line[];
  }, [points]);
  const latest = points.findLast((point) => point?.run_p95 !== undefined);
  const label = latest
    ? `Lately half of all runs took less than ${durationText(latest.run_p50 ?? 0)} and 95 per cent less than ` +
      `${durationText(latest.run_p95 ?? 0)}.`
    : `No job ended in the last ${minutes} minutes.`;
  return <LineChart label={label} times={times} lines={lines} format={durationText} />;
}

/** That the charts have not always been counting. */
function Since({ at, minutes }: { readonly at: string; readonly minutes: number }): JSX.Element | null {
  if (Date.now() - Date.parse(at) > minutes * 60_000) return null;
  return (
    <span class="muted">
      counted since <Ago at={at} />
    </span>
  );
}

function ChartSkeleton(): JSX.Element {
  return (
    <div class="chart-skeleton">
      <Skeleton lines={1} />
    </div>
  );
}

function fill({ now, points }: ActivityForm, minutes: number, step: number): Filled {
  const bySecond = new Map(points.map((point) => [Date.parse(point.at) / 1000, point]));
  const end = Math.floor(Date.parse(now) / 1000 / step) * step;
  const length = (minutes * 60) / step;
  const times = Array.from({ length }, (_, index) => end - (length - index) * step);
  return { times, points: times.map((second) => bySecond.get(second)) };
}

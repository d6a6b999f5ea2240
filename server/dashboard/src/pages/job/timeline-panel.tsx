import type { JobHead } from "@jobq/core";
import type { JSX } from "preact";
import { clockText } from "../../format/time.ts";
import { Panel } from "../../parts/panel.tsx";
import { type Bar, Waterfall } from "../../parts/waterfall.tsx";
import { useNow } from "../../state/use-now.ts";
import type { AttemptForm } from "./job-details.ts";

const TONES: Readonly<Record<AttemptForm["outcome"], string>> = {
  running: "running",
  done: "completed",
  retried: "retrying",
  exhausted: "dead_letter",
  rejected: "failed",
};

/** From when a job was created to when it ended: its attempts, and the waits before them. */
export function TimelinePanel({
  job,
  attempts,
}: {
  readonly job: JobHead;
  readonly attempts: readonly AttemptForm[];
}): JSX.Element {
  const now = useNow();
  return (
    <Panel title="Timeline">
      <Waterfall label="Waits and attempts" bars={barsOf(job, attempts, job.finishedAt ?? now)} />
    </Panel>
  );
}

function barsOf(job: JobHead, attempts: readonly AttemptForm[], end: number): readonly Bar[] {
  const bars: Bar[] = [];
  let at = job.createdAt;
  for (const { attempt, token, outcome, started_at: started, ended_at: ended } of attempts) {
    if (started === undefined) continue;
    const from = Date.parse(started);
    if (from > at) bars.push(waitBar(at, from, bars.length));
    const to = ended === undefined ? Math.max(end, from) : Date.parse(ended);
    const note = `${outcome} · ${clockText(from)}`;
    bars.push({ key: `attempt ${token}`, label: `Attempt ${attempt}`, from, to, tone: TONES[outcome], note });
    at = to;
  }
  const isRunning = job.state === "reserved";
  if (!isRunning && end > at) bars.push(waitBar(at, end, bars.length));
  return bars.length > 0 ? bars : [waitBar(at, Math.max(at, end), 0)];
}

function waitBar(from: number, to: number, index: number): Bar {
  const label = index === 0 ? "Waited" : "Waited again";
  return { key: `wait ${from}`, label, from, to, tone: "pending", note: clockText(from) };
}

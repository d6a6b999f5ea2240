import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { FaultNote } from "../../parts/fault-note.tsx";
import { PageHead } from "../../parts/page-head.tsx";
import { useApp } from "../../state/app-context.ts";
import { useLive } from "../../state/use-live.ts";
import { useResource } from "../../state/use-resource.ts";
import { type ActivityForm, ActivityPanels } from "./activity-panels.tsx";
import { HoldersPanel } from "./holders-panel.tsx";
import { StateCounts, type StatsForm } from "./state-counts.tsx";
import { TopicsPanel } from "./topics-panel.tsx";

/** How far back charts go, and how long a stretch of them is. */
const WINDOWS = [
  { minutes: 15, step: 10, name: "15 min" },
  { minutes: 60, step: 60, name: "1 hour" },
] as const;

const EVERY_MS = 5000;

/** How the queue is doing. */
export function OverviewPage(): JSX.Element {
  const { api } = useApp();
  const [span, setSpan] = useState<(typeof WINDOWS)[number]>(WINDOWS[0]);
  const { minutes, step } = span;
  const stats = useResource("stats", (signal) => api.get<StatsForm>("stats", {}, signal), EVERY_MS);
  const activity = useResource(
    `activity ${minutes}`,
    (signal) => api.get<ActivityForm>("activity", { minutes, step }, signal),
    EVERY_MS,
  );
  useLive(() => {
    stats.reload();
    activity.reload();
  });
  const switcher = (
    <fieldset class="switch">
      <legend class="visually-hidden">How far back the charts go</legend>
      {WINDOWS.map((one) => (
        <button key={one.minutes} type="button" aria-pressed={one === span} onClick={() => setSpan(one)}>
          {one.name}
        </button>
      ))}
    </fieldset>
  );
  return (
    <>
      <PageHead title="Overview" actions={switcher} />
      <FaultNote error={stats.error ?? activity.error} retry={stats.reload} />
      <StateCounts counts={stats.data?.queue} />
      <ActivityPanels activity={activity.data} minutes={minutes} step={step} />
      <TopicsPanel />
      <HoldersPanel running={stats.data?.queue.running} />
    </>
  );
}

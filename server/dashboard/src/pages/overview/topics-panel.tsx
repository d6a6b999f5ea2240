import type { JSX } from "preact";
import { type ApiFault, pathOf } from "../../api/api.ts";
import { may } from "../../api/caller.ts";
import { countText } from "../../format/number.ts";
import { EmptyState } from "../../parts/empty-state.tsx";
import { FaultNote } from "../../parts/fault-note.tsx";
import { Icon } from "../../parts/icon.tsx";
import { Ago } from "../../parts/instant.tsx";
import { Panel } from "../../parts/panel.tsx";
import { Skeleton } from "../../parts/skeleton.tsx";
import { placeHref } from "../../routing/location.ts";
import { useApp } from "../../state/app-context.ts";
import { useResource } from "../../state/use-resource.ts";
import { loadTopics, type TopicRow } from "./topic-rows.ts";

const EVERY_MS = 5000;

/** Every topic with what waits on it. */
export function TopicsPanel(): JSX.Element {
  const { api } = useApp();
  const topics = useResource("topics", (signal) => loadTopics(api, signal), EVERY_MS);
  return (
    <Panel title="Topics" flush>
      <FaultNote error={topics.error} retry={topics.reload} />
      {topics.data ? (
        <TopicTable rows={topics.data} changed={topics.reload} />
      ) : (
        !topics.error && <Skeleton lines={4} />
      )}
    </Panel>
  );
}

function TopicTable({
  rows,
  changed,
}: {
  readonly rows: readonly TopicRow[];
  readonly changed: () => void;
}): JSX.Element {
  if (rows.length === 0) {
    return (
      <EmptyState title="There are no jobs yet">
        <p class="muted">A topic is there as soon as a job is enqueued on it:</p>
        <pre class="code">{`curl ${new URL("./api/v1/jobs", document.baseURI).href} \\
  -H 'content-type: application/json' \\
  -d '{"type":"hello","payload":{"to":"world"}}'`}</pre>
      </EmptyState>
    );
  }
  return (
    <div class="scroll">
      <table class="table">
        <thead>
          <tr>
            <th scope="col">Topic</th>
            <th scope="col" class="right">
              Ready
            </th>
            <th scope="col" class="right">
              Running
            </th>
            <th scope="col" class="right">
              Delayed
            </th>
            <th scope="col">Oldest ready</th>
            <th scope="col">
              <span class="visually-hidden">Pause or resume</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <TopicLine key={row.topic} row={row} changed={changed} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function TopicLine({ row, changed }: { readonly row: TopicRow; readonly changed: () => void }): JSX.Element {
  const { api, caller, confirm, notify } = useApp();
  const { topic, ready, running, delayed, paused, oldestJob, oldestAt } = row;
  const toggle = async (): Promise<void> => {
    const question = {
      title: `Pause ${topic}?`,
      text: "Its jobs wait until it is resumed. Those that are running go on.",
      action: "Pause topic",
    };
    if (!paused && !(await confirm(question))) return;
    try {
      await api.post(pathOf("topics", topic, paused ? "resume" : "pause"));
      notify(paused ? `${topic} goes on.` : `${topic} is paused.`);
    } catch (error) {
      notify((error as ApiFault).message, "bad");
    }
    changed();
  };
  return (
    <tr>
      <th scope="row" class="strong">
        <a href={placeHref(["jobs"], { topic })}>{topic}</a> {paused && <span class="tag tag-warn">Paused</span>}
      </th>
      <td class="right number">{countText(ready)}</td>
      <td class="right number">{countText(running)}</td>
      <td class="right number">{countText(delayed)}</td>
      <td class="nowrap">
        {oldestAt && oldestJob ? (
          <a class="plain" href={placeHref(["jobs", oldestJob])}>
            <Ago at={oldestAt} />
          </a>
        ) : (
          <span class="muted">–</span>
        )}
      </td>
      <td class="right">
        {may(caller, "operator") && (
          <button
            type="button"
            class="icon-button"
            aria-label={`${paused ? "Resume" : "Pause"} ${topic}`}
            onClick={toggle}
          >
            <Icon name={paused ? "play" : "pause"} />
          </button>
        )}
      </td>
    </tr>
  );
}

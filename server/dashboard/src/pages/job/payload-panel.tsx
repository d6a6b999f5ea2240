import type { JobState } from "@jobq/core";
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { pathOf } from "../../api/api.ts";
import { FaultNote } from "../../parts/fault-note.tsx";
import { JsonText } from "../../parts/json-text.tsx";
import { Panel } from "../../parts/panel.tsx";
import { Skeleton } from "../../parts/skeleton.tsx";
import { useApp } from "../../state/app-context.ts";
import { useResource } from "../../state/use-resource.ts";

interface PayloadForm {
  readonly payload?: unknown;
  readonly result?: unknown;
}

/** The payload and the result, which are not loaded until somebody wants to see them. */
export function PayloadPanel({ id, state }: { readonly id: string; readonly state: JobState }): JSX.Element {
  const [isWanted, setWanted] = useState(false);
  return (
    <Panel title={state === "done" ? "Payload and result" : "Payload"}>
      {isWanted ? (
        <Loaded id={id} state={state} />
      ) : (
        <button type="button" class="button" onClick={() => setWanted(true)}>
          {state === "done" ? "Show payload and result" : "Show payload"}
        </button>
      )}
    </Panel>
  );
}

function Loaded({ id, state }: { readonly id: string; readonly state: JobState }): JSX.Element {
  const { api } = useApp();
  const record = useResource(`${id} ${state}`, (signal) => api.get<PayloadForm>(pathOf("records", id), {}, signal));
  if (!record.data)
    return record.error ? <FaultNote error={record.error} retry={record.reload} /> : <Skeleton lines={4} />;
  const { payload, result } = record.data;
  return (
    <>
      <JsonText value={payload} label="Payload" />
      {state === "done" && (
        <>
          <h3>Result</h3>
          <JsonText value={result} label="Result" />
        </>
      )}
    </>
  );
}

import type { JobHead } from "@jobq/core";
import type { JSX } from "preact";
import { type Api, type ApiFault, pathOf } from "../../api/api.ts";
import { may } from "../../api/caller.ts";
import { counted } from "../../format/number.ts";
import { Instant } from "../../parts/instant.tsx";
import { Panel } from "../../parts/panel.tsx";
import { Waterfall } from "../../parts/waterfall.tsx";
import { useApp } from "../../state/app-context.ts";
import { useNow } from "../../state/use-now.ts";
import { useResource } from "../../state/use-resource.ts";
import { type AttemptErrorForm, keptData } from "./job-details.ts";

interface StepForm {
  readonly place: string;
  readonly kind: string;
  readonly name: string;
  readonly state: "done" | "failed" | "waiting";
  readonly started_at: string;
  readonly ended_at?: string;
  readonly until?: string;
  readonly tries: number;
  readonly error?: AttemptErrorForm;
  readonly children?: { readonly total: number; readonly states: Readonly<Record<string, number>> };
}

interface RunForm {
  readonly steps: readonly StepForm[];
  readonly kept_signals: readonly { readonly name: string; readonly count: number; readonly since: string }[];
}

const TONES: Readonly<Record<StepForm["state"], string>> = { done: "completed", failed: "failed", waiting: "delayed" };

/** The steps of a workflow's run; nothing for a job that is none. */
export function StepsPanel({ job }: { readonly job: JobHead }): JSX.Element | null {
  const { api, caller } = useApp();
  const { id } = job;
  const isOver = job.finishedAt !== undefined;
  const everyMs = isOver ? Number.POSITIVE_INFINITY : 3000;
  const load = async (signal: AbortSignal) =>
    (await isRun(api, job, signal)) ? api.get<RunForm>(pathOf("workflows", id), {}, signal) : undefined;
  const run = useResource(`${id} ${isOver}`, load, everyMs);
  const now = useNow();
  const { steps = [], kept_signals: kept = [] } = run.data ?? {};
  if (steps.length === 0) return null;
  const bars = steps.map((step) => {
    const from = Date.parse(step.started_at);
    const to = step.ended_at === undefined ? Math.max(from, now) : Date.parse(step.ended_at);
    return { key: step.place, label: step.name, from, to, tone: TONES[step.state], note: noteOf(step) };
  });
  const signals = steps.filter(({ kind, state }) => kind === "signal" && state === "waiting");
  const waits = steps.filter(({ state, until }) => state === "waiting" && until !== undefined);
  return (
    <Panel
      title="Steps"
      actions={
        <>
          <span class="muted">{counted(steps.length, "step")}</span>
          {!isOver && may(caller, "operator") && <RollBack id={id} />}
        </>
      }
    >
      <Waterfall label="Steps of the workflow" bars={bars} />
      {waits.map(({ place, name, until }) => (
        <p key={place} class="muted">
          {name} waits until <Instant at={until as string} />
        </p>
      ))}
      {kept.map(({ name, count, since }) => (
        <p key={name} class="muted">
          {counted(count, "signal")} <strong>{name}</strong>, kept since <Instant at={since} />: nothing has waited for
          it
        </p>
      ))}
      {steps.map(
        ({ place, name, error }) =>
          error && (
            <p key={place} class="error-line break pre">
              <strong>{name}:</strong> {error.message}
            </p>
          ),
      )}
      {!isOver &&
        may(caller, "operator") &&
        signals.map(({ place, name }) => <SignalForm key={place} id={id} name={name} />)}
    </Panel>
  );
}

/** One that was enqueued by its topic does not say itself that it is a run. */
async function isRun(api: Api, job: JobHead, signal: AbortSignal): Promise<boolean> {
  if (keptData(job).run) return true;
  return (await api.get<{ runs: readonly unknown[] }>("workflows", { id: job.id }, signal)).runs.length > 0;
}

function RollBack({ id }: { readonly id: string }): JSX.Element {
  const { api, confirm, notify } = useApp();
  const ask = async (): Promise<void> => {
    const question = {
      title: "Roll this run back?",
      text: "It undoes what it said how to undo, and ends. Cancel ends it at once and undoes nothing.",
      action: "Roll back",
      isDangerous: true,
    };
    if (!(await confirm(question))) return;
    try {
      await api.post(pathOf("workflows", id, "cancel"), {});
      notify("The run is asked to roll back.");
    } catch (error) {
      notify((error as ApiFault).message, "bad");
    }
  };
  return (
    <button type="button" class="button" onClick={ask}>
      Roll back
    </button>
  );
}

function noteOf({ kind, tries, children }: StepForm): string {
  const words = [kind === "step" ? "" : kind];
  if (tries > 1) words.push(`${tries} tries`);
  if (children) {
    const ended = (children.states.done ?? 0) + (children.states.canceled ?? 0);
    words.push(`${ended} of ${children.total} children`);
  }
  return words.filter(Boolean).join(" · ");
}

function SignalForm({ id, name }: { readonly id: string; readonly name: string }): JSX.Element {
  const { api, confirm, notify } = useApp();
  const send = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const input = (event.currentTarget as HTMLFormElement).elements.namedItem("value") as HTMLInputElement;
    const text = input.value.trim();
    const body = bodyOf(text);
    input.setCustomValidity(body ? "" : 'The value must be JSON, such as {"by":"ada"}.');
    if (!input.reportValidity()) return;
    try {
      const question = {
        title: `Send the signal ${name}?`,
        text: `With ${text || "no value"}.`,
        action: "Send signal",
      };
      if (!(await confirm(question))) return;
      await api.post(pathOf("workflows", id, "signals", name), body);
      notify(`${name} was sent.`);
    } catch (error) {
      notify((error as ApiFault).message, "bad");
    }
  };
  return (
    <form class="filter-fields signal" onSubmit={send}>
      <label class="field">
        <span class="field-name">
          It waits for the signal <strong>{name}</strong>, with a value of JSON
        </span>
        <input
          class="input mono"
          name="value"
          placeholder="none"
          autoComplete="off"
          spellcheck={false}
          onInput={(event) => event.currentTarget.setCustomValidity("")}
        />
      </label>
      <button type="submit" class="button">
        Send signal
      </button>
    </form>
  );
}

/** The body of the call; undefined for a text that is no JSON. */
function bodyOf(text: string): object | undefined {
  try {
    return text === "" ? {} : { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}

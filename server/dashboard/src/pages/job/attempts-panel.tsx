import type { JSX } from "preact";
import { Badge } from "../../parts/badge.tsx";
import { CodeText } from "../../parts/code-text.tsx";
import { Elapsed, Instant } from "../../parts/instant.tsx";
import { JsonText } from "../../parts/json-text.tsx";
import { Panel } from "../../parts/panel.tsx";
import type { AttemptErrorForm, AttemptForm } from "./job-details.ts";

const OUTCOMES: Readonly<Record<AttemptForm["outcome"], { readonly text: string; readonly tone: string }>> = {
  running: { text: "Running", tone: "running" },
  done: { text: "Completed", tone: "completed" },
  retried: { text: "Failed, tried again", tone: "retrying" },
  exhausted: { text: "Failed, none left", tone: "dead_letter" },
  rejected: { text: "Given up", tone: "failed" },
};

/** How many of the latest are shown at first. */
const SHOWN = 50;

/** What each attempt did, the latest first. */
export function AttemptsPanel({ attempts }: { readonly attempts: readonly AttemptForm[] }): JSX.Element {
  const latest = attempts.toReversed().slice(0, SHOWN);
  return (
    <Panel title="Attempts" actions={<span class="muted">{attempts.length} known</span>}>
      {latest.length === 0 && <p class="muted">None yet.</p>}
      <ol class="attempts">
        {latest.map((attempt) => (
          <AttemptItem key={attempt.token} attempt={attempt} />
        ))}
      </ol>
      {attempts.length > SHOWN && <p class="muted">The {attempts.length - SHOWN} before these are not shown.</p>}
    </Panel>
  );
}

function AttemptItem({ attempt }: { readonly attempt: AttemptForm }): JSX.Element {
  const { attempt: number, outcome, by, started_at: started, ended_at: ended, error } = attempt;
  const { text, tone } = OUTCOMES[outcome];
  return (
    <li class="attempt">
      <p class="attempt-head">
        <strong>Attempt {number}</strong>
        <Badge tone={tone} text={text} />
        {started && (
          <span class="muted">
            after <Elapsed from={started} to={ended} />
          </span>
        )}
      </p>
      {error && <ErrorBlock error={error} />}
      <p class="attempt-foot muted">
        {started && <Instant at={started} />}
        {by && <span class="break"> · by {by}</span>}
      </p>
    </li>
  );
}

function ErrorBlock({ error }: { readonly error: AttemptErrorForm }): JSX.Element {
  const { name, message, stack, data } = error;
  return (
    <>
      <p class="error-line pre break">
        <strong>{name}:</strong> {message}
      </p>
      {(stack || data) && (
        <details class="stack">
          <summary>{stack ? "Stack" : "Details"}</summary>
          {stack && <CodeText text={stack} label="Stack" />}
          {data && <JsonText value={data} label="Details of the error" />}
        </details>
      )}
    </>
  );
}

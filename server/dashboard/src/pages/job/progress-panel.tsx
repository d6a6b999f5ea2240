import type { JobHead } from "@jobq/core";
import type { JSX } from "preact";
import type { WireState } from "../../../../src/wire/states.ts";

/** What matters about a job as it is: how far it has come, what it waits for, or why it ended. */
export function ProgressPanel({
  job,
  state,
  waitsFor,
}: {
  readonly job: JobHead;
  readonly state: WireState;
  readonly waitsFor: string | undefined;
}): JSX.Element {
  const { progress, error, reason } = job;
  const isBad = state === "failed" || state === "dead_letter";
  return (
    <>
      {error && (
        <div class={isBad ? "note note-bad" : "note"} role="note">
          <span>
            <strong>{REASONS[reason ?? ""] ?? "The latest attempt failed"}</strong>
            <span class="break pre">{error.split("\n    at ", 1)[0]}</span>
          </span>
        </div>
      )}
      {!error && reason && (
        <div class={isBad ? "note note-bad" : "note"} role="note">
          <strong>{REASONS[reason]}</strong>
        </div>
      )}
      {waitsFor && (
        <div class="note" role="note">
          <span>
            <strong>Why it is not running</strong>
            <span class="break pre">{waitsFor}</span>
          </span>
        </div>
      )}
      {progress && (
        <div class="progress-block">
          <progress max={1} value={progress.value} aria-label="Progress" />
          <span class="number">{Math.round(progress.value * 100)}%</span>
          <span class="muted break">{progress.message}</span>
        </div>
      )}
    </>
  );
}

const REASONS: Readonly<Record<string, string>> = {
  canceled: "Somebody called it off",
  exhausted: "No attempts are left",
  rejected: "Its handler gave it up",
  poison: "It kept losing its worker",
  dependency: "A job it waited for failed",
  expired: "It came too late: its time to live had passed",
};

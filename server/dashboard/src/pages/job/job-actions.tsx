import type { JobHead } from "@jobq/core";
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Role } from "../../../../src/access/roles.ts";
import type { WireState } from "../../../../src/wire/states.ts";
import { type ApiFault, pathOf } from "../../api/api.ts";
import { may } from "../../api/caller.ts";
import { goTo, placeHref } from "../../routing/location.ts";
import { type Question, useApp } from "../../state/app-context.ts";

/** Something that can be done with a job. */
interface Action {
  readonly name: string;
  readonly role: Role;
  readonly states: readonly WireState[];
  readonly isDangerous?: boolean;
  readonly question: (job: JobHead) => Omit<Question, "isDangerous">;
  /** The call that does it; undefined for the deletion. */
  readonly call?: { readonly path: string; readonly body?: object };
  readonly done: string;
}

const LIVE = ["pending", "retrying", "delayed"] as const;

const ACTIONS: readonly Action[] = [
  {
    name: "Retry",
    role: "operator",
    states: ["failed", "dead_letter", "cancelled"],
    question: ({ name }) => ({
      title: `Retry ${name}?`,
      text: "It is ready again at once, with all its attempts.",
      action: "Retry job",
    }),
    call: { path: "retry" },
    done: "The job will run again.",
  },
  {
    name: "Run again",
    role: "operator",
    states: ["completed"],
    question: ({ name }) => ({
      title: `Run ${name} again?`,
      text: "It has completed. What it did is done a second time, and its result is forgotten.",
      action: "Run again",
    }),
    call: { path: "reset" },
    done: "The job will run again.",
  },
  {
    name: "Cancel",
    role: "operator",
    states: LIVE,
    question: ({ name }) => ({ title: `Cancel ${name}?`, text: "It does not run any more.", action: "Cancel job" }),
    call: { path: "cancel" },
    done: "The job is cancelled.",
  },
  {
    name: "Cancel",
    role: "operator",
    states: ["running"],
    isDangerous: true,
    question: ({ name, reservedBy = "A worker" }) => ({
      title: `Cancel ${name} while it runs?`,
      text: `${reservedBy} has it. Its handler is told to stop; what it has done so far stays done.`,
      action: "Cancel running job",
    }),
    call: { path: "cancel", body: { force: true } },
    done: "The job is cancelled.",
  },
  {
    name: "Delete",
    role: "admin",
    states: [...LIVE, "running", "completed", "failed", "dead_letter", "cancelled"],
    isDangerous: true,
    question: ({ name }) => ({
      title: `Delete ${name}?`,
      text: "The job is forgotten with its payload, result, attempts and logs. This cannot be undone.",
      action: "Delete job",
    }),
    done: "The job is deleted.",
  },
];

/** What can be done with a job as it is, and by whom looks at it. */
export function JobActions({
  job,
  state,
  changed,
}: {
  readonly job: JobHead;
  readonly state: WireState;
  readonly changed: () => void;
}): JSX.Element {
  const { api, caller, confirm, notify } = useApp();
  const [isBusy, setBusy] = useState(false);
  const run = async ({ question, isDangerous = false, call, done }: Action): Promise<void> => {
    if (isBusy || !(await confirm({ ...question(job), isDangerous }))) return;
    setBusy(true);
    try {
      if (call) await api.post(pathOf("jobs", job.id, call.path), call.body);
      else await api.delete(pathOf("jobs", job.id));
      notify(done);
      if (call) changed();
      else goTo(placeHref(["jobs"]));
    } catch (error) {
      notify((error as ApiFault).message, "bad");
      changed();
    }
    setBusy(false);
  };
  const possible = ACTIONS.filter(({ role, states }) => may(caller, role) && states.includes(state));
  return (
    <>
      {possible.map((action) => (
        <button
          key={action.name}
          type="button"
          class={action.name === "Delete" ? "button danger-quiet" : "button"}
          aria-disabled={isBusy}
          onClick={() => run(action)}
        >
          {action.name}
        </button>
      ))}
    </>
  );
}

import { JobqError } from "@jobq/core";
import type { ModuleContext, StorageOfContext } from "../../module.ts";
import type { CodeScope } from "./code-scope.ts";
import { GlobalTraps, type Use } from "./global-traps.ts";

/** A run whose code is watched. */
export interface Watched {
  readonly job: { readonly id: string; readonly name: string };
  /** The step that its code came to last, undefined before the first. */
  readonly place: string | undefined;
  /** True when its code does nothing new any more, so that nothing depends on what it uses. */
  readonly isStopped: boolean;
  fail(error: unknown): void;
}

/** What a watch is told by when to end, and tells what is in its way. */
export interface WatchHost extends Pick<ModuleContext, "report"> {
  onClose(stop: () => void): unknown;
}

type Storage = StorageOfContext<Watched | undefined>;

let storage: Storage | undefined;

const traps = new GlobalTraps((use) => {
  const run = storage?.getStore();
  // The code is not told, and so can't swallow it; what else is running, a library's timer say, is not disturbed.
  if (run && !run.isStopped) run.fail(usedError(run, use));
});

/**
 * Watches the code of strict runs for what comes out otherwise in a replay. It is found by its asynchronous context, so
 * that all other code of the process goes on as ever.
 */
export class StrictWatch {
  readonly #storage: Storage;

  private constructor(own: Storage) {
    this.#storage = own;
  }

  /** Watches until its host closes; where the runtime knows no contexts, that is reported, and nothing is watched. */
  static begin({ report, onClose }: WatchHost): StrictWatch | undefined {
    storage ??= newStorage();
    if (!storage) {
      report(
        new Error("this runtime has no AsyncLocalStorage: nobody is told of clocks and chance"),
        "watching workflows",
      );
      return undefined;
    }
    onClose(traps.hold());
    return new StrictWatch(storage);
  }

  /** The scope of the code of that run. */
  over(run: Watched): CodeScope {
    const own = this.#storage;
    return { enter: (work) => own.run(run, work), leave: (work) => own.run(undefined, work) };
  }
}

/** Made without `node:`, which not every runtime has: Node, Deno, Bun and Workers give it away at run time. */
function newStorage(): Storage | undefined {
  type Make = new () => Storage;
  interface Runtime {
    readonly AsyncLocalStorage?: Make;
    readonly process?: {
      readonly getBuiltinModule?: (id: string) => { readonly AsyncLocalStorage?: Make } | undefined;
    };
  }
  const runtime = globalThis as Runtime;
  const Storage =
    runtime.AsyncLocalStorage ?? runtime.process?.getBuiltinModule?.("node:async_hooks")?.AsyncLocalStorage;
  return Storage && new Storage();
}

/** The error that parks a run; its stack leads to where the code did it. */
function usedError({ job: { id, name: workflow }, place }: Watched, { what: used, instead }: Use): JobqError {
  const after = place === undefined ? "before its first step" : `between its steps, after step ${place}`;
  const message =
    `run ${id} of ${workflow} used ${used} ${after}, which comes out otherwise in a replay: use ${instead}, or do it in ` +
    "a step; then reset the run";
  return new JobqError("WORKFLOW_NONDETERMINISTIC", message, { details: { id, workflow, place, used, instead } });
}

import type { Bundles } from "@jobq/service/bundle";
import type { Schedules } from "@jobq/service/cron";
import type { Workflows } from "@jobq/service/workflow";
import { Fault } from "../fault.ts";

/** The modules of the service that the API has routes for, where it was given them. */
export interface ServerModules {
  readonly schedules?: Pick<Schedules, "get" | "list" | "pause" | "resume" | "remove" | "trigger"> | undefined;
  readonly workflows?: Pick<Workflows, "get" | "list" | "history" | "signal" | "cancel"> | undefined;
  // biome-ignore lint/suspicious/noExplicitAny: bundles of any topics; its methods here take none
  readonly bundles?: Pick<Bundles<any>, "get" | "list" | "cancel"> | undefined;
}

/** The names of the modules. */
export const MODULE_NAMES = ["schedules", "workflows", "bundles"] as const;

/**
 * A module that a route stands on.
 * @throws {Fault} not_found: the server was not given it
 */
export function moduleOf<Name extends keyof ServerModules>(
  modules: ServerModules,
  name: Name,
): NonNullable<ServerModules[Name]> {
  const module = modules[name];
  if (module) return module;
  throw new Fault("not_found", `this server has no ${name}: createServer was not given the option ${name}`);
}

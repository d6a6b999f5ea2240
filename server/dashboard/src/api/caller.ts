import { includesRole, type Role } from "../../../src/access/roles.ts";
import type { ServerModules } from "../../../src/modules/server-modules.ts";

/** A module that a server may have been given. */
export type ModuleName = keyof ServerModules;

/** Who uses the dashboard, as `GET /api/v1/me` tells it. */
export interface CallerForm {
  readonly name: string;
  readonly role: Role;
  /** The modules that the server has routes for. */
  readonly modules: readonly ModuleName[];
  readonly access: "keys" | "loopback" | "open";
  readonly now: string;
}

/** True when the caller may do what takes `role`. */
export function may(caller: CallerForm, role: Role): boolean {
  return includesRole(caller.role, role);
}

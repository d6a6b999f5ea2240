import { includesRole, type Role } from "../../../src/access/roles.ts";

/** Who uses the dashboard, as `GET /api/v1/me` tells it. */
export interface CallerForm {
  readonly name: string;
  readonly role: Role;
  readonly access: "keys" | "loopback" | "open";
  readonly now: string;
}

/** True when the caller may do what takes `role`. */
export function may(caller: CallerForm, role: Role): boolean {
  return includesRole(caller.role, role);
}

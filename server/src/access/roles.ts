/**
 * What a caller may do, each including what comes before it: read metrics, which hold no job; look at jobs; submit, work
 * and steer them; delete them.
 */
export const ROLES = ["metrics", "viewer", "operator", "admin"] as const;

/** The role of a key. */
export type Role = (typeof ROLES)[number];

/** True when a holder of the role `given` may do what takes the role `needed`. */
export function includesRole(given: Role, needed: Role): boolean {
  return ROLES.indexOf(given) >= ROLES.indexOf(needed);
}

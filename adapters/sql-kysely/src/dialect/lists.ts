import type { Kind, Shape } from "./dialect.ts";

/** The fields of a shape as a list, each spelled by `field`. */
export const fieldList = (shape: Shape, field: (name: string, kind: Kind) => string): string =>
  Object.entries(shape)
    .map(([name, kind]) => field(name, kind))
    .join(", ");

/** The assignments of an update as a list. */
export const assignmentList = (assign: Readonly<Record<string, string>>, prefix = ""): string =>
  Object.entries(assign)
    .map(([column, value]) => `${prefix}${column} = ${value}`)
    .join(", ");

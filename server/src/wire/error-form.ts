import type { Fault } from "../fault.ts";
import { FAULT_STATUS } from "../fault.ts";
import { anything, type Infer, map, object, oneOf, string } from "../schema/schema.ts";

/** What every error response carries. */
export const errorSchema = object({
  error: object(
    { code: oneOf(...(Object.keys(FAULT_STATUS) as (keyof typeof FAULT_STATUS)[])), message: string() },
    {
      field: string().describe("the field or parameter at fault"),
      jobq_code: string().describe("the library's own code for it"),
      details: map(anything).describe("facts for programs"),
    },
  ),
}).named("Error");

/** A fault as it goes over the wire. */
export function errorForm({ code, message, options }: Fault): Infer<typeof errorSchema> {
  const { field, jobq } = options;
  return { error: { code, message, field: field || undefined, jobq_code: jobq?.code, details: jobq?.details } };
}

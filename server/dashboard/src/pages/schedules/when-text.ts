import { durationText } from "../../format/time.ts";

/** When a schedule is due, as the API has it. */
export interface WhenForm {
  readonly type: string;
  readonly everyMs?: number;
  readonly time?: string;
  readonly day?: string;
  readonly expression?: string;
}

/** When a schedule is due, in words. */
export function whenText(when: WhenForm): string {
  const { type, everyMs = 0, time, day, expression } = when;
  if (type === "every") return `every ${durationText(everyMs)}`;
  if (type === "daily") return `daily at ${time}`;
  if (type === "weekly") return `${day} at ${time}`;
  return expression ?? type;
}

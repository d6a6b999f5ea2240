import { PRIORITIES } from "@jobq/service";

const { critical, high, normal, low, bulk } = PRIORITIES;

/** The weight of each priority on the wire, by its number: 0 critical, 1 high, 2 normal, 3 low, 4 bulk. */
export const PRIORITY_WEIGHTS: readonly number[] = [critical, high, normal, low, bulk];

/** The priority whose weight is nearest; of two as near, the more urgent. */
export function priorityOf(weight: number): number {
  let nearest = 0;
  for (const [priority, of] of PRIORITY_WEIGHTS.entries()) {
    if (Math.abs(of - weight) < Math.abs((PRIORITY_WEIGHTS[nearest] as number) - weight)) nearest = priority;
  }
  return nearest;
}

/**
 * 0 when both digests are alike. It reads both to their end, wherever they differ first, and since they are digests, not
 * even that would say anything of what they were made of.
 */
export function differenceOf(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let difference = a.length ^ b.length;
  for (let index = 0; index < a.length; index++) difference |= (a[index] as number) ^ (b[index] ?? 0);
  return difference;
}

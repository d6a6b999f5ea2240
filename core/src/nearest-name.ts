/** Returns the name in `names` that `typed` probably meant; undefined if none is near. */
export function nearestName(typed: string, names: readonly string[]): string | undefined {
  const near = plain(typed);
  const most = Math.ceil(near.length / 3);
  let best: { readonly name: string; readonly distance: number } | undefined;
  for (const name of names) {
    const distance = editDistance(near, plain(name), most);
    if (distance <= most && distance < (best?.distance ?? Number.POSITIVE_INFINITY)) best = { name, distance };
  }
  return best?.name;
}

/** `maxAttempts` and `max-attempts` are near `max_attempts`. */
function plain(name: string): string {
  return name.slice(0, 64).toLowerCase().replace(/[-_]/g, "");
}

/** How many letters have to be put in, taken out or replaced, as far as that is at most `most`. */
function editDistance(from: string, to: string, most: number): number {
  if (Math.abs(from.length - to.length) > most) return most + 1;
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = (row[j - 1] as number) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[to.length] as number;
}

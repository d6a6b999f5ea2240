/**
 * How many jobs may run at once: per topic and in all. A topic's share is kept free for it, so that a busy topic leaves
 * room for others.
 */
export class Slots {
  readonly #all: number;
  readonly #topics = new Map<string, { readonly most: number; readonly share: number; used: number }>();
  #used = 0;

  /** @param all the most in all topics together */
  constructor(all: number) {
    this.#all = all;
  }

  add(topic: string, most: number, share: number): void {
    this.#topics.set(topic, { most, share, used: 0 });
  }

  get used(): number {
    return this.#used;
  }

  /** How many more jobs of the topic may begin now. */
  free(topic: string): number {
    const own = this.#topics.get(topic);
    if (!own) return 0;
    let keptForOthers = 0;
    for (const [name, { share, used }] of this.#topics) {
      if (name !== topic) keptForOthers += Math.max(0, share - used);
    }
    return Math.max(0, Math.min(own.most - own.used, this.#all - this.#used - keptForOthers));
  }

  take(topic: string): void {
    const own = this.#topics.get(topic);
    if (own) own.used++;
    this.#used++;
  }

  give(topic: string): void {
    const own = this.#topics.get(topic);
    if (own) own.used--;
    this.#used--;
  }
}

/** What one topic has of the slots. */
interface Share {
  readonly most: number;
  readonly share: number;
  /** How many of its jobs run. */
  used: number;
  /** How many have run, and are not settled yet. */
  settling: number;
  /** How many slots are kept for jobs that are being reserved. */
  asked: number;
  /** How many slots others leave free for it. */
  kept: number;
}

/**
 * How many jobs may run at once: per topic and in all. A topic's share is kept free for it, so that a busy topic leaves
 * room for others. A job runs until its handler has ended; until it is settled too, no other is reserved in its place.
 */
export class Slots {
  readonly #all: number;
  #sum = 0;
  /** How many slots are kept free for one topic or another. */
  #kept = 0;
  readonly #topics = new Map<string, Share>();
  #used = 0;
  /** How many run, or have run and are not settled yet. */
  #held = 0;

  /** @param all the most in all topics together */
  constructor(all: number) {
    this.#all = all;
  }

  add(topic: string, most: number, share: number): void {
    const own = { most, share, used: 0, settling: 0, asked: 0, kept: 0 };
    this.#topics.set(topic, own);
    this.#sum += most;
    this.#keep(own);
  }

  /** True when the topics cannot all run as many as they may. */
  get areScarce(): boolean {
    return this.#sum > this.#all;
  }

  /** How many jobs run. */
  get used(): number {
    return this.#used;
  }

  /** True when no job runs, and all that have run are settled. */
  get isIdle(): boolean {
    return this.#held === 0;
  }

  /** True while no job of any topic may begin. */
  get isFull(): boolean {
    return this.#used >= this.#all;
  }

  /** How many more jobs of the topic may begin now. */
  free(topic: string): number {
    const own = this.#of(topic);
    const keptForOthers = this.#kept - own.kept;
    return Math.max(0, Math.min(own.most - own.used, this.#all - this.#used - keptForOthers));
  }

  /** How many of its jobs have run, and are not settled yet. */
  settling(topic: string): number {
    return this.#of(topic).settling;
  }

  /** Keeps so many slots from other topics while jobs are reserved for them; returns how many were kept before. */
  ask(topic: string, count: number): number {
    const own = this.#of(topic);
    const before = own.asked;
    own.asked = count;
    this.#keep(own);
    return before;
  }

  /** A job of the topic begins to run. */
  begin(topic: string): void {
    const own = this.#of(topic);
    own.used++;
    if (own.asked > 0) own.asked--;
    this.#keep(own);
    this.#used++;
    this.#held++;
  }

  /** One has run. */
  end(topic: string): void {
    const own = this.#of(topic);
    own.used--;
    own.settling++;
    this.#keep(own);
    this.#used--;
  }

  /** One that has run is settled. */
  settled(topic: string): void {
    this.#of(topic).settling--;
    this.#held--;
  }

  /** What is kept in all is counted here: adding it up for every job takes longer than the job, with dozens of topics. */
  #keep(own: Share): void {
    const kept = Math.max(0, own.share - own.used, own.asked);
    this.#kept += kept - own.kept;
    own.kept = kept;
  }

  #of(topic: string): Share {
    return this.#topics.get(topic) as Share; // the worker asks for its own topics only
  }
}

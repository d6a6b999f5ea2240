/** Something that comes out otherwise in a replay. */
export interface Use {
  /** As code calls it. */
  readonly what: string;
  /** What code of workflows calls instead. */
  readonly instead: string;
}

/** A function of the platform, and where it is found. */
interface Trapped extends Use {
  readonly owner: object;
  readonly key: string;
}

/** What is trapped, where the runtime has it. */
function trapped(): Trapped[] {
  const timers = ["setTimeout", "setInterval", "setImmediate"];
  return [
    { owner: Date, key: "now", what: "Date.now()", instead: "ctx.now()" },
    { owner: globalThis, key: "Date", what: "the time of new Date()", instead: "new Date(ctx.now())" },
    { owner: Math, key: "random", what: "Math.random()", instead: "ctx.random()" },
    { owner: crypto, key: "randomUUID", what: "crypto.randomUUID()", instead: "ctx.uuid()" },
    { owner: crypto, key: "getRandomValues", what: "crypto.getRandomValues()", instead: "ctx.random()" },
    ...timers.map((key) => ({ owner: globalThis, key, what: `${key}()`, instead: "ctx.sleep()" })),
  ];
}

/** Every trap of this copy of the package: one that somebody has put back is not trapped twice. */
const ours = new WeakSet<object>();

/**
 * Says when code uses the clock, chance or timers. What is called does what it always does, with whatever properties it
 * has. They are there while somebody holds them; what others have put in their place meanwhile stays.
 */
export class GlobalTraps {
  readonly #used: (use: Use) => void;
  #holders = 0;
  #undo: (() => void)[] = [];

  constructor(used: (use: Use) => void) {
    this.#used = used;
  }

  /** Has them there until the function that is returned is called. */
  hold(): () => void {
    if (this.#holders++ === 0) this.#undo = trapped().map((one) => this.#set(one));
    let isHeld = true;
    return () => {
      if (isHeld && --this.#holders === 0) for (const undo of this.#undo.splice(0).reverse()) undo();
      isHeld = false;
    };
  }

  #set({ owner, key, ...use }: Trapped): () => void {
    const original: unknown = Reflect.get(owner, key);
    if (typeof original !== "function" || ours.has(original)) return () => {};
    const trap = new Proxy(original, {
      apply: (target, self, given) => {
        this.#used(use);
        return Reflect.apply(target, self, given);
      },
      construct: (target, given, made) => {
        if (given.length === 0) this.#used(use);
        return Reflect.construct(target, given, made);
      },
    });
    ours.add(trap);
    const undo = replace(owner, key, trap);
    // `new Date().constructor === Date` has to stay true.
    const undoConstructor = key === "Date" ? replace(original.prototype, "constructor", trap) : () => {};
    return () => {
      undoConstructor();
      undo();
    };
  }
}

/** Sets a property as it was defined, where the runtime lets us; what is returned puts it back unless somebody else has set it. */
function replace(owner: object, key: string, value: unknown): () => void {
  const before = Object.getOwnPropertyDescriptor(owner, key);
  const shape = { writable: true, configurable: true, enumerable: before?.enumerable ?? false };
  if (!Reflect.defineProperty(owner, key, { ...shape, value })) return () => {};
  return () => {
    if (Reflect.get(owner, key) !== value) return;
    if (before) Reflect.defineProperty(owner, key, before);
    else Reflect.deleteProperty(owner, key);
  };
}

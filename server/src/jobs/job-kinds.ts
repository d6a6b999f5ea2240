import { wrongType } from "@jobq/core";
import { type DefinedRequest, type EnqueueDefinition, type EnqueueOptions, isDefinition } from "@jobq/service/module";

/** A job that is asked for by its type. */
export interface TypedRequest {
  readonly type: string;
  /** By default that of the definition, or else the type. */
  readonly topic?: string | undefined;
  readonly payload?: unknown;
  readonly options?: Omit<EnqueueOptions, "within"> | undefined;
}

/** What `enqueueMany` takes. */
export type RequestOfMany =
  | { readonly topic: string; readonly payload: unknown; readonly options: Omit<EnqueueOptions, "within"> }
  | DefinedRequest;

/** The kinds of jobs that a server knows by their definitions. */
export class JobKinds {
  readonly #definitions: ReadonlyMap<string, EnqueueDefinition>;

  /** @throws {TypeError} something that is no definition, or two of a name */
  constructor(definitions: readonly EnqueueDefinition<never>[]) {
    if (!Array.isArray(definitions)) throw wrongType("definitions", "an array", definitions);
    const byName = new Map<string, EnqueueDefinition>();
    for (const definition of definitions as readonly EnqueueDefinition[]) {
      if (!isDefinition(definition)) throw wrongType("definitions", "made by defineJob or defineWorkflow", definition);
      if (byName.has(definition.name)) throw wrongType("definitions", "one of each name", definition.name);
      byName.set(definition.name, definition);
    }
    this.#definitions = byName;
  }

  /** The request with the topic, the options and the schema of its definition, where that is known and it says no others. */
  request({ type, topic, payload, options = {} }: TypedRequest): RequestOfMany {
    const definition = this.#definitions.get(type);
    if (!definition) return { topic: topic ?? type, payload, options: { ...options, name: type } };
    const data = options.data && { ...definition.options.data, ...options.data };
    return { job: { ...definition, topic: topic ?? definition.topic }, payload, options: { ...options, data } };
  }
}

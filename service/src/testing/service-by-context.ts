import { checkType, type JobService, type StorageOfContext, type TopicMap } from "../module.ts";

/**
 * A service that is another one in each asynchronous context: `storage.run(service, body)` says which, so that tests of
 * one process can run side by side over code that shares one service. Modules are made over the services themselves.
 * @param storage an `AsyncLocalStorage`
 * @param otherwise what it is where no context says; without it, every use throws there
 */
export function serviceByContext<Topics extends TopicMap>(
  storage: Pick<StorageOfContext<JobService<Topics>>, "getStore">,
  otherwise?: JobService<Topics>,
): JobService<Topics> {
  checkType(storage?.getStore, "function", "storage.getStore");
  return new Proxy({} as JobService<Topics>, {
    get(_, key) {
      const service = storage.getStore() ?? otherwise;
      if (!service) throw new Error(`no service in this context to ask for ${String(key)}`);
      const member: unknown = Reflect.get(service, key, service);
      return typeof member === "function" ? member.bind(service) : member;
    },
  });
}

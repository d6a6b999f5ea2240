import { checkType, type JobService, type StorageOfContext, type TopicMap } from "../module.ts";

/**
 * Returns a service that forwards to the service of the current asynchronous context, set by `storage.run(service,
 * body)`. So tests can run concurrently over code that shares one service. Create modules over the real services.
 * @param storage an `AsyncLocalStorage`
 * @param otherwise the service outside any such context; without it, every use there throws
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

using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [(name = "edge", worker = .edge)],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "edge")],
);

const edge :Workerd.Worker = (
  modules = [(name = "edge.mjs", esModule = embed "edge.mjs")],
  compatibilityDate = "2026-04-01",
  durableObjectNamespaces = [(className = "Queue", uniqueKey = "queue")],
  durableObjectStorage = (inMemory = void),
  bindings = [(name = "QUEUE", durableObjectNamespace = "Queue")],
);

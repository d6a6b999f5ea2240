# For workerd as it is: `workerd serve config.capnp`, with worker.mjs made by
# `npx esbuild worker.ts --bundle --format=esm --outfile=worker.mjs`. On Cloudflare, wrangler does both.
using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "worker", worker = .worker),
    (name = "jobs-network", network = (allow = ["public", "private"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "worker")],
);

const worker :Workerd.Worker = (
  modules = [(name = "worker.mjs", esModule = embed "worker.mjs")],
  compatibilityDate = "2026-04-01",
  globalOutbound = "jobs-network",
  bindings = [
    (name = "JOBS_URL", fromEnvironment = "JOBS_URL"),
    (name = "JOBS_KEY", fromEnvironment = "JOBS_KEY"),
  ],
);

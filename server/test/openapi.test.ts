import { Validator } from "@seriousme/openapi-schema-validator";
import { describe, expect, test } from "vitest";
import { ROUTES } from "../src/routes/table.ts";
import { servedDocument } from "./contract.ts";
import { rig } from "./rig.ts";

describe("the OpenAPI document", () => {
  test("is valid OpenAPI 3.1", async () => {
    const validator = new Validator();
    const { valid, errors } = await validator.validate({ ...(await servedDocument()) });
    expect(errors).toBeUndefined();
    expect(valid).toBe(true);
    expect(validator.version).toBe("3.1");
  });

  test("has every route of the table, each with a name of its own, and no other", async () => {
    const { paths } = await servedDocument();
    const documented = Object.entries(paths).flatMap(([path, operations]) =>
      Object.entries(operations).map(([method, { operationId }]) => `${method.toUpperCase()} ${path} ${operationId}`),
    );
    expect(documented.sort()).toEqual(
      ROUTES.map(({ method, path, operation }) => `${method} ${path} ${operation}`).sort(),
    );
    expect(new Set(ROUTES.map(({ operation }) => operation)).size).toBe(ROUTES.length);
  });

  test("names every parameter of every path", async () => {
    const { paths } = await servedDocument();
    for (const [path, operations] of Object.entries(paths)) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      for (const { parameters = [] } of Object.values(operations)) {
        expect(parameters.filter((one) => one.in === "path").map(({ name }) => name)).toEqual(inPath);
      }
    }
  });

  test("documents an error for every operation", async () => {
    const { paths } = await servedDocument();
    for (const operations of Object.values(paths)) {
      for (const { responses } of Object.values(operations)) expect(responses.default).toBeDefined();
    }
  });

  test("is served by a table whose every entry takes a role, but for those that only tell of health", () => {
    const open = ROUTES.filter(({ role }) => role === undefined).map(({ path }) => path);
    expect(open).toEqual(["/health", "/live", "/ready"]);
    const safe = ROUTES.filter(({ method }) => method === "GET");
    expect(safe.filter(({ changes }) => changes)).toEqual([]);
    expect(safe.filter(({ role }) => role === "operator" || role === "admin")).toEqual([]);
    const changing = ROUTES.filter(({ changes }) => changes);
    expect(changing.filter(({ role }) => role !== "operator" && role !== "admin")).toEqual([]);
    expect(ROUTES.filter(({ role }) => role === "metrics").map(({ path }) => path)).toEqual(["/metrics"]);
  });

  test("asks for a key where the server does, and knows its base path", async () => {
    const key = { name: "a", role: "viewer", key: "viewer-key-0123456789" } as const;
    const { call } = rig({ keys: [key] });
    const { body } = await call("GET", "/api/v1/openapi.json", undefined, { "x-api-key": key.key });
    expect(body.security).toEqual([{ bearer: [] }, { apiKey: [] }]);
    expect(body.paths["/live"].get.security).toEqual([]);

    const { server } = rig({ basePath: "/queue" });
    const response = await server.fetch(new Request("http://localhost/queue/api/v1/openapi.json"));
    expect(await response.json()).toMatchObject({ servers: [{ url: "/queue" }] });
  });
});

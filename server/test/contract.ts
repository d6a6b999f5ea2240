import { memoryJobs } from "@jobq/job-memory";
import { memoryTopics } from "@jobq/pq-memory";
import { createServer } from "@jobq/server";
import { createService } from "@jobq/service";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";

export interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly required: boolean }[];
  readonly requestBody?: { readonly required: boolean; readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
}

type Content = Readonly<Record<string, { readonly schema?: object }>>;

export interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

/** The document as a server serves it. */
export async function servedDocument(): Promise<Document> {
  const svc = createService({ jobs: memoryJobs(), topics: memoryTopics() });
  const response = await createServer(svc).fetch(new Request("http://localhost/api/v1/openapi.json"));
  return (await response.json()) as Document;
}

const document = await servedDocument();
const ajv = new Ajv2020({ strict: true, allErrors: true });
ajv.addFormat("date-time", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
ajv.addVocabulary(["openapi", "info", "servers", "tags", "paths", "components", "x-role"]);
ajv.addSchema(document, "api");

const compiled = new Map<string, ValidateFunction>();
const templates = Object.keys(document.paths).map((path) => ({
  path,
  pattern: new RegExp(`^${path.replaceAll(".", "\\.").replaceAll(/\{\w+\}/g, "[^/]+")}$`),
}));

/** The template of a path, the most literal one that fits. */
export function templateOf(path: string): string | undefined {
  const pathname = path.split("?")[0] as string;
  const fitting = templates.filter(({ pattern }) => pattern.test(pathname)).map((template) => template.path);
  return fitting.find((template) => template === pathname) ?? fitting[0];
}

/** Every operation whose response was held to the document, as `GET /path 200`. */
export const covered = new Set<string>();

/** @throws {Error} a response that is not as the document says */
export function assertDocumented(
  method: string,
  path: string,
  status: number,
  media: string | null,
  body: unknown,
): void {
  if (method === "HEAD" || (method === "OPTIONS" && status === 204)) return;
  const template = templateOf(path);
  const operation = template && document.paths[template]?.[method.toLowerCase()];
  if (!template || !operation) {
    assertError(status, body, `${method} ${path}`);
    return;
  }
  const response = operation.responses[status];
  if (!response) {
    assertError(status, body, `${method} ${template}`);
    return;
  }
  covered.add(`${method} ${template} ${status}`);
  const type = media?.split(";")[0];
  if (type !== "application/json") return;
  const key = `${template}/${method}/${status}`;
  if (!response.content?.[type]?.schema) throw new Error(`${key} has a body that is not documented`);
  assertValid(key, pointer(template, method, String(status)), body);
}

function assertError(status: number, body: unknown, key: string): void {
  if (status < 400) throw new Error(`${key} has a response ${status} that is not documented`);
  assertValid("Error", "api#/components/schemas/Error", body);
}

function assertValid(key: string, ref: string, body: unknown): void {
  const check = compiled.get(key) ?? ajv.compile({ $ref: ref });
  compiled.set(key, check);
  if (!check(body)) throw new Error(`${key} is not as documented: ${ajv.errorsText(check.errors)}`);
}

function pointer(template: string, method: string, status: string): string {
  const path = encodeURIComponent(template.replaceAll("~", "~0").replaceAll("/", "~1"));
  return `api#/paths/${path}/${method.toLowerCase()}/responses/${status}/content/application~1json/schema`;
}

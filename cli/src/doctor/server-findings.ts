import { reaching } from "../queue/reaching.ts";
import type { Finding } from "./finding.ts";
import { skewOf } from "./skew-of.ts";

/** What a server says of itself to anybody. */
export async function serverFindings(url: string): Promise<readonly Finding[]> {
  const from = performance.now();
  const response = await reaching(url)(`${url.replace(/\/+$/, "")}/health`);
  const tookMs = performance.now() - from;
  const { healthy = false } = (await response.json().catch(() => ({}))) as { readonly healthy?: boolean };
  const at = Date.parse(response.headers.get("date") ?? "");
  return [
    healthy
      ? { level: "good", about: "server", text: `it is healthy, and said so within ${Math.round(tookMs)} ms` }
      : { level: "bad", about: "server", text: "it is not healthy", advice: "Its log says what fails." },
    // The header tells whole seconds.
    ...(Number.isNaN(at) ? [] : [skewOf(Math.max(0, Math.abs(at + 500 - Date.now()) - 500), "the server's clock")]),
  ];
}

/**
 * An agent: a model is asked what to do, tools do it, until the model has an answer. Each call of the model and of a tool
 * is a step, so that a crash, a deploy or a long wait for a person repeats and pays for nothing. The model here is a stub.
 */
import { memoryJobs } from "@jobq/job-memory";
import { memoryTopics } from "@jobq/pq-memory";
import { createService } from "@jobq/service";
import { createWorker, defineJob } from "@jobq/service/worker";
import { createWorkflows, defineWorkflow, type WorkflowContext } from "@jobq/service/workflow";

type Message = { readonly role: "user" | "tool" | "person"; readonly text: string };
type Decision =
  | { readonly tool: string; readonly input: string }
  | { readonly ask: string }
  | { readonly answer: string };

/** Stands for a call of a language model. */
const think = defineJob("think", {
  timeout: "1m",
  run(messages: readonly Message[]): Decision {
    if (!messages.some(({ role }) => role === "tool")) return { tool: "weather", input: "Oslo" };
    if (!messages.some(({ role }) => role === "person")) return { ask: "Shall I book the boat?" };
    return { answer: `It is ${messages.find(({ role }) => role === "tool")?.text}, and the boat is booked.` };
  },
});
const tools = [defineJob("weather", { run: (city: string) => `sunny in ${city}` })];

const agent = defineWorkflow("agent", async (ctx: WorkflowContext, question: string) => {
  const messages: Message[] = [{ role: "user", text: question }];
  for (;;) {
    const decision = await ctx.call(think, messages);
    if ("answer" in decision) return decision.answer;
    if ("ask" in decision) {
      await ctx.setStatus({ asks: decision.ask });
      const reply = await ctx.waitFor<string>("reply", { timeout: "1d" });
      messages.push({ role: "person", text: reply ?? "no answer" });
    } else {
      const text = String(await ctx.call(decision.tool, decision.input, { retries: 2 }));
      messages.push({ role: "tool", text });
    }
  }
});

const svc = createService({ jobs: memoryJobs(), topics: memoryTopics() });
const workflows = createWorkflows(svc);
const worker = createWorker(svc, { jobs: [agent, think, ...tools] });
await worker.start();
const id = await svc.enqueue(agent, "What is the weather, and what shall we do?");
await workflows.signal(id, "reply", "yes, please");
const ending = await svc.result(id);
console.log(ending.state === "done" ? ending.result : ending);
for (const step of (await workflows.history(id))?.steps ?? []) console.log(step.id, JSON.stringify(step.value));
await worker.stop();
await svc.close();

import type { Schedules } from "@jobq/service/cron";
import { daily } from "@jobq/service/cron";
import { defineJob } from "@jobq/service/worker";
import { expectTypeOf, test } from "vitest";

test("the payload of a schedule is that of its job", () => {
  const sendEmail = defineJob("send-email", { topic: "emails", run: async (_: { to: string }) => {} });
  const uses = (schedules: Schedules) => [
    schedules.set("a", daily("09:00"), { job: sendEmail, payload: { to: "ada" } }),
    // @ts-expect-error the payload has no such field
    schedules.set("a", daily("09:00"), { job: sendEmail, payload: { from: "ada" } }),
    // @ts-expect-error when the jobs run is the schedule's to say
    schedules.set("a", daily("09:00"), { topic: "emails", options: { delay: "1m" } }),
    schedules.set("a", daily("09:00"), { run: (payload) => payload.to, payload: { to: "ada" } }),
  ];
  expectTypeOf(uses).parameter(0).toEqualTypeOf<Schedules>();
});

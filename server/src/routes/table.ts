import type { Route } from "../route.ts";
import { activityRoutes } from "./activity-routes.ts";
import { bulkRoutes } from "./bulk-routes.ts";
import { bundleRoutes } from "./bundle-routes.ts";
import { eventRoutes } from "./event-routes.ts";
import { historyRoutes } from "./history-routes.ts";
import { indexRoutes } from "./index-routes.ts";
import { jobRoutes } from "./job-routes.ts";
import { manyRoutes } from "./many-routes.ts";
import { operationRoutes } from "./operation-routes.ts";
import { recordRoutes } from "./record-routes.ts";
import { reservationRoutes } from "./reservation-routes.ts";
import { reserveRoutes } from "./reserve-routes.ts";
import { scheduleRoutes } from "./schedule-routes.ts";
import { submitRoutes } from "./submit-routes.ts";
import { topicRoutes } from "./topic-routes.ts";
import { waitRoutes } from "./wait-routes.ts";
import { workflowRoutes } from "./workflow-routes.ts";

/** Every route there is. Of two that fit a path, the one that stands first is taken. */
export const ROUTES: readonly Route[] = [
  ...submitRoutes,
  ...historyRoutes,
  ...bulkRoutes,
  ...jobRoutes,
  ...waitRoutes,
  ...topicRoutes,
  ...reserveRoutes,
  ...reservationRoutes,
  ...scheduleRoutes,
  ...workflowRoutes,
  ...bundleRoutes,
  ...manyRoutes,
  ...recordRoutes,
  ...eventRoutes,
  ...operationRoutes,
  ...activityRoutes,
  ...indexRoutes,
];

import { defineRoom } from "../room.ts";
import getHealth from "./get-health/definition.ts";
import getOpenapi from "./get-openapi/definition.ts";
import getUsage from "./get-usage/definition.ts";
import readQuarantine from "./read-quarantine/definition.ts";
import redriveRecord from "./redrive-record/definition.ts";
import showLinks from "./show-links/definition.ts";
import sweepExpiredItems from "./sweep-expired-items/definition.ts";

export default defineRoom({
  name: "operations",
  description: "For operators: health, the API's own pages, quarantine, limits and usage",
  functions: [getHealth, getOpenapi, getUsage, readQuarantine, redriveRecord, showLinks],
  selfHosted: [sweepExpiredItems],
});

import { Logger } from "@aws-lambda-powertools/logger";
import { withoutKeys } from "../core/access/key-text.ts";
import type { FunctionDefinition } from "./definition.ts";

/**
 * The structured log of one function. Level from `POWERTOOLS_LOG_LEVEL`, or Lambda's own log level. Rules for
 * whoever writes to it: no bodies; no coordinates above debug; what concerns one request goes into that line
 * and not into the logger's keys, because a local host serves several requests at once with one logger.
 * Anything that looks like an API key is hidden, wherever it appears.
 */
export const functionLogger = ({ name }: FunctionDefinition): Logger =>
  new Logger({
    serviceName: "backtrack",
    persistentKeys: { function: name },
    jsonReplacerFn: (_, value) => (typeof value === "string" ? withoutKeys(value) : value),
  });

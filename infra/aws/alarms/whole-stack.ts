import type { HttpApi } from "../http-api.ts";
import { namesIn } from "../names.ts";
import type { Storage } from "../storage.ts";
import { watchDamage } from "./damage.ts";
import { type Deliveries, watchDeliveries, watchTables } from "./deliveries.ts";
import { THROTTLED } from "./functions.ts";
import { watchStream } from "./streams.ts";
import { FIVE_MINUTES, type Watch } from "./watch.ts";

export interface WholeStack extends Deliveries {
  readonly storage: Storage;
  readonly api: HttpApi;
}

/** What belongs to no single room: the data, what several rooms count together, and the API. */
export const watchWholeStack = (stack: WholeStack): Watch[] => {
  const { functions, storage, api } = stack;
  return [
    ...namesIn(storage.streams).flatMap((name) => watchStream(name, storage.streams[name])),
    ...watchTables(Object.values(storage.tables)),
    ...watchDeliveries(stack),
    ...watchDamage(functions),
    THROTTLED,
    {
      name: "api-5xx",
      tells: "The API failed 5 requests in 5 minutes by its own fault",
      metric: api.stage.metricServerError({ statistic: "Sum", period: FIVE_MINUTES }),
      from: 5,
    },
  ];
};

import * as Type from "typebox";
import { MAXIMUM_WINDOW_SECONDS, MINIMUM_WINDOW_SECONDS } from "../../core/task/request-average-speed.ts";

/** The query parameter for the length of time over which a speed is averaged. */
export const windowSeconds = (options: { readonly default?: number } = {}) =>
  Type.Number({ minimum: MINIMUM_WINDOW_SECONDS, maximum: MAXIMUM_WINDOW_SECONDS, ...options });

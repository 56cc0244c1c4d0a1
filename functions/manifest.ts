import type { FunctionDefinition } from "../lib/runtime/definition.ts";
import getHealth from "./get-health/definition.ts";

/** Every function, once. A folder that is missing here is not deployed; a test says so. */
export const MANIFEST: readonly FunctionDefinition[] = [getHealth];

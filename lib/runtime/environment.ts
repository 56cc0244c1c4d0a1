import { MisconfiguredError } from "../core/errors.ts";
import {
  ACCESS_VARIABLE,
  type AccessMode,
  asksForKeys,
  type FunctionDefinition,
  type StreamName,
  streamVariable,
  type TableName,
  tableVariable,
  type WorkflowName,
  workflowVariable,
} from "./definition.ts";

/** What a function may name in its environment; made once, at cold start. */
export interface Environment {
  table(name: TableName): string;
  stream(name: StreamName): string;
  workflow(name: WorkflowName): string;
  variable(name: string): string;
  /** Whether keys are asked for; only of a function that asksForKeys. */
  access(): AccessMode;
}

/** The variables that a deployment must set for a function, by name. */
export const requiredVariables = (definition: FunctionDefinition): string[] => [
  ...(Object.keys(definition.tables ?? {}) as TableName[]).map(tableVariable),
  ...(definition.publishesTo ?? []).map(streamVariable),
  ...(definition.starts ?? []).map(workflowVariable),
  ...(asksForKeys(definition) ? [ACCESS_VARIABLE] : []),
  ...Object.keys(definition.environment ?? {}),
];

/**
 * Reads the variables that the definition names. Raises MisconfiguredError that lists every missing one, so that a
 * wrong deployment fails at cold start and not at the first request that needs it.
 */
export const readEnvironment = (
  definition: FunctionDefinition,
  variables: Readonly<Record<string, string | undefined>> = process.env,
): Environment => {
  const missing = requiredVariables(definition).filter((name) => !variables[name]);
  if (missing.length > 0) {
    throw new MisconfiguredError(
      `function ${definition.name}: environment variable ${missing.join(", ")} is not set`,
    );
  }
  const variable = (name: string): string => {
    const value = variables[name];
    if (!value) throw new MisconfiguredError(`function ${definition.name}: ${name} is not in its definition`);
    return value;
  };
  return {
    table: (name) => variable(tableVariable(name)),
    stream: (name) => variable(streamVariable(name)),
    workflow: (name) => variable(workflowVariable(name)),
    variable,
    access: () => {
      const value = variable(ACCESS_VARIABLE);
      // Anything else is a mistake, and a mistake must not open the door.
      if (value === "keys" || value === "open") return value;
      throw new MisconfiguredError(
        `function ${definition.name}: ${ACCESS_VARIABLE} must be keys or open (got ${JSON.stringify(value)})`,
      );
    },
  };
};

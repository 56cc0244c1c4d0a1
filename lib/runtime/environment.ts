import { MisconfiguredError } from "../core/errors.ts";
import type { AnyKind } from "../resources/kind.ts";
import { KINDS, usedResources } from "../resources/kinds.ts";
import { ACCESS_VARIABLE, type AccessMode, asksForKeys, type FunctionDefinition } from "./definition.ts";
import type { EnvironmentOf } from "./environment-of.ts";

/** The variables that a deployment must set for a function, by name. */
export const requiredVariables = (
  definition: FunctionDefinition,
  kinds: readonly AnyKind[] = KINDS,
): string[] => [
  ...usedResources(definition, kinds).flatMap(({ variables }) => Object.keys(variables)),
  ...(asksForKeys(definition) ? [ACCESS_VARIABLE] : []),
  ...Object.keys(definition.environment ?? {}),
];

/**
 * Reads the variables that the definition names. Raises a MisconfiguredError that lists every missing one, so
 * that a wrong deployment fails at cold start and not at the first request that needs it.
 */
export const readEnvironment = <D extends FunctionDefinition>(
  definition: D,
  variables: Readonly<Record<string, string | undefined>> = process.env,
  kinds: readonly AnyKind[] = KINDS,
): EnvironmentOf<D> => {
  const missing = requiredVariables(definition, kinds).filter((name) => !variables[name]);
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
  const access = (): AccessMode => {
    const value = variable(ACCESS_VARIABLE);
    // Any other value is a mistake, and a mistake must not open the door.
    if (value === "keys" || value === "open") return value;
    throw new MisconfiguredError(
      `function ${definition.name}: ${ACCESS_VARIABLE} must be keys or open (got ${JSON.stringify(value)})`,
    );
  };
  const resources = Object.assign({}, ...kinds.map((kind) => kind.read(variable, definition.name)));
  // The compiler can't tell for a D that it does not know: what takes every name takes those of D.
  return { ...resources, variable, access } as unknown as EnvironmentOf<D>;
};

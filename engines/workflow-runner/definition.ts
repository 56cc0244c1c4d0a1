import type { StateMachineDefinition } from "aws-local-stepfunctions";

/* A state machine's definition as text and as data. */

/** Any state's fields, before anything is known about them. */
export type StateFields = Readonly<Record<string, unknown>>;

/** A map of states with a first one: a whole definition, a Parallel's branch or a Map's processor. */
export interface StatesScope {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, StateFields>>;
}

export interface Definition extends StatesScope {
  readonly Comment?: string;
  readonly TimeoutSeconds?: number;
}

/** A definition that is not JSON, has an unfilled placeholder, or uses what can't be run here. */
export class DefinitionError extends Error {
  override readonly name = "DefinitionError";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join("; "));
    this.problems = problems;
  }
}

const PLACEHOLDER = /\$\{([A-Za-z][A-Za-z0-9]*)\}/g;

/**
 * Fills each `${Name}` of a definition's text, as the CDK's definitionSubstitutions do. Raises
 * DefinitionError that names every placeholder without a value.
 */
export const substitutePlaceholders = (text: string, values: Readonly<Record<string, string>>): string => {
  const missing = new Set<string>();
  const filled = text.replace(PLACEHOLDER, (placeholder, name: string) => {
    if (Object.hasOwn(values, name)) return values[name];
    missing.add(placeholder);
    return placeholder;
  });
  if (missing.size > 0) {
    throw new DefinitionError([...missing].map((placeholder) => `placeholder ${placeholder} has no value`));
  }
  return filled;
};

/** Reads a definition whose placeholders are filled. Raises DefinitionError when it is not a JSON object. */
export const parseDefinition = (text: string): Definition => {
  substitutePlaceholders(text, {});
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new DefinitionError([`the definition is not JSON: ${(error as Error).message}`]);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new DefinitionError(["the definition is not an object"]);
  }
  return value as Definition;
};

/** The interpreter's type describes each state's fields; ours are checked by checkDefinition. */
export const forInterpreter = (definition: Definition): StateMachineDefinition =>
  definition as unknown as StateMachineDefinition;

/** The scopes inside a state: the branches of a Parallel, the processor of a Map. */
export const scopesIn = (state: StateFields): readonly StatesScope[] => {
  const scopes =
    state.Type === "Parallel"
      ? ((state.Branches ?? []) as unknown[])
      : state.Type === "Map"
        ? [state.ItemProcessor ?? state.Iterator]
        : [];
  return scopes.filter((scope): scope is StatesScope => typeof scope === "object" && scope !== null);
};

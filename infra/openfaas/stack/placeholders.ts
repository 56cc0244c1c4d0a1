/** `${NAME:-default}`: the one form for which faas-cli can never put in nothing at all without a word. */
const PLACEHOLDER = /\$\{([A-Z][A-Z0-9_]*):-([^${}]+)\}/g;

/** Every variable of a text, once, with its default. */
export const placeholdersIn = (text: string): ReadonlyMap<string, string> =>
  new Map([...text.matchAll(PLACEHOLDER)].map(([, name, value]) => [name, value]));

/** What is wrong with a text's variables. faas-cli reads `${}` in the whole file, comments included. */
export const placeholderProblems = (text: string): string[] => {
  const problems: string[] = [];
  const defaults = new Map<string, string>();
  for (const [index, line] of text.split("\n").entries()) {
    for (const [written, name, value] of line.matchAll(PLACEHOLDER)) {
      const before = defaults.get(name) ?? value;
      defaults.set(name, before);
      if (before === value) continue;
      problems.push(`line ${index + 1}: ${written} must have the same default as before, ${before}`);
    }
    const rest = line.replaceAll(PLACEHOLDER, "");
    if (!rest.includes("$")) continue;
    problems.push(
      `line ${index + 1}: a $ must be part of \${NAME:-default}, with a default (got ${JSON.stringify(line.trim())}): ` +
        "faas-cli puts nothing in the place of a variable that is not set",
    );
  }
  return problems;
};

/**
 * Puts in what the environment says, or else the defaults, as faas-cli does: an empty variable is not set.
 */
export const withValues = (
  text: string,
  environment: Readonly<Record<string, string | undefined>> = {},
): string => text.replaceAll(PLACEHOLDER, (_, name: string, value: string) => environment[name] || value);

/** What an address needs to know of the group of functions in which a function runs. */
export interface AddressedGroup {
  /** What OpenFaaS calls it. */
  readonly name: string;
  readonly shortName: string;
}

const PLACEHOLDERS = /\{([^{}]*)\}/g;

/**
 * Reads where functions are called, and returns the address of each: what Lambda's path of the function
 * (`/2015-03-31/functions/<name>/invocations`) is put behind.
 *
 * - `http://gateway.openfaas:8080`, a gateway of OpenFaaS:
 *   `http://gateway.openfaas:8080/function/backtrack-stream`
 * - `http://backtrack-{group}:8080`, plain processes: `http://backtrack-stream:8080`
 * - `http://{function}.openfaas-fn:8080`, the same by OpenFaaS's names:
 *   `http://backtrack-stream.openfaas-fn:8080`
 *
 * Raises RangeError, which names the setting, for anything else.
 */
export const functionsAddress = (
  text: string,
  groupOf: (functionName: string) => AddressedGroup,
  setting = "FUNCTIONS_URL",
): ((functionName: string) => string) => {
  const wrong = (rule: string): RangeError =>
    new RangeError(`${setting} must ${rule} (got ${JSON.stringify(text)})`);
  const names = [...text.matchAll(PLACEHOLDERS)].map(([, name]) => name);
  const unknown = names.find((name) => name !== "group" && name !== "function");
  if (unknown !== undefined) throw wrong(`hold {group} or {function} and no other placeholder`);

  const filledFor = ({ name, shortName }: AddressedGroup): string =>
    text.replace(PLACEHOLDERS, (_, placeholder: string) => (placeholder === "group" ? shortName : name));
  const sample = filledFor({ name: "backtrack-stream", shortName: "stream" });
  const url = URL.canParse(sample) ? new URL(sample) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) throw wrong("be an http: or https: URL");
  if (url.search || url.hash || url.username || url.password)
    throw wrong("be a URL without user, query or fragment");

  return (functionName) => {
    const group = groupOf(functionName);
    const address = filledFor(group).replace(/\/+$/, "");
    return names.length > 0 ? address : `${address}/function/${group.name}`;
  };
};

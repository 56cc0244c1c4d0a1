/** Licences that allow what this project's own allows, and ask for no more than a notice. */
const ALLOWED: ReadonlySet<string> = new Set([
  "0BSD",
  "Apache-2.0",
  "BlueOak-1.0.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "CC0-1.0",
  "ISC",
  "MIT",
  "MIT-0",
  "Python-2.0",
  "Unlicense",
]);

/** The part of a CycloneDX bill of materials that is read. */
export interface BillOfMaterials {
  readonly components?: readonly {
    readonly name: string;
    readonly version: string;
    readonly licenses?: readonly {
      readonly license?: { readonly id?: string; readonly name?: string };
      readonly expression?: string;
    }[];
  }[];
}

const isAllowed = (expression: string): boolean =>
  expression
    .replace(/[()]/g, "")
    .split(" OR ")
    .some((alternative) => alternative.split(" AND ").every((licence) => ALLOWED.has(licence.trim())));

/** Every package whose licence is not allowed or not stated, as a line. */
export const licenceProblems = ({ components = [] }: BillOfMaterials): string[] =>
  components.flatMap(({ name, version, licenses = [] }) => {
    const told = licenses.map(({ license, expression }) => expression ?? license?.id ?? license?.name ?? "");
    if (told.length > 0 && told.every(isAllowed)) return [];
    return [`${name}@${version}: ${told.join(", ") || "no licence stated"}`];
  });

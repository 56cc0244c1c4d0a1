import { readFileSync } from "node:fs";
import { join } from "node:path";
import { nestedTemplateFile, type Template } from "./merge-nested.ts";

/**
 * CloudFormation takes 500 resources in one template, and 200 parameters and outputs, by which nested stacks
 * pass things to each other. We use at most half of the resources, because a full room has to be split while
 * it is in use.
 */
export const LIMITS = { resources: 250, parameters: 200, outputs: 200 } as const;

/** How many of each one template has. */
export type StackSize = { readonly stack: string } & Readonly<Record<keyof typeof LIMITS, number>>;

const sizeOf = (stack: string, { Resources, Parameters, Outputs }: Template): StackSize => ({
  stack,
  resources: Object.keys(Resources).length,
  parameters: Object.keys(Parameters ?? {}).length,
  outputs: Object.keys(Outputs ?? {}).length,
});

/** The root's size and that of each nested stack; `read` reads a file beside the root's. */
export const stackSizes = (root: Template, read: (file: string) => Template): StackSize[] => [
  sizeOf("(root)", root),
  ...Object.entries(root.Resources).flatMap(([id, resource]) => {
    const file = nestedTemplateFile(resource);
    return file ? [sizeOf(id, read(file))] : [];
  }),
];

/** The same for a folder that `cdk synth` wrote. */
export const stackSizesIn = (folder: string, rootFile: string): StackSize[] => {
  const read = (file: string): Template => JSON.parse(readFileSync(join(folder, file), "utf8"));
  return stackSizes(read(rootFile), read);
};

export const isTooLarge = (size: StackSize): boolean =>
  Object.entries(LIMITS).some(([what, limit]) => size[what as keyof typeof LIMITS] > limit);

/** For people: what each stack has, and how much is left. */
export const sizeTable = (sizes: readonly StackSize[]): string =>
  [
    ["stack", ...Object.keys(LIMITS).flatMap((what) => [what, "left"])],
    ...sizes.map((size) => [
      size.stack,
      ...Object.entries(LIMITS).flatMap(([what, limit]) => {
        const count = size[what as keyof typeof LIMITS];
        return [String(count), String(limit - count)];
      }),
    ]),
  ]
    .map(([stack = "", ...counts]) => [stack.padEnd(18), ...counts.map((each) => each.padStart(11))].join(""))
    .join("\n");

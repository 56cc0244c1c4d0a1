import { readdir } from "node:fs/promises";
import type { Attack } from "./attack.ts";

const FOLDER = new URL("attacks/", import.meta.url);

/**
 * Every attack: each file in the folder `attacks` exports its own as `attacks`. Sorted by finding, then by
 * name.
 */
export const allAttacks = async (): Promise<Attack[]> => {
  const files = (await readdir(FOLDER)).filter((file) => file.endsWith(".ts"));
  const found = await Promise.all(
    files.map(async (file) => {
      const module = (await import(new URL(file, FOLDER).href)) as { readonly attacks?: readonly Attack[] };
      if (!module.attacks?.length) throw new Error(`test/attack/attacks/${file} exports no attacks`);
      return module.attacks;
    }),
  );
  return found.flat().sort((a, b) => a.finding - b.finding || (a.name < b.name ? -1 : 1));
};

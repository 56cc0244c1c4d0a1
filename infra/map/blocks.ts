/*
 * Parts of a Markdown file that are made from the code: what stands between `<!-- map: NAME -->` and `<!--
 * /map -->`.
 */

const BLOCK = /(<!-- map: ([a-z-]+) -->\n)[\s\S]*?(<!-- \/map -->)/g;

/** The text with every block regenerated. Raises RangeError for a block that nothing generates. */
export const fillBlocks = (text: string, blocks: Readonly<Record<string, readonly string[]>>): string =>
  text.replaceAll(BLOCK, (_whole, start: string, name: string, end: string) => {
    const lines = blocks[name];
    if (!lines)
      throw new RangeError(`no block is called ${name}; these are: ${Object.keys(blocks).join(", ")}`);
    return `${start}${lines.join("\n")}\n${end}`;
  });

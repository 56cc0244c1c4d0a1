/** Where a text stops being JSON. Engines word this each in their own way, and some errors carry no place. */
export interface JsonErrorPlace {
  /** Counted from 1. */
  readonly line: number;
  /** Counted from 1, in UTF-16 units. */
  readonly column: number;
  /** In the outermost array: which element, counted from 0. */
  readonly element?: number;
  /** For example `expected "," or "]", found "}"`. */
  readonly reason: string;
}

/** Finds where `text` breaks; undefined when it is JSON after all. Takes any depth of nesting. */
export const locateJsonError = (text: string): JsonErrorPlace | undefined => {
  const open: string[] = [];
  let element = 0;
  let at = 0;
  let expected: "value" | "value or ]" | "key" | "key or }" | ":" | "separator" = "value";

  const fail = (reason: string, where = at): JsonErrorPlace => {
    const lineStart = text.lastIndexOf("\n", where - 1) + 1;
    let line = 1;
    for (let next = text.indexOf("\n"); next !== -1 && next < lineStart; next = text.indexOf("\n", next + 1))
      line++;
    return { line, column: where - lineStart + 1, ...(open[0] === "[" && { element }), reason };
  };
  const found = (): string => (at < text.length ? JSON.stringify(text[at]) : "the end");

  for (;;) {
    while (isSpace(text.charCodeAt(at))) at++;
    const character = text[at];
    if (expected === ":") {
      if (character !== ":") return fail(`expected ":", found ${found()}`);
      at++;
      expected = "value";
    } else if (expected === "key" || expected === "key or }") {
      if (character === "}" && expected === "key or }") {
        open.pop();
        at++;
        expected = "separator";
      } else {
        if (character !== '"') return fail(`expected a field name in double quotes, found ${found()}`);
        const end = skipString(text, at);
        if (end < 0) return fail("this text is not closed, or holds an invalid escape or control character");
        at = end;
        expected = ":";
      }
    } else if (expected === "separator") {
      const container = open.at(-1);
      if (container === undefined)
        return at < text.length ? fail(`expected the end, found ${found()}`) : undefined;
      const closing = container === "[" ? "]" : "}";
      if (character === closing) open.pop();
      else if (character === ",") {
        if (open.length === 1) element++;
        expected = container === "[" ? "value" : "key";
      } else return fail(`expected "," or "${closing}", found ${found()}`);
      at++;
    } else if (character === "]" && expected === "value or ]") {
      open.pop();
      at++;
      expected = "separator";
    } else if (character === "[" || character === "{") {
      open.push(character);
      at++;
      expected = character === "[" ? "value or ]" : "key or }";
    } else if (character === '"') {
      const end = skipString(text, at);
      if (end < 0) return fail("this text is not closed, or holds an invalid escape or control character");
      at = end;
      expected = "separator";
    } else {
      const scalar = readScalar(text, at);
      if (scalar === undefined) return fail(`expected a value, found ${found()}`);
      at += scalar.length;
      expected = "separator";
    }
  }
};

const isSpace = (code: number): boolean => code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;

const SCALAR = /(?:true|false|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)/y;

const readScalar = (text: string, at: number): string | undefined => {
  SCALAR.lastIndex = at;
  return SCALAR.exec(text)?.[0];
};

const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/** Where the string that begins at `at` has ended, or -1. */
const skipString = (text: string, at: number): number => {
  for (let next = at + 1; next < text.length; next++) {
    const code = text.charCodeAt(next);
    if (code === 0x22) return next + 1;
    if (code < 0x20) return -1;
    if (code !== 0x5c) continue;
    ESCAPE.lastIndex = next;
    const escaped = ESCAPE.exec(text);
    if (escaped === null) return -1;
    next += escaped[0].length - 1;
  }
  return -1;
};

/**
 * The first characters of a value's JSON, `length` of them or a few more. Unlike JSON.stringify it does not
 * work through the rest of a large value, and does not fail on a deep one: every level takes a character, so
 * it goes no deeper than `length`.
 */
export const beginningOfJson = (value: unknown, length: number): string => {
  let text = "";
  const isFull = (): boolean => text.length >= length;
  const write = (part: unknown): void => {
    if (Array.isArray(part)) writeList(part);
    else if (typeof part === "object" && part !== null) writeObject(part);
    else if (typeof part === "string") text += JSON.stringify(part.slice(0, length));
    else text += JSON.stringify(part) ?? "null";
  };
  const writeList = (list: readonly unknown[]): void => {
    text += "[";
    for (let index = 0; index < list.length && !isFull(); index++) {
      if (index > 0) text += ",";
      write(list[index]);
    }
    text += "]";
  };
  const writeObject = (object: object): void => {
    text += "{";
    let separator = "";
    for (const [name, part] of Object.entries(object)) {
      if (isFull()) break;
      if (part === undefined) continue;
      text += `${separator}${JSON.stringify(name.slice(0, length))}:`;
      separator = ",";
      write(part);
    }
    text += "}";
  };
  write(value);
  return text;
};

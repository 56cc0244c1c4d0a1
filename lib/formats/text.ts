/** What no text holds: control characters but tab and line ends. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const NOT_TEXT = /[\u0000-\u0008\u000e-\u001f]/;

export const isText = (text: string): boolean => !NOT_TEXT.test(text);

/** For a text that begins with these bytes: UTF-8, or UTF-16 where a byte order mark says so. */
export const decoderFor = ([first, second]: Uint8Array) => {
  if (first === 0xff && second === 0xfe) return new TextDecoder("utf-16le");
  if (first === 0xfe && second === 0xff) return new TextDecoder("utf-16be");
  return new TextDecoder("utf-8");
};

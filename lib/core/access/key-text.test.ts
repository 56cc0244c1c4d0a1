import fc from "fast-check";
import { expect, test } from "vitest";
import { KEY_ID_BYTES, keyIdIn, keyText, linkIdIn, linkText, SECRET_BYTES, withoutKeys } from "./key-text.ts";

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const key = fc.tuple(bytes(KEY_ID_BYTES), bytes(SECRET_BYTES)).map(([id, secret]) => keyText(id, secret));

test("a key is one word of letters and digits between underscores, always as long", () => {
  fc.assert(
    fc.property(key, ({ keyId, text }) => {
      expect(text).toMatch(/^bt_[0-9A-Za-z]{11}_[0-9A-Za-z]{49}$/);
      expect(keyIdIn(text)).toBe(keyId);
      expect(encodeURIComponent(text)).toBe(text);
    }),
  );
});

test("the extremes fit: nothing of the random bytes is lost", () => {
  const zero = keyText(new Uint8Array(KEY_ID_BYTES), new Uint8Array(SECRET_BYTES));
  const full = keyText(new Uint8Array(KEY_ID_BYTES).fill(255), new Uint8Array(SECRET_BYTES).fill(255));
  expect(zero.text.startsWith(`bt_${"0".repeat(11)}_${"0".repeat(43)}`)).toBe(true);
  // 2^64 - 1 and 2^256 - 1 in base 62.
  expect(full.keyId).toBe("LygHa16AHYF");
  expect(BigInt(2) ** 256n <= 62n ** 43n).toBe(true);
  expect(keyIdIn(full.text)).toBe(full.keyId);
});

test("the checksum is the CRC-32 of what stands before it", () => {
  const { text } = keyText(new Uint8Array(KEY_ID_BYTES), new Uint8Array(SECRET_BYTES));
  // 0x8c2b0260, as Python's zlib computes it, in base 62.
  expect(text.slice(-6)).toBe("2Z9C6K");
});

test("two different draws give two different keys", () => {
  fc.assert(
    fc.property(bytes(SECRET_BYTES), bytes(SECRET_BYTES), (one, other) => {
      const id = new Uint8Array(KEY_ID_BYTES);
      expect(keyText(id, one).text === keyText(id, other).text).toBe(Buffer.compare(one, other) === 0);
    }),
  );
});

test("one wrong character, one too many or one too few, and it is no key", () => {
  fc.assert(
    fc.property(
      key,
      fc.nat({ max: 63 }),
      fc.string({ minLength: 1, maxLength: 1 }),
      ({ text }, at, character) => {
        const place = at % text.length;
        fc.pre(text[place] !== character);
        expect(keyIdIn(text.slice(0, place) + character + text.slice(place + 1))).toBeUndefined();
        expect(keyIdIn(text.slice(0, place) + character + text.slice(place))).toBeUndefined();
        expect(keyIdIn(text.slice(0, place) + text.slice(place + 1))).toBeUndefined();
      },
    ),
  );
});

test("wherever a key stands in a text, most of one included, it is hidden", () => {
  fc.assert(
    fc.property(key, fc.string(), fc.string(), fc.nat({ max: 40 }), ({ text, keyId }, before, after, cut) => {
      const secret = text.split("_")[2];
      const hidden = withoutKeys(`${before} ${text.slice(0, text.length - cut)} ${after}`);
      expect(hidden).not.toContain(secret.slice(0, 9));
      expect(hidden).not.toContain(`${keyId}_`);
    }),
  );
  expect(withoutKeys("device bt_7 was never heard")).toBe("device bt_7 was never heard");
});

test("a link is no key, a key is no link, and both are hidden", () => {
  fc.assert(
    fc.property(bytes(KEY_ID_BYTES), bytes(SECRET_BYTES), (id, secret) => {
      const link = linkText(id, secret);
      expect(link.text).toMatch(/^bts_[0-9A-Za-z]{11}_[0-9A-Za-z]{49}$/);
      expect(linkIdIn(link.text)).toBe(link.keyId);
      expect(keyIdIn(link.text)).toBeUndefined();
      expect(linkIdIn(keyText(id, secret).text)).toBeUndefined();
      // The prefix is a part of what is checked.
      expect(linkIdIn(keyText(id, secret).text.replace("bt_", "bts_"))).toBeUndefined();
      expect(withoutKeys(`/shared/${link.text}/track`)).toBe("/shared/bts_(hidden)/track");
    }),
  );
});

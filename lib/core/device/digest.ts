const HIGH = 0x1_0000_0000;

/**
 * A 48-bit hash of a text (after cyrb53), not for security: it tells apart the few records of one device that
 * may bring the same position.
 */
export const digest48 = (text: string): number => {
  let left = 0xdeadbeef;
  let right = 0x41c6ce57;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    left = Math.imul(left ^ code, 2654435761);
    right = Math.imul(right ^ code, 1597334677);
  }
  left = Math.imul(left ^ (left >>> 16), 2246822507) ^ Math.imul(right ^ (right >>> 13), 3266489909);
  right = Math.imul(right ^ (right >>> 16), 2246822507) ^ Math.imul(left ^ (left >>> 13), 3266489909);
  return HIGH * (right & 0xffff) + (left >>> 0);
};

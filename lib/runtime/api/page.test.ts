import { describe, expect, test } from "vitest";
import { answeredBytes, fittingCount, fittingPage, MAXIMUM_PAGE_BYTES } from "./page.ts";

const things = Array.from({ length: 50 }, (_, id) => ({ id, text: '"'.repeat(100_000) }));

const list = async ({ limit, cursor }: { limit: number; cursor?: string }) => {
  const from = Number(cursor ?? 0);
  const items = things.slice(from, from + limit);
  return { items, ...(from + limit < things.length && { cursor: String(from + limit) }) };
};

describe("finding 5: pages by bytes", () => {
  test("a page ends early where it would be too large for Lambda, and the next one goes on there", async () => {
    const seen: number[] = [];
    let cursor: string | undefined;
    do {
      const page = await fittingPage({ limit: 40, cursor }, list, (thing) => thing);
      expect(page.items.length).toBeGreaterThan(0);
      expect(answeredBytes(JSON.stringify(page.items))).toBeLessThanOrEqual(MAXIMUM_PAGE_BYTES + 10);
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.cursor;
    } while (cursor !== undefined);
    expect(seen).toEqual(things.map(({ id }) => id));
  });

  test("one item that is too large by itself is still answered", async () => {
    const page = await fittingPage({ limit: 3 }, list, (thing) => ({
      ...thing,
      text: "x".repeat(6_000_000),
    }));
    expect(page.items).toHaveLength(1);
    expect(page.cursor).toBe("1");
  });

  test("a track of large positions is cut, one of usual ones is not", () => {
    expect(fittingCount("x".repeat(4_900_000), 10_000)).toBe(10_000);
    const fewer = fittingCount("x".repeat(8_000_000), 10_000);
    expect(fewer).toBeLessThan(6_250);
    expect(fewer).toBeGreaterThanOrEqual(5_000);
  });
});

import { expect, test } from "vitest";
import { memorySweepTurns } from "../../../lib/adapters/memory/sweep-turns.ts";
import { TABLES, type TableName } from "../../../lib/resources/table.ts";
import { call } from "../../../test/http-event.ts";
import definition from "./definition.ts";
import { createHandler } from "./handler.ts";

const NOW_MS = 1_795_176_000_000;

/** A store of so many pages, each with one expired item; a page takes some time. */
const given = ({ pageCount = 3, pageMs = 1 } = {}) => {
  const clock = { nowMs: NOW_MS };
  const swept: number[] = [];
  const turns = memorySweepTurns();
  const ports = {
    turns,
    now: () => clock.nowMs,
    items: {
      async sweepPage(place = "0") {
        swept.push(Number(place));
        clock.nowMs += pageMs;
        const next = Number(place) + 1;
        return { deletedCount: 1, ...(next < pageCount && { next: String(next) }) };
      },
    },
  };
  return { clock, swept, ports, newInstance: () => createHandler(ports) };
};

const post = async (handler: ReturnType<typeof createHandler>) => (await call(handler, "POST /")).json;

test("deletes what has expired, page by page", async () => {
  const { swept, newInstance } = given();
  expect(await post(newInstance())).toEqual({ deleted: 3, complete: true });
  expect(swept).toEqual([0, 1, 2]);
});

test("called over and over, sweeps once a minute in all instances together", async () => {
  const { clock, swept, newInstance } = given({ pageCount: 1 });
  const [one, other] = [newInstance(), newInstance()];
  for (let call = 0; call < 10; call++) {
    await post(one);
    expect(await post(other)).toEqual({});
    clock.nowMs += 1_000;
  }
  expect(swept).toHaveLength(1);
  clock.nowMs += 60_000;
  expect(await post(other)).toEqual({ deleted: 1, complete: true });
  expect(await post(one)).toEqual({});
});

test("asks the store no more than once a minute", async () => {
  const { clock, ports } = given();
  let taken = 0;
  const take: typeof ports.turns.take = async () => {
    taken++;
    return undefined;
  };
  const handler = createHandler({ ...ports, turns: { ...ports.turns, take } });
  for (let call = 0; call < 100; call++) expect(await post(handler)).toEqual({});
  expect(taken).toBe(1);
  clock.nowMs += 60_000;
  await post(handler);
  expect(taken).toBe(2);
});

test("ends in time, and the next sweep goes on from there, in any instance", async () => {
  const { clock, swept, newInstance } = given({ pageCount: 5, pageMs: 10_000 });
  expect(await post(newInstance())).toEqual({ deleted: 2, complete: false });
  clock.nowMs += 60_000;
  expect(await post(newInstance())).toEqual({ deleted: 2, complete: false });
  clock.nowMs += 60_000;
  expect(await post(newInstance())).toEqual({ deleted: 1, complete: true });
  expect(swept).toEqual([0, 1, 2, 3, 4]);
  clock.nowMs += 60_000;
  await post(newInstance());
  expect(swept.slice(5)).toEqual([0, 1]);
});

test("its definition names every table with a time to live", () => {
  const mortal = (Object.keys(TABLES) as TableName[]).filter((name) => TABLES[name].timeToLive);
  expect(Object.keys(definition.tables).toSorted()).toEqual(mortal.toSorted());
});

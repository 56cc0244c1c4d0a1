import {
  BatchGetItemCommand,
  type BatchGetItemCommandInput,
  BatchWriteItemCommand,
  type BatchWriteItemCommandInput,
  type DynamoDBClient,
  type WriteRequest,
} from "@aws-sdk/client-dynamodb";
import { describe, expect, it } from "vitest";
import { ThrottledError } from "../../core/errors.ts";
import type { Patience } from "../backoff.ts";
import { type Item, readItems, writeItems } from "./batch.ts";

/*
 * dynalite never leaves anything unprocessed, and the service does so only under load: hence a client of our
 * own here.
 */

const key = (id: number): Item => ({ id: { S: `${id}` } });

/** Takes the first `takes()` of each call's requests, and leaves the rest unprocessed. */
const partialClient = (takes: () => number) => {
  const reads: BatchGetItemCommandInput[] = [];
  const written: WriteRequest[] = [];
  const sizes: number[] = [];
  const send = async (command: BatchGetItemCommand | BatchWriteItemCommand): Promise<unknown> => {
    const taken = takes();
    if (command instanceof BatchGetItemCommand) {
      reads.push(command.input);
      const { Keys = [] } = command.input.RequestItems?.table ?? {};
      sizes.push(Keys.length);
      const left = Keys.slice(taken);
      return {
        Responses: { table: Keys.slice(0, taken) },
        UnprocessedKeys: left.length > 0 ? { table: { Keys: left } } : {},
      };
    }
    expect(command).toBeInstanceOf(BatchWriteItemCommand);
    const requests = (command.input as BatchWriteItemCommandInput).RequestItems?.table ?? [];
    sizes.push(requests.length);
    written.push(...requests.slice(0, taken));
    const left = requests.slice(taken);
    return { UnprocessedItems: left.length > 0 ? { table: left } : {} };
  };
  return { client: { send } as unknown as DynamoDBClient, reads, written, sizes };
};

const waitsOf = (): { waits: number[]; patience: Patience } => {
  const waits: number[] = [];
  const sleep = async (milliseconds: number) => {
    waits.push(milliseconds);
  };
  return { waits, patience: { sleep, random: () => 1, attempts: 4 } };
};

describe("readItems", () => {
  it("asks a hundred at a time, consistently, and again for what was left unprocessed", async () => {
    const { client, reads } = partialClient(() => 33);
    const { patience } = waitsOf();
    const keys = Array.from({ length: 250 }, (_, id) => key(id));
    const items = await readItems(client, "table", keys, patience);
    expect(items).toHaveLength(250);
    expect(new Set(items.map(({ id }) => id.S)).size).toBe(250);
    expect(reads.every(({ RequestItems }) => RequestItems?.table.ConsistentRead)).toBe(true);
    expect(Math.max(...reads.map(({ RequestItems }) => RequestItems?.table.Keys?.length ?? 0))).toBe(100);
  });

  it("waits longer while nothing comes, and gives up in the end", async () => {
    const { client } = partialClient(() => 0);
    const { waits, patience } = waitsOf();
    await expect(readItems(client, "table", [key(1)], patience)).rejects.toBeInstanceOf(ThrottledError);
    expect(waits).toEqual([50, 100, 200]);
  });

  it("asks nothing when there is nothing to ask", async () => {
    const { client, reads } = partialClient(() => 100);
    expect(await readItems(client, "table", [], waitsOf().patience)).toEqual([]);
    expect(reads).toEqual([]);
  });
});

describe("writeItems", () => {
  const requests = Array.from({ length: 60 }, (_, id): WriteRequest => ({ PutRequest: { Item: key(id) } }));

  it("writes twenty-five at a time, and again what was left unprocessed, each once", async () => {
    const takes = [25, 10, 0, 15, 10];
    const { client, written, sizes } = partialClient(() => takes.shift() ?? 25);
    const { waits, patience } = waitsOf();
    await writeItems(client, "table", requests, patience);
    expect(written).toEqual(requests);
    expect(sizes).toEqual([25, 25, 15, 15, 10]);
    expect(waits).toEqual([50, 100]);
  });

  it("goes on as long as something gets through, and gives up when nothing does", async () => {
    const slow = partialClient(() => 1);
    await writeItems(slow.client, "table", requests, waitsOf().patience);
    expect(slow.written).toEqual(requests);
    const dead = partialClient(() => 0);
    await expect(writeItems(dead.client, "table", requests, waitsOf().patience)).rejects.toBeInstanceOf(
      ThrottledError,
    );
  });
});

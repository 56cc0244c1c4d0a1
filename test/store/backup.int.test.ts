import { readFileSync, writeFileSync } from "node:fs";
import { gunzipSync, gzipSync } from "node:zlib";
import { BatchWriteItemCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { OpenStore } from "../../infra/store/address.ts";
import { BACKUP_ORDER, STORED_TABLES, type StoredTableName } from "../../infra/store/tables.ts";
import { type LocalDynamodb, startLocalDynamodb } from "../local-aws.ts";
import { propertyRuns, THOROUGH } from "../property-runs.ts";
import {
  backUp,
  contentOf,
  isWrite,
  itemIn,
  itemsIn,
  newStore,
  put,
  restore,
  storeAt,
  temporaryFiles,
  watched,
} from "./store-world.ts";

let local: LocalDynamodb;
const files = temporaryFiles();
beforeAll(async () => {
  local = await startLocalDynamodb();
});
afterAll(async () => {
  files.remove();
  await local.close();
});

/** Two items and more in every table, some larger than a page of a scan in all. */
const filledStore = async (): Promise<OpenStore> => {
  const store = await newStore(local.client);
  for (const table of BACKUP_ORDER) {
    await put(
      store,
      table,
      itemIn(table, 1, { data: { B: new Uint8Array([0, 255, 10]) }, more: { L: [{ NULL: true }] } }),
    );
    await put(store, table, itemIn(table, 2, { text: { S: "ž\n\u0000" } }));
  }
  const filling = { S: "x".repeat(50_000) };
  for (let id = 3; id < 33; id++) await put(store, "tracks", itemIn("tracks", id, { filling }));
  return store;
};

describe("a backup", () => {
  test("brings everything back into an empty store, under another prefix", async () => {
    const store = await filledStore();
    const file = files.file();
    const { itemCounts, absent } = await backUp(store, file);
    expect(absent).toEqual([]);
    expect(itemCounts.get("tracks")).toBe(32);
    const other = storeAt(local.client);
    expect(await restore(other, file)).toMatchObject({ itemCount: 62, deletedCount: 0 });
    expect(await contentOf(other)).toEqual(await contentOf(store));
  });

  test("overwrites no file, and leaves none behind when it is stopped", async () => {
    const store = await newStore(local.client);
    const file = files.file();
    await backUp(store, file);
    await expect(backUp(store, file)).rejects.toThrow(`${file} exists already`);
    const stop = new AbortController();
    const stopped = storeAt(
      watched(local.client, () => stop.abort()),
      store.tableName("" as StoredTableName),
    );
    const other = files.file();
    await expect(backUp(stopped, other, { signal: stop.signal })).rejects.toThrow(
      "stopped; nothing was written",
    );
    expect(() => readFileSync(other)).toThrow("ENOENT");
    expect(() => readFileSync(`${other}.part`)).toThrow("ENOENT");
  });

  test("of a store without engine tables leaves these out, and one without a function's table is refused", async () => {
    const names = new Map<string, string>();
    for (const table of ["devices", "tracks", "keys", "usage", "tenants"] as const)
      names.set(table, await local.makeTable(table));
    const store = {
      ...storeAt(local.client),
      tableName: (table: string) => names.get(table) ?? `no-${table}`,
    };
    await expect(backUp(store, files.file())).rejects.toThrow(/has no table no-replays, no-tasks/);
  });
});

const unpacked = (bytes: Uint8Array): Buffer | undefined => {
  try {
    return gunzipSync(bytes);
  } catch {
    return undefined;
  }
};

describe("a file that is not whole", () => {
  test("is refused wherever it is torn or damaged, before anything is changed", async () => {
    const store = await newStore(local.client);
    for (const table of BACKUP_ORDER) await put(store, table, itemIn(table, 1));
    const file = files.file();
    await backUp(store, file);
    const whole = readFileSync(file);
    const untouched = storeAt(
      watched(local.client, () => {
        throw new Error("the store was asked");
      }),
    );
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const torn = files.file();
        writeFileSync(torn, whole.subarray(0, at));
        await expect(restore(untouched, torn)).rejects.toThrow(/is torn|is damaged|can't be restored/);
        const damaged = files.file();
        const bytes = Buffer.from(whole);
        bytes[at] ^= change;
        // gzip has bits that mean nothing.
        if (unpacked(bytes)?.equals(gunzipSync(whole))) return;
        writeFileSync(damaged, bytes);
        await expect(restore(untouched, damaged)).rejects.toThrow(/is torn|is damaged|can't be restored/);
      }),
      { numRuns: propertyRuns(2_000) },
    );
  });

  const changed = (file: string, change: (lines: string[]) => string[]): string => {
    const lines = gunzipSync(readFileSync(file)).toString().split("\n");
    const path = files.file();
    writeFileSync(path, gzipSync(change(lines).join("\n")));
    return path;
  };

  test("is refused by what it says of itself", async () => {
    const store = await newStore(local.client);
    await put(store, "devices", itemIn("devices", 1));
    const file = files.file();
    await backUp(store, file);
    const refused = async (change: (lines: string[]) => string[], message: string) =>
      expect(restore(storeAt(local.client), changed(file, change))).rejects.toThrow(message);
    const header = (from: string, to: string) => (lines: string[]) => [
      lines[0].replace(from, to),
      ...lines.slice(1),
    ];
    await refused(
      header('"version":1', '"version":2'),
      "it has version 2, and this Backtrack reads version 1",
    );
    await refused(header('"dataFormat":3', '"dataFormat":9'), "what it holds has format 9");
    await refused(header('"leases"', '"wings"'), "tables that this Backtrack doesn't know: wings");
    await refused(header("backup of a store", "letter"), "it is no backup of a store");
    await refused(
      (lines) => lines.filter((line) => !line.includes('"item"')),
      "items of devices are missing",
    );
    await refused(
      (lines) => lines.map((line) => line.replace('"S":"1"', '"S":"2"')),
      "its checksum is not that",
    );
    await refused((lines) => [...lines.slice(0, -1), '{"item":{}}', ""], "something follows its end");
    const noGzip = files.file();
    writeFileSync(noGzip, "not a backup at all");
    await expect(restore(storeAt(local.client), noGzip)).rejects.toThrow("it is no backup of a store");
    await expect(restore(storeAt(local.client), files.file("none"))).rejects.toThrow("can't be read: ENOENT");
  });
});

describe("a store that isn't empty", () => {
  test("is left alone, and replaced as a whole with force", async () => {
    const store = await filledStore();
    const file = files.file();
    await backUp(store, file);
    const before = await contentOf(store);
    const other = await newStore(local.client);
    await put(other, "devices", itemIn("devices", "newer"));
    await put(other, "event-source-checkpoints", itemIn("event-source-checkpoints", "newer"));
    await expect(restore(other, file)).rejects.toThrow(
      /isn't empty: there are items in \S+checkpoints, \S+devices\. /,
    );
    expect(await itemsIn(other, "tracks")).toEqual([]);
    expect(await restore(other, file, { force: true })).toMatchObject({ itemCount: 62, deletedCount: 2 });
    expect(await contentOf(other)).toEqual(before);
  });

  const lease = (beat: number, token = 7) =>
    itemIn("leases", "partition-0", {
      owner: { S: "somebody" },
      token: { N: String(token) },
      beat: { N: String(beat) },
      leaseMilliseconds: { N: "4000" },
    });

  test("is not replaced while an engine works on it", async () => {
    const file = files.file();
    await backUp(await newStore(local.client), file);
    const store = await newStore(local.client);
    await put(store, "leases", lease(1));
    const waits: number[] = [];
    const restoring = restore(store, file, {
      force: true,
      sleep: async (milliseconds) => {
        waits.push(milliseconds);
        await put(store, "leases", lease(2));
      },
    });
    await expect(restoring).rejects.toThrow(/an engine works on the store/);
    expect(waits).toEqual([4_000]);
    expect(await itemsIn(store, "leases")).toHaveLength(1);
    // A dead one's lease stands still.
    await restore(store, file, { force: true });
    expect(await itemsIn(store, "leases")).toEqual([]);
  });

  test("fences out an engine that was paused all the time: numbers go on from the greatest of both", async () => {
    const source = await newStore(local.client);
    await put(source, "leases", lease(1, 3));
    await put(
      source,
      "event-source-checkpoints",
      itemIn("event-source-checkpoints", 1, { leaseToken: { N: "3" } }),
    );
    await put(source, "executions", itemIn("executions", 1, { token: { N: "2" } }));
    const file = files.file();
    await backUp(source, file);
    const store = await newStore(local.client);
    await put(store, "leases", lease(1, 41));
    await restore(store, file, { force: true });
    const [restored] = await itemsIn(store, "leases");
    expect(restored).toMatchObject({ token: { N: "42" }, beat: { N: "1" } });
    expect(restored.owner).toBeUndefined();
    expect((await itemsIn(store, "event-source-checkpoints"))[0].leaseToken).toEqual({ N: "42" });
    expect((await itemsIn(store, "executions"))[0].token).toEqual({ N: "42" });
  });
});

test("what the store puts off or throttles is sent again, and a store that takes nothing is given up", async () => {
  const source = await filledStore();
  const file = files.file();
  await backUp(source, file);
  let calls = 0;
  const throttled = () =>
    Object.assign(new Error("slow down"), { name: "ThrottlingException", $metadata: {} });
  const moody = watched(local.client, async (command) => {
    calls++;
    if (calls % 3 === 0) throw throttled();
    if (!(command instanceof BatchWriteItemCommand) || calls % 2 === 0) return undefined;
    // It takes the first and puts the others off.
    const [[TableName, [first, ...others]]] = Object.entries(command.input.RequestItems ?? {});
    await local.client.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: [first] } }));
    return { UnprocessedItems: { [TableName]: others } };
  });
  const store = await newStore(local.client);
  const prefix = store.tableName("" as StoredTableName);
  await restore(storeAt(moody, prefix), file);
  expect(await contentOf(store)).toEqual(await contentOf(source));

  const closed = watched(local.client, (command) => {
    if (isWrite(command)) throw throttled();
  });
  const empty = await newStore(local.client);
  await expect(restore(storeAt(closed, empty.tableName("" as StoredTableName)), file)).rejects.toThrow(
    /the restore broke off: .*slow down.*run it again with --force/,
  );
});

/* A device's record n: its segment, its state, and then the checkpoint, as the engine and its function do it. */
const STEPS = ["segment", "state", "checkpoint"] as const;

const apply = async (store: OpenStore, device: number, step: number): Promise<void> => {
  const kind = STEPS[step % 3];
  const sequence = { N: String(Math.floor(step / 3) + 1) };
  if (kind === "segment") await put(store, "tracks", itemIn("tracks", `${device}-${sequence.N}`));
  else if (kind === "state") await put(store, "devices", itemIn("devices", device, { sequence }));
  else await put(store, "event-source-checkpoints", itemIn("event-source-checkpoints", device, { sequence }));
};

const sequences = async (store: OpenStore, table: StoredTableName): Promise<Map<string, number>> =>
  new Map(
    (await itemsIn(store, table)).map((item) => [
      item[STORED_TABLES[table].partitionKey.name].S ?? "",
      Number(item.sequence?.N),
    ]),
  );

/** What must hold of every store on which an engine begins: names what does not. */
const missingIn = async (store: OpenStore): Promise<string[]> => {
  const states = await sequences(store, "devices");
  const tracks = await sequences(store, "tracks");
  const wrong: string[] = [];
  for (const [device, checkpoint] of await sequences(store, "event-source-checkpoints")) {
    if ((states.get(device) ?? 0) < checkpoint) wrong.push(`device ${device} is older than its checkpoint`);
  }
  for (const [device, sequence] of states) {
    for (let each = 1; each <= sequence; each++) {
      if (!tracks.has(`${device}-${each}`)) wrong.push(`segment ${each} of device ${device} is missing`);
    }
  }
  return wrong;
};

/** A backup while records keep coming: so many steps before each page that is read. */
const backUpMeanwhile = async (
  stepsBeforeScan: readonly number[],
  order?: readonly StoredTableName[],
): Promise<{ file: string; store: OpenStore }> => {
  const store = await newStore(local.client);
  const done = [0, 0];
  let scans = 0;
  const busy = watched(local.client, async (command) => {
    if (!(command instanceof ScanCommand)) return;
    const steps = stepsBeforeScan[scans++ % stepsBeforeScan.length];
    for (let step = 0; step < steps; step++) {
      const device = (scans + step) % 2;
      await apply(store, device, done[device]++);
    }
  });
  const file = files.file();
  await backUp(storeAt(busy, store.tableName("" as StoredTableName)), file, { ...(order && { order }) });
  return { file, store };
};

const steps = fc.array(fc.nat(7), { minLength: 1, maxLength: 8 });

test("of a backup while positions keep coming, no state is older than its checkpoint, and no segment is missing", async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (stepsBeforeScan) => {
      const { file } = await backUpMeanwhile(stepsBeforeScan);
      const restored = storeAt(local.client);
      await restore(restored, file);
      expect(await missingIn(restored)).toEqual([]);
    }),
    { numRuns: THOROUGH ? 100 : 3 },
  );
});

test("the other way round both go wrong, which this notices", async () => {
  const { file } = await backUpMeanwhile([5], BACKUP_ORDER.toReversed());
  const restored = storeAt(local.client);
  await restore(restored, file);
  const wrong = await missingIn(restored);
  expect(wrong.some((each) => each.includes("older than its checkpoint"))).toBe(true);
  expect(wrong.some((each) => each.includes("is missing"))).toBe(true);
});

test("a restore that is killed anywhere leaves no checkpoint without its state", async () => {
  const { file, store } = await backUpMeanwhile([6]);
  const [prefix, writes] = [store.tableName("" as StoredTableName), { total: 0 }];
  const counting = watched(local.client, (command) => {
    if (isWrite(command)) writes.total++;
  });
  await restore(storeAt(counting, prefix), file, { force: true });
  for (const allowed of [0, 1, 3, writes.total - 2, writes.total - 1]) {
    let made = 0;
    const dying = watched(local.client, (command) => {
      if (isWrite(command) && made++ >= allowed) throw new Error("killed");
    });
    await restore(storeAt(dying, prefix), file, { force: true }).catch(() => {});
    expect(await missingIn(store).then((wrong) => wrong.filter((each) => each.includes("older")))).toEqual(
      [],
    );
  }
});

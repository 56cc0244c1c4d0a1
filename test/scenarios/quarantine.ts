import { expect, test } from "vitest";
import type { Client } from "../api-client.ts";
import { until } from "../stack-process.ts";
import type { HomeOf } from "./home.ts";

interface Quarantined {
  readonly recordId: string;
  readonly partitionKey: string;
  readonly problems: readonly { readonly field: string; readonly rule: string }[];
}

const quarantineOf = async (client: Client, deviceId: string): Promise<readonly Quarantined[]> => {
  const { records } = await client.get<{ records: Quarantined[] }>("/quarantine?limit=1000");
  return records.filter(({ partitionKey }) => partitionKey === deviceId);
};

/** A record that can't be applied, from a producer that isn't ours. */
export const quarantine = (home: HomeOf): void => {
  test("a poison record is kept with its reason, and holds up nothing of its device", async () => {
    const { client, putRecord } = home();
    const poison = '{"timestamp":"soon","latitude":146,"longitude":14.5}';
    const position = (minute: number) =>
      JSON.stringify({ timestamp: Date.now() + 60_000 * (minute - 10), latitude: 46.05, longitude: 14.5 });
    await putRecord("poisoned", position(1));
    await putRecord("poisoned", poison);
    await putRecord("poisoned", position(2));
    await until(
      () => client.device("poisoned"),
      ({ positionCount }) => positionCount === 2,
    );
    const [record] = await until(
      () => quarantineOf(client, "poisoned"),
      ({ length }) => length === 1,
    );
    expect(record.problems.map(({ field }) => field)).toEqual(
      expect.arrayContaining([expect.stringContaining("latitude")]),
    );
    const path = `/quarantine/${encodeURIComponent(record.recordId)}`;
    expect(await client.get(path)).toMatchObject({ encoding: "utf-8", data: poison });

    // Put back as it was, it returns as another record.
    expect(await client.call("POST", `${path}/redrive`)).toMatchObject({
      status: 202,
      body: { recordId: record.recordId, deviceId: "poisoned" },
    });
    const [again] = await until(
      () => quarantineOf(client, "poisoned"),
      ([first, ...more]) => more.length === 0 && first !== undefined && first.recordId !== record.recordId,
    );
    expect(again.problems).toEqual(record.problems);
    expect((await client.call("GET", path)).status).toBe(404);
  });
};

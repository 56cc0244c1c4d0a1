import { expect, test } from "vitest";
import { type Answer, clientOf } from "../api-client.ts";
import type { HomeOf } from "./home.ts";

const position = () => ({ timestamp: Date.now(), latitude: 46, longitude: 14.5 });

/** Who may do what, in a home that requires keys. */
export const keyHolders = (home: HomeOf): void => {
  test("a phone's key in the URL sends its device's positions, and does nothing else", async () => {
    const { client, keys } = home();
    const made = await keys(
      "create",
      "--name",
      "phone",
      "--scope",
      "ingest",
      "--device-prefix",
      "van-",
      "--expires",
      "1h",
    );
    expect(made.code).toBe(0);
    const key = made.stdout.trim();
    expect(made.stderr).toContain("it can't be shown again");
    expect(made.stderr).not.toContain(key);
    const anybody = clientOf(client.url(""));
    const phone = clientOf(client.url(""), key);
    const post = (deviceId: string): Promise<Answer<unknown>> =>
      anybody.call("POST", `/devices/${deviceId}/positions?key=${key}`, position());
    expect(await post("van-7")).toMatchObject({ status: 202 });
    expect(await post("car-7")).toMatchObject({ status: 403 });
    expect(await phone.call("GET", "/devices/van-7")).toMatchObject({ status: 403 });
    expect(await anybody.call("GET", "/devices/van-7")).toMatchObject({ status: 401 });
    expect(await anybody.call("POST", "/devices/van-7/positions", position())).toMatchObject({ status: 401 });

    expect((await keys("list")).stdout).toMatch(/^\w+ +phone +ingest +van- /m);
    const keyId = key.split("_")[1];
    const revoked = await keys("revoke", keyId);
    expect(revoked).toMatchObject({ code: 0 });
    expect(revoked.stderr).toContain(`revoked key ${keyId} of `);
    // Functions that have seen the key know it for another minute; this one has not.
    expect(await phone.call("GET", "/devices")).toMatchObject({ status: 401 });
    const again = await keys("revoke", keyId, "--json");
    expect(again).toMatchObject({ code: 0 });
    expect(JSON.parse(again.stdout)).toEqual([{ keyId, existed: false }]);
  });
};

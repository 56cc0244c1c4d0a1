import { expect, test } from "vitest";
import { openShare } from "../../../lib/core/share/open-share.ts";
import { parseTenantId } from "../../../lib/core/tenant/tenant-id.ts";
import { call } from "../../../test/http-event.ts";
import { NOW_MS, shareWorld } from "../../../test/share-world.ts";
import { createHandler } from "./handler.ts";

const given = async () => {
  const world = shareWorld();
  await world.giveDevice("van-7", [{ timestampMs: NOW_MS, latitude: 46, longitude: 14 }]);
  const made = await world.share({ deviceId: "van-7" });
  const handler = createHandler(world);
  return {
    ...world,
    ...made,
    revoke: (caller = {}) =>
      call(handler, "DELETE /shares/{shareId}", { path: { shareId: made.share.shareId }, caller }),
    works: () =>
      openShare(world.showPorts, made.text).then(
        () => true,
        () => false,
      ),
  };
};

test("the link shows nothing from then on; a second time there is nothing to revoke", async () => {
  const { revoke, works } = await given();
  expect(await works()).toBe(true);
  expect((await revoke()).status).toBe(204);
  expect(await works()).toBe(false);
  expect((await revoke()).status).toBe(404);
});

test.each([
  ["another tenant", { tenant: parseTenantId("acme") }],
  ["a key of other devices", { devicePrefix: "bus-" }],
])("%s finds nothing to revoke", async (_, caller) => {
  const { revoke, works } = await given();
  expect((await revoke(caller)).status).toBe(404);
  expect(await works()).toBe(true);
});

import { describe, expect, test } from "vitest";
import { ROOMS } from "../../functions/manifest.ts";
import { fillBlocks } from "./blocks.ts";
import { beginnings, drawRoad, roadOf, type Step } from "./road.ts";
import { roomSection, roomsTable } from "./rooms.ts";

const namesIn = ({ name, next }: Step): string[] => [name, ...next.flatMap(namesIn)];

describe("a road", () => {
  test("of a position passes the stream and ends in the tables", () => {
    const names = namesIn(roadOf("POST /devices/{deviceId}/positions"));
    expect(names.slice(0, 4)).toEqual([
      "POST /devices/{deviceId}/positions",
      "ingest/accept-positions",
      "stream positions",
      "ingest/track-devices",
    ]);
    expect(names[4]).toMatch(/^tables devices, tracks/);
  });

  test("of a replay goes through the workflow's functions in their order, each once", () => {
    const names = namesIn(roadOf("POST /replays"));
    expect(names).toContain("workflow replay");
    expect(names.indexOf("replays/play-replay")).toBeLessThan(names.indexOf("replays/continue-replay"));
    expect(names.filter((name) => name === "ingest/track-devices")).toHaveLength(1);
  });

  test("says which modules of core decide", () => {
    expect(drawRoad(roadOf("POST /replays")).join("\n")).toMatch(
      /replays\/play-replay {3}\(core\/replay\/play\b/,
    );
  });

  test.each(beginnings())("of %s can be drawn", (start) => {
    expect(drawRoad(roadOf(start)).length).toBeGreaterThan(1);
  });

  test("takes any name of a path's parameters", () => {
    expect(roadOf("GET /devices/{id}").next).toEqual(roadOf("GET /devices/{deviceId}").next);
  });

  test("of a schedule leads to what the schedule starts", () => {
    expect(namesIn(roadOf("PUT /replay-schedules/{name}"))).toContain("schedules/start-scheduled-replay");
  });

  test("of nothing is refused, with what there is", () => {
    expect(() => roadOf("POST /nowhere")).toThrow("nothing starts with POST /nowhere; choose one of: ");
  });
});

test("every function of every room is in the tables", () => {
  const table = roomsTable().join("\n");
  const sections = ROOMS.flatMap(roomSection).join("\n");
  for (const { name, functions } of ROOMS) {
    expect(table).toContain(`[${name}](functions/${name})`);
    for (const each of functions) {
      expect(table).toContain(each.name);
      expect(sections).toContain(`../functions/${name}/${each.name})`);
    }
  }
});

describe("the blocks of a file", () => {
  const text =
    "before\n<!-- map: a -->\nold\n<!-- /map -->\nbetween\n<!-- map: b -->\n<!-- /map -->\nafter\n";

  test("are regenerated, and nothing else changes", () => {
    const filled = fillBlocks(text, { a: ["1", "2"], b: ["$&"] });
    expect(filled).toBe(
      "before\n<!-- map: a -->\n1\n2\n<!-- /map -->\nbetween\n<!-- map: b -->\n$&\n<!-- /map -->\nafter\n",
    );
    expect(fillBlocks(filled, { a: ["1", "2"], b: ["$&"] })).toBe(filled);
  });

  test("that nothing makes are refused", () => {
    expect(() => fillBlocks(text, { a: [] })).toThrow("no block is called b");
  });
});

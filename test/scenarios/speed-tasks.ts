import { expect, test } from "vitest";
import { until } from "../stack-process.ts";
import type { HomeOf } from "./home.ts";

interface TaskAnswer {
  readonly taskId: string;
  readonly status: string;
}

/** Average speed over the coming window: asked for now, answered by a workflow when the window has passed. */
export const speedTasks = (home: HomeOf): void => {
  test("a task waits for its window, then has the average speed", async () => {
    const { client } = home();
    const fix = { latitude: 46.05, longitude: 14.5, speed_meters_per_second: 12.5 };
    const sent = await client.call("POST", "/devices/asked/positions", { timestamp: Date.now(), ...fix });
    expect(sent.status).toBe(202);
    await until(
      () => client.device("asked"),
      ({ positionCount }) => positionCount === 1,
    );
    const requested = await client.call<TaskAnswer>(
      "POST",
      "/devices/asked/average-speed-tasks?windowSeconds=1",
    );
    expect(requested).toMatchObject({ status: 202, body: { status: "REQUESTED" } });
    const path = `/tasks/${requested.body.taskId}`;
    expect(requested.headers.get("location")).toMatch(new RegExp(`${path}$`));
    const done = await until(
      () => client.get<TaskAnswer>(path),
      ({ status }) => status !== "REQUESTED",
    );
    expect(done).toMatchObject({ status: "DONE", result: { averageSpeedMetersPerSecond: 12.5 } });
  });
};

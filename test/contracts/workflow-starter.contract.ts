import { describe, expect, it } from "vitest";
import type { OfTenant } from "../../lib/core/tenant/of-tenant.ts";
import { DEFAULT_TENANT } from "../../lib/core/tenant/tenant-id.ts";
import type { WorkflowStarter } from "../../lib/core/workflow/workflow-starter.ts";
import { ONE, OTHER } from "./tenants.ts";

/** A starter under test for the workflows `replay` and `average-speed`, and what it started. */
export interface ObservedStarter {
  readonly starterOf: OfTenant<WorkflowStarter>;
  readonly started: () => Promise<
    readonly { readonly workflow: string; readonly executionName: string; readonly input: unknown }[]
  >;
}

/** What every WorkflowStarter does. `make` returns one that has started nothing. */
export const workflowStarterContract = (name: string, makeAll: () => Promise<ObservedStarter>): void => {
  const make = async () => {
    const { starterOf, started } = await makeAll();
    return { starter: starterOf(DEFAULT_TENANT), started };
  };
  describe(`${name} keeps the contract of WorkflowStarter`, () => {
    it("starts executions with the same name for different tenants, and says whose they are", async () => {
      const { starterOf, started } = await makeAll();
      // No other tenant can have the default tenant's names, whatever they contain.
      const named = [
        [DEFAULT_TENANT, `${ONE}_x`],
        [ONE, "x"],
        [ONE, "2_x"],
        [OTHER, "x"],
      ] as const;
      for (const [tenant, name] of named) {
        for (let time = 0; time < 2; time++)
          await starterOf(tenant).start("replay", name, { replayId: "p1" });
      }
      const found = (await started()).map(({ input }) => input as { tenant?: string });
      expect(found).toHaveLength(named.length);
      expect(found.map(({ tenant }) => tenant ?? DEFAULT_TENANT).sort()).toEqual(
        named.map(([tenant]) => `${tenant}`).sort(),
      );
    });

    it("starts an execution by name, with the input as JSON", async () => {
      const { starter, started } = await make();
      await starter.start("replay", "replay-1", {
        replayId: "p1",
        nothing: undefined,
        nested: { list: [1, null] },
      });
      expect(await started()).toEqual([
        {
          workflow: "replay",
          executionName: "replay-1",
          input: { replayId: "p1", nested: { list: [1, null] } },
        },
      ]);
    });

    it("starts nothing when a name is repeated, with the same input or another", async () => {
      const { starter, started } = await make();
      await starter.start("replay", "replay-1", { replayId: "p1" });
      await starter.start("replay", "replay-1", { replayId: "p1" });
      await starter.start("replay", "replay-1", { replayId: "p2" });
      expect(await started()).toEqual([
        { workflow: "replay", executionName: "replay-1", input: { replayId: "p1" } },
      ]);
    });

    it("treats the same name in another workflow as another execution", async () => {
      const { starter, started } = await make();
      await starter.start("replay", "x", {});
      await starter.start("average-speed", "x", {});
      await starter.start("replay", "y", {});
      expect(await started()).toHaveLength(3);
    });

    it("starts one execution for two concurrent identical requests", async () => {
      const { starter, started } = await make();
      await Promise.all([starter.start("replay", "x", { a: 1 }), starter.start("replay", "x", { a: 1 })]);
      expect(await started()).toHaveLength(1);
    });
  });
};

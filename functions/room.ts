import type { WorkflowName } from "../lib/resources/workflow.ts";
import type { FunctionDefinition } from "../lib/runtime/definition.ts";

/**
 * A domain: a folder of functions, a nested stack on AWS, and the unit from which self-hosted functions are
 * composed.
 */
export interface Room {
  /** The name of its folder. */
  readonly name: string;
  readonly description: string;
  readonly functions: readonly FunctionDefinition[];
  /** What AWS has a service for, and so doesn't get; in other homes these run like the others. */
  readonly selfHosted?: readonly FunctionDefinition[];
  /** Its workflows, each workflows/<name>.asl.json; they may call functions of other rooms too. */
  readonly workflows?: readonly WorkflowName[];
}

export const defineRoom = (room: Room): Room => room;

import { createHash } from "node:crypto";
import type { Clock } from "../../lib/core/clock.ts";
import { ApiError } from "./api-error.ts";
import { type Place, stateMachineArn } from "./arn.ts";
import { DefinitionError } from "./definition.ts";
import { Machine, type MachinePorts } from "./machine.ts";

export interface StateMachineEntry {
  readonly arn: string;
  readonly name: string;
  readonly type: "STANDARD" | "EXPRESS";
  readonly roleArn: string;
  readonly createdMs: number;
  readonly updatedMs: number;
  readonly machine: Machine;
  readonly revisionId: string;
}

export type NewStateMachine = Pick<StateMachineEntry, "name" | "type" | "roleArn"> & {
  /** ASL, its placeholders filled. */
  readonly definition: string;
};

/** The state machines that can be started. They live in memory: whoever starts the server gives them to it. */
export class StateMachines {
  readonly #place: Place;
  readonly #ports: MachinePorts;
  readonly #clock: Clock;
  readonly #byArn = new Map<string, StateMachineEntry>();

  constructor(place: Place, ports: MachinePorts) {
    this.#place = place;
    this.#ports = ports;
    this.#clock = ports.clock;
  }

  /** Creating the same again is no error; raises StateMachineAlreadyExists for another under the same name, and InvalidDefinition. */
  create({ name, type, roleArn, definition }: NewStateMachine): StateMachineEntry {
    const arn = stateMachineArn(this.#place, name);
    const existing = this.#byArn.get(arn);
    if (existing) {
      const isSame =
        existing.machine.text === definition && existing.type === type && existing.roleArn === roleArn;
      if (isSame) return existing;
      throw new ApiError("StateMachineAlreadyExists", `State Machine Already Exists: '${arn}'`);
    }
    return this.#put({ arn, name, type, roleArn, createdMs: this.#clock() }, definition);
  }

  /** Executions that run go on with the definition that they began with. */
  update(
    arn: string,
    changes: { readonly definition?: string; readonly roleArn?: string },
  ): StateMachineEntry {
    const { machine, ...entry } = this.get(arn);
    return this.#put(
      { ...entry, roleArn: changes.roleArn ?? entry.roleArn },
      changes.definition ?? machine.text,
    );
  }

  /** Executions that run go on to their end. Deleting what is not there is no error, as on AWS. */
  delete(arn: string): void {
    this.#byArn.delete(arn);
  }

  find(arn: string): StateMachineEntry | undefined {
    return this.#byArn.get(arn);
  }

  get(arn: string): StateMachineEntry {
    const entry = this.#byArn.get(arn);
    if (!entry) throw new ApiError("StateMachineDoesNotExist", `State Machine Does Not Exist: '${arn}'`);
    return entry;
  }

  list(): StateMachineEntry[] {
    return [...this.#byArn.values()];
  }

  #put(
    entry: Omit<StateMachineEntry, "machine" | "revisionId" | "updatedMs">,
    definition: string,
  ): StateMachineEntry {
    try {
      const machine = new Machine(definition, this.#ports);
      const revisionId = createHash("sha256")
        .update(definition)
        .update(entry.roleArn)
        .digest("hex")
        .slice(0, 32);
      const created = { ...entry, machine, revisionId, updatedMs: this.#clock() };
      this.#byArn.set(entry.arn, created);
      return created;
    } catch (error) {
      if (error instanceof DefinitionError) {
        throw new ApiError("InvalidDefinition", `Invalid State Machine Definition: '${error.message}'`);
      }
      throw error;
    }
  }
}

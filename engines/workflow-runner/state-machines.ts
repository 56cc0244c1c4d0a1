import { ApiError } from "../server/api-error.ts";
import { type Place, stateMachineArn } from "./arn.ts";
import { substitutePlaceholders } from "./definition.ts";
import { Machine, type MachinePorts } from "./machine.ts";

export interface Workflow {
  readonly name: string;
  /** ASL as text, with `${Placeholders}`. */
  readonly definition: string;
}

export interface StateMachinesOptions extends Place, MachinePorts {
  readonly workflows: readonly Workflow[];
  /** By name, without the braces: what each placeholder of the definitions stands for. */
  readonly placeholders?: Readonly<Record<string, string>>;
}

/** The state machines that can be started, made of the workflows' files. */
export class StateMachines {
  readonly #byArn: ReadonlyMap<string, Machine>;

  /** Raises an error that names the workflow whose definition can't be run here. */
  constructor({ workflows, placeholders = {}, ...options }: StateMachinesOptions) {
    const machineOf = ({ name, definition }: Workflow): [string, Machine] => {
      try {
        const machine = new Machine(substitutePlaceholders(definition, placeholders), options);
        return [stateMachineArn(options, name), machine];
      } catch (error) {
        throw new Error(`workflow ${name}: ${(error as Error).message}`, { cause: error });
      }
    };
    this.#byArn = new Map(workflows.map(machineOf));
  }

  find(arn: string): Machine | undefined {
    return this.#byArn.get(arn);
  }

  get(arn: string): Machine {
    const machine = this.#byArn.get(arn);
    if (!machine) throw new ApiError("StateMachineDoesNotExist", `State Machine Does Not Exist: '${arn}'`);
    return machine;
  }
}

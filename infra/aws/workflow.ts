import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { RemovalPolicy } from "aws-cdk-lib";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { type IKey, Key } from "aws-cdk-lib/aws-kms";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import {
  CustomerManagedEncryptionConfiguration,
  DefinitionBody,
  LogLevel,
  StateMachine,
} from "aws-cdk-lib/aws-stepfunctions";
import { Construct } from "constructs";
import type { WorkflowName } from "../../lib/resources/workflow.ts";
import { functionArnPlaceholder, workflowsOf } from "../../lib/runtime/definition.ts";
import type { BacktrackFunction } from "./function.ts";
import { InlineRole } from "./inline-role.ts";
import { deliveredLogsName, physicalName } from "./names.ts";
import type { Settings } from "./settings.ts";

const FOLDER = resolve(import.meta.dirname, "../../workflows");

export interface WorkflowProps {
  readonly name: WorkflowName;
  /** Every function; the ones that the definition has a placeholder for may be called. */
  readonly functions: readonly BacktrackFunction[];
  readonly key: IKey;
  readonly settings: Settings;
}

/** One workflow: its file as it stands, with the functions' ARNs filled in when it is deployed. */
export class Workflow extends Construct {
  readonly name: WorkflowName;
  readonly stateMachine: StateMachine;

  constructor(scope: Construct, id: string, { name, functions, key, settings }: WorkflowProps) {
    super(scope, id);
    this.name = name;
    const definition = readFileSync(resolve(FOLDER, `${name}.asl.json`), "utf8");
    const called = calledFunctions(name, definition, functions);
    this.stateMachine = new StateMachine(this, "StateMachine", {
      stateMachineName: physicalName(this, name),
      role: new InlineRole(this, "Role", {
        description: `Backtrack: the workflow ${name}`,
        assumedBy: new ServicePrincipal("states.amazonaws.com"),
      }),
      definitionBody: DefinitionBody.fromString(definition),
      definitionSubstitutions: Object.fromEntries(
        called.map((fn) => [functionArnPlaceholder(fn.definition.name), fn.entry.functionArn]),
      ),
      tracingEnabled: true,
      logs: {
        destination: new LogGroup(this, "Logs", {
          logGroupName: deliveredLogsName(this, "states", name),
          retention: settings.logRetentionDays,
          encryptionKey: key,
          removalPolicy: settings.isProduction ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
        }),
        level: LogLevel.ALL,
        // Inputs and results may say where a device was.
        includeExecutionData: false,
      },
      encryptionConfiguration: settings.isHipaa ? this.#underOwnKey(key) : undefined,
    });
    if (called.length > 0) {
      this.stateMachine.addToRolePolicy(
        new PolicyStatement({
          actions: ["lambda:InvokeFunction"],
          resources: called.map((fn) => fn.entry.functionArn),
        }),
      );
    }
  }

  /**
   * Given the key itself, CDK would let log delivery decrypt anything of anybody's with it. Given what looks
   * like a key of another stack it leaves the key's policy alone, and data-key.ts says there what is needed.
   */
  #underOwnKey({ keyArn }: IKey): CustomerManagedEncryptionConfiguration {
    return new CustomerManagedEncryptionConfiguration(Key.fromKeyArn(this, "Key", keyArn));
  }
}

/**
 * The functions whose placeholders a definition holds. Raises an Error for a placeholder that stands for no
 * function of the manifest, and for a function that does not say in its own definition that this workflow
 * calls it.
 */
const calledFunctions = (
  workflow: WorkflowName,
  definition: string,
  functions: readonly BacktrackFunction[],
): BacktrackFunction[] => {
  const placeholders = new Set(
    Array.from(definition.matchAll(/\$\{(\w+)\}/g), ([, placeholder]) => placeholder),
  );
  return [...placeholders].map((placeholder) => {
    const fn = functions.find(
      (candidate) => functionArnPlaceholder(candidate.definition.name) === placeholder,
    );
    if (!fn)
      throw new Error(`workflows/${workflow}.asl.json: \${${placeholder}} is no function of the manifest`);
    if (!workflowsOf(fn.definition).includes(workflow)) {
      throw new Error(
        `workflows/${workflow}.asl.json calls ${fn.definition.name}, whose definition does not say taskOf: "${workflow}"`,
      );
    }
    return fn;
  });
};

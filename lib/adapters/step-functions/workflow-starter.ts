import { type SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import { MisconfiguredError } from "../../core/errors.ts";
import type { OfTenant } from "../../core/tenant/of-tenant.ts";
import type { WorkflowStarter } from "../../core/workflow/workflow-starter.ts";
import { answerTo, isServiceError } from "../aws-errors.ts";
import { executionInput, executionNameOf } from "../execution.ts";

/**
 * Step Functions; `arns` names the state machine of each workflow that the function may start. An execution
 * is named after its tenant, too, and its input names the tenant.
 */
export const stepFunctionsStarter =
  (client: SFNClient, arns: Readonly<Record<string, string | undefined>>): OfTenant<WorkflowStarter> =>
  (tenant) => ({
    async start(workflow, executionName, input) {
      const stateMachineArn = arns[workflow];
      if (!stateMachineArn) throw new MisconfiguredError(`workflow ${workflow} has no state machine here`);
      const command = new StartExecutionCommand({
        stateMachineArn,
        name: executionNameOf(tenant, executionName),
        input: JSON.stringify(executionInput(tenant, input)),
      });
      try {
        await answerTo(`start workflow ${workflow}`, client.send(command));
      } catch (error) {
        // An earlier attempt started it; it may already have ended.
        if (!isServiceError(error, "ExecutionAlreadyExists")) throw error;
      }
    },
  });

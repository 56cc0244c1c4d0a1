import { type SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import { MisconfiguredError } from "../../core/errors.ts";
import type { WorkflowStarter } from "../../core/workflow/workflow-starter.ts";
import { answerTo, isServiceError } from "../aws-errors.ts";

/** Step Functions; `arns` names the state machine of each workflow that the function may start. */
export const stepFunctionsStarter = (
  client: SFNClient,
  arns: Readonly<Record<string, string | undefined>>,
): WorkflowStarter => ({
  async start(workflow, executionName, input) {
    const stateMachineArn = arns[workflow];
    if (!stateMachineArn) throw new MisconfiguredError(`workflow ${workflow} has no state machine here`);
    const command = new StartExecutionCommand({
      stateMachineArn,
      name: executionName,
      input: JSON.stringify(input),
    });
    try {
      await answerTo(`start workflow ${workflow}`, client.send(command));
    } catch (error) {
      // An earlier attempt started it; it may even have ended.
      if (!isServiceError(error, "ExecutionAlreadyExists")) throw error;
    }
  },
});

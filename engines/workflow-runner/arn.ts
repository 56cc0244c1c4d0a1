/** Where machines and executions live; only ever a part of their ARNs. */
export interface Place {
  readonly region: string;
  readonly account: string;
}

const STATE_MACHINE = /^arn:aws[a-z-]*:states:[a-z0-9-]+:[0-9]{12}:stateMachine:([^:\s]{1,80})$/;
const EXECUTION = /^arn:aws[a-z-]*:states:[a-z0-9-]+:[0-9]{12}:execution:([^:\s]{1,80}):([^:\s]{1,80})$/;

export const stateMachineArn = ({ region, account }: Place, name: string): string =>
  `arn:aws:states:${region}:${account}:stateMachine:${name}`;

export const executionArn = (machineArn: string, executionName: string): string =>
  `${machineArn.replace(":stateMachine:", ":execution:")}:${executionName}`;

export const isStateMachineArn = (arn: string): boolean => STATE_MACHINE.test(arn);
export const isExecutionArn = (arn: string): boolean => EXECUTION.test(arn);

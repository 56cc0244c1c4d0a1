import { CloudFormationClient, DescribeStacksCommand } from "@aws-sdk/client-cloudformation";
import { failure } from "./command/failure.ts";

/** A stage on AWS and how to reach it. */
export interface Stage {
  readonly stage: string;
  readonly region?: string;
  readonly profile?: string;
}

/** The options of an AWS client for it. */
export const placeOf = ({ region, profile }: Omit<Stage, "stage">) => ({
  ...(region !== undefined && { region }),
  ...(profile !== undefined && { profile }),
});

/**
 * The outputs of a stage's CloudFormation stack by name; `wanted` describes each for people. Raises a
 * CommandFailure when the stage can't be looked up, or lacks one.
 */
export const stageOutputs = async <Output extends string>(
  { stage, ...place }: Stage,
  wanted: Readonly<Record<Output, string>>,
): Promise<Readonly<Record<Output, string>>> => {
  const StackName = `backtrack-${stage}`;
  const client = new CloudFormationClient(placeOf(place));
  const said = await client
    .send(new DescribeStacksCommand({ StackName }))
    .catch((error) => {
      throw failure(`stage ${stage} can't be looked up: ${reasonOf(error)}`, error);
    })
    .finally(() => client.destroy());
  const outputs = said.Stacks?.[0]?.Outputs ?? [];
  const find = (name: string, what: string): string => {
    const value = outputs.find(({ OutputKey }) => OutputKey === name)?.OutputValue;
    if (value) return value;
    throw failure(
      `the stack ${StackName} has no output for the ${what}: it is still being created, or is of an older version`,
    );
  };
  const entries = Object.entries(wanted) as [Output, string][];
  return Object.fromEntries(entries.map(([name, what]) => [name, find(name, what)])) as Record<
    Output,
    string
  >;
};

const reasonOf = (error: unknown): string => {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  if (message.includes("does not exist")) return "there is no such stage in this account and region";
  if (message.includes("Region is missing")) return "no region is set; name one with --region";
  return message || name;
};

import { CloudFormationClient, DescribeStacksCommand } from "@aws-sdk/client-cloudformation";
import { failure } from "./local/stack/failure.ts";

/** A stage on AWS, and how to get there. */
export interface Stage {
  readonly stage: string;
  readonly region?: string;
  readonly profile?: string;
}

/** What an AWS client is made with to get there. */
export const placeOf = ({ region, profile }: Omit<Stage, "stage">) => ({
  ...(region !== undefined && { region }),
  ...(profile !== undefined && { profile }),
});

/**
 * What a stage's CloudFormation stack says of itself, each output by its name; `wanted` says for people what each is. Raises a
 * CommandFailure when the stage can't be looked up, or does not say it.
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
    throw failure(`the stack ${StackName} names no ${what}: it is being made, or is of an older version`);
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
  if (message.includes("Region is missing")) return "no region is set; name it by --region";
  return message || name;
};

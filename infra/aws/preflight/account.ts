import {
  GetAccountSettingsCommand,
  GetFunctionConcurrencyCommand,
  type LambdaClient,
  ResourceNotFoundException,
} from "@aws-sdk/client-lambda";
import type { AccountLimits } from "./concurrency.ts";

/** What the account has, and what the stack uses of it. Raises what AWS or the network raises. */
export const readAccount = async (
  client: LambdaClient,
  functionNames: readonly string[],
): Promise<{ limits: AccountLimits; held: number }> => {
  const { AccountLimit } = await client.send(new GetAccountSettingsCommand({}));
  const reserved = await Promise.all(functionNames.map((name) => reservedOf(client, name)));
  return {
    limits: {
      concurrentExecutions: AccountLimit?.ConcurrentExecutions ?? 0,
      unreservedConcurrentExecutions: AccountLimit?.UnreservedConcurrentExecutions ?? 0,
    },
    held: reserved.reduce((sum, count) => sum + count, 0),
  };
};

const reservedOf = async (client: LambdaClient, FunctionName: string): Promise<number> => {
  try {
    const { ReservedConcurrentExecutions } = await client.send(
      new GetFunctionConcurrencyCommand({ FunctionName }),
    );
    return ReservedConcurrentExecutions ?? 0;
  } catch (error) {
    // The first deployment: there is no function yet.
    if (error instanceof ResourceNotFoundException) return 0;
    throw error;
  }
};

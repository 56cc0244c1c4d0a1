import type { PutItemCommandInput } from "@aws-sdk/client-dynamodb";

type Condition = Pick<
  PutItemCommandInput,
  "ConditionExpression" | "ExpressionAttributeNames" | "ExpressionAttributeValues"
>;

/** The condition that the stored item still has the version that was read; 0: that there is no item. */
export const onVersion = (keyName: string, version: number): Condition =>
  version === 0
    ? { ConditionExpression: "attribute_not_exists(#key)", ExpressionAttributeNames: { "#key": keyName } }
    : {
        ConditionExpression: "#version = :read",
        ExpressionAttributeNames: { "#version": "version" },
        ExpressionAttributeValues: { ":read": { N: String(version) } },
      };

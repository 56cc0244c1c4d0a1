import type { Table } from "aws-cdk-lib/aws-dynamodb";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { AnyKind } from "../../lib/resources/kind.ts";
import { KINDS, usedResources, variablesOf } from "../../lib/resources/kinds.ts";
import { TABLES, type TableName } from "../../lib/resources/table.ts";
import type { AttributesOf } from "./attributes.ts";
import type { BacktrackFunction } from "./function.ts";
import { namesIn } from "./names.ts";
import type { Storage } from "./storage.ts";

/**
 * Gives a function what its definition names: the permission and the variable that names the resource come
 * from one use, so that neither is given without the other. CDK's own grants are wider than our adapters need
 * (table streams, ConditionCheckItem, kms:ReEncrypt*).
 */
export const grantWhatItNames = (
  { definition, lambda }: BacktrackFunction,
  attributesOf: AttributesOf,
  kinds: readonly AnyKind[] = KINDS,
): void => {
  for (const used of usedResources(definition, kinds)) {
    const attributes = attributesOf(used.kind.name, used.name);
    for (const { actions, on, optional, conditions } of used.permissions) {
      const arn = attributes[on];
      if (arn === undefined && !optional) {
        throw new RangeError(`${definition.name}: the ${used.kind.name} ${used.name} has no ${on}`);
      }
      if (arn === undefined || actions.length === 0) continue;
      lambda.addToRolePolicy(new PolicyStatement({ actions: [...actions], resources: [arn], conditions }));
    }
    for (const [name, value] of Object.entries(variablesOf(used, attributes))) {
      lambda.addEnvironment(name, value);
    }
  }
};

/** The tables that a function writes to, with the operations that it uses. */
export const tableWrites = (
  { definition: { tables = {} } }: BacktrackFunction,
  storage: Storage,
): { table: Table; operations: readonly string[] }[] =>
  namesIn<TableName>(tables)
    .filter((name) => tables[name] !== "read")
    .map((name) => ({ table: storage.tables[name], operations: TABLES[name].write }));

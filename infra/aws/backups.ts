import { Duration, RemovalPolicy } from "aws-cdk-lib";
import { BackupPlan, BackupPlanRule, BackupResource, BackupVault } from "aws-cdk-lib/aws-backup";
import type { Table } from "aws-cdk-lib/aws-dynamodb";
import { Schedule } from "aws-cdk-lib/aws-events";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { Construct } from "constructs";

const A_MONTH = Duration.days(35);
const A_YEAR = Duration.days(365);

export interface BackupsProps {
  readonly tables: readonly Table[];
  readonly key: IKey;
}

/**
 * Copies of the tables in a vault of their own, kept longer than point-in-time recovery: daily ones for 35
 * days, monthly ones for a year. Nobody can delete a copy early, whatever permissions they have in the
 * account: the vault's policy refuses it, and its lock ensures that copies are kept for no less than planned.
 */
export class Backups extends Construct {
  constructor(scope: Construct, id: string, { tables, key }: BackupsProps) {
    super(scope, id);
    const vault = new BackupVault(this, "Vault", {
      encryptionKey: key,
      blockRecoveryPointDeletion: true,
      lockConfiguration: { minRetention: A_MONTH },
      removalPolicy: RemovalPolicy.RETAIN,
    });
    const plan = new BackupPlan(this, "Plan", {
      backupVault: vault,
      backupPlanRules: [
        new BackupPlanRule({
          ruleName: "daily",
          scheduleExpression: Schedule.cron({ hour: "3", minute: "0" }),
          deleteAfter: A_MONTH,
        }),
        new BackupPlanRule({
          ruleName: "monthly",
          scheduleExpression: Schedule.cron({ day: "1", hour: "4", minute: "0" }),
          deleteAfter: A_YEAR,
        }),
      ],
    });
    plan.addSelection("Tables", {
      resources: tables.map((table) => BackupResource.fromDynamoDbTable(table)),
    });
  }
}

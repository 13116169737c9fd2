/**
 * The message that an alarm's topic gets, in the form of CloudWatch's notices to SNS. It lacks the fields that the
 * local cloud has no data for, such as when the alarm was last configured.
 */
import type { EpochMs } from "../clock.ts";
import type { Account } from "../template/resource-types.ts";
import type { AlarmDefinition } from "./alarm-definition.ts";
import type { StateChange } from "./alarm-state.ts";

/** By code: CloudWatch's name of a region. A region that is not here is named by its code. */
const REGIONS: Readonly<Record<string, string>> = { "us-east-1": "US East (N. Virginia)" };

/** What CloudWatch publishes to an alarm's topic when its state changes, as JSON. */
export function noticeOf(
  definition: AlarmDefinition,
  { from, to, reason }: StateChange,
  { accountId, region }: Account,
  at: EpochMs,
): { readonly subject: string; readonly message: string } {
  const { name, arn, description, namespace, metric, statistic, periodMs, periods, threshold } = definition;
  const where = REGIONS[region] ?? region;
  const message = {
    AlarmName: name,
    AlarmDescription: description,
    AWSAccountId: accountId,
    NewStateValue: to,
    NewStateReason: reason,
    StateChangeTime: new Date(at).toISOString().replace("Z", "+0000"),
    Region: where,
    AlarmArn: arn,
    OldStateValue: from,
    Trigger: {
      MetricName: metric,
      Namespace: namespace,
      Statistic: statistic,
      Period: periodMs / 1_000,
      EvaluationPeriods: periods,
      DatapointsToAlarm: definition.datapoints,
      Threshold: threshold,
      TreatMissingData: definition.missing,
    },
  };
  return { subject: `${to}: "${name}" in ${where}`, message: JSON.stringify(message) };
}

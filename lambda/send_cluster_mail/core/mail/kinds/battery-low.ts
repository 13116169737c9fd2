/** A node's pack will be empty before long. */
import type { Facts } from "../../../../../lib/contract/incidents.ts";
import { howLongBefore, type MailTemplate, NOTHING_TO_DO } from "../mail-template.ts";
import { counted, volts } from "../words.ts";

type BatteryLow = Extract<Facts, { kind: "battery-low" }>;

/**
 * `about 9 days`. Without enough samples the voltage alone tells: at which the mail comes, a fifth of the charge is left,
 * two weeks of a primary (docs/battery-life.md).
 */
function forecast({ daysLeft }: BatteryLow): string {
  if (daysLeft === null) return "two weeks at most";
  const days = Math.floor(daysLeft);
  return days < 1 ? "less than a day" : `about ${counted(days, "day")}`;
}

/** The mail about a pack that is nearly empty, with how long it lasts. */
export const batteryLow: MailTemplate<BatteryLow> = {
  headline: (facts) => `battery of node ${facts.node} lasts ${forecast(facts)}`,
  overHeadline: ({ node }) => `battery of node ${node} is charged`,
  nodes: ({ node }) => [node],
  night: (facts) => `Yes. The battery lasts ${forecast(facts)}.`,
  happened: (facts) => [
    `The battery of node ${facts.node} is at ${volts(facts.batteryMv)}.`,
    facts.daysLeft === null
      ? "There are too few samples to see how fast it falls. At this voltage a pack lasts two weeks at most."
      : `At the rate of the last days, it lasts ${forecast(facts)} from then on.`,
  ],
  since: (_, setting) => [
    `Measured at ${setting.time(setting.sinceMs)}, ${howLongBefore(setting.sinceMs, setting)}.`,
  ],
  stillWorks: ({ node }) => [
    `Everything, until it is empty. Then node ${node} resets while it transmits, and a standby takes over.`,
    "Only a node that publishes reports its voltage: a standby's battery may be no better.",
  ],
  toDo: ({ node }) => [`Charge or replace the battery pack of node ${node}, and those of the standbys too.`],
  over: ({ node }) => ({
    happened: [`The battery of node ${node} is charged again.`],
    works: [`Node ${node}.`],
    toDo: NOTHING_TO_DO,
  }),
};

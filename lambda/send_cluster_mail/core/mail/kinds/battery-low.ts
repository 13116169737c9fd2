/** A node's pack will be empty before long. */
import type { Facts } from "../../../../../lib/contract/incidents.ts";
import { beforeThisMail, type MailTemplate, NOTHING_TO_DO } from "../mail-template.ts";
import { counted, volts } from "../words.ts";

type BatteryLow = Extract<Facts, { kind: "battery-low" }>;

/** `about 9 days`; undefined: too few samples to predict. */
function forecast({ daysLeft }: BatteryLow): string | undefined {
  if (daysLeft === null) return undefined;
  const days = Math.floor(daysLeft);
  return days < 1 ? "less than a day" : `about ${counted(days, "day")}`;
}

/** The mail about a pack that is nearly empty, with a forecast where there are samples enough. */
export const batteryLow: MailTemplate<BatteryLow> = {
  headline(facts) {
    const left = forecast(facts);
    return left === undefined
      ? `battery of node ${facts.node} is nearly empty (${volts(facts.batteryMv)})`
      : `battery of node ${facts.node} lasts ${left}`;
  },
  overHeadline: ({ node }) => `battery of node ${node} is charged`,
  nodes: ({ node }) => [node],
  happened(facts, { clusterId }) {
    const left = forecast(facts);
    const at = `The battery of node ${facts.node} of cluster ${clusterId} was at ${volts(facts.batteryMv)}`;
    return [
      left === undefined
        ? `${at}: that is nearly empty.`
        : `${at}. At the rate of the days before, it lasts ${left} from then.`,
    ];
  },
  since: (_, setting) => [`Measured at ${beforeThisMail(setting.sinceMs, setting)}.`],
  stillWorks: ({ node }) => [
    `Everything, until it is empty. Then node ${node} stops, or resets again and again, and a standby takes over.`,
    "Only a node that publishes tells its voltage: a standby's battery may be no better.",
  ],
  toDo: ({ node, daysLeft }) => [
    `Charge or exchange the battery of node ${node}${daysLeft === null ? " soon" : " within the days that are left"}; those of the standbys as well.`,
  ],
  over: ({ node }, { clusterId }) => ({
    happened: [`The battery of node ${node} of cluster ${clusterId} is well clear of empty again.`],
    works: ["Everything that this mail knows of."],
    toDo: NOTHING_TO_DO,
  }),
};

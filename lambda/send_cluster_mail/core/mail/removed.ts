/** What is said of an incident that is over because its node or cluster left the configuration. */
import type { IncidentId } from "../../../../lib/contract/incidents.ts";
import type { Over, Setting } from "./mail-template.ts";

/** The whole cluster was taken out, and not just the node. */
const isWhole = ({ cluster }: Setting): boolean => cluster === undefined;

/** `node 3 is no longer in the configuration`; of a cluster, whose name stands before it, without a subject. */
export const removedHeadline = ({ subject }: Pick<IncidentId, "subject">, setting: Setting): string =>
  isWhole(setting) ? "no longer in the configuration" : `node ${subject} is no longer in the configuration`;

/** Nobody knows whether it is well: so nothing is said of that. */
export function removedOver({ subject }: Pick<IncidentId, "subject">, setting: Setting): Over {
  const what = isWhole(setting) ? `Cluster ${setting.clusterId}` : `Node ${subject}`;
  return {
    happened: [
      `${what} was taken out of the configuration, and has not been heard for a day. Nobody watches it, so this incident is closed.`,
    ],
    works: ["What is left in the configuration is watched as before."],
    toDo: ["Nothing, if that was meant. If not, put it back into cdk.json and deploy."],
  };
}

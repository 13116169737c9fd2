/** How the cluster stands when a mail is written, in words: who publishes, and what else fires. */
import type { Facts } from "../../../../lib/contract/incidents.ts";
import { SILENCE_PERIODS } from "../../../../lib/contract/messages.ts";
import { headlineOf } from "./headline.ts";
import type { Section } from "./mail-content.ts";
import { beforeThisMail, type Setting } from "./mail-template.ts";
import type { Sample } from "./picture.ts";
import { celsius } from "./words.ts";

/** A node's newest reading, as its heartbeat has it. */
export interface Heard {
  readonly node: number;
  /** Epoch ms. */
  readonly receivedMs: number;
  readonly sleepS: number;
  readonly temperatureC: number;
}

/** A cluster as its tables have it. What did not answer in time is absent. */
export interface Surroundings {
  /** By node. */
  readonly heard?: readonly Heard[];
  /** The cluster's other incidents that fire. */
  readonly firing?: readonly Facts[];
  /** Of the last day. */
  readonly readings?: readonly Sample[];
}

/** Who publishes now: who was heard of within the time after which a cluster counts as silent. Undefined: nobody was ever heard of, or it is not known. */
export function nowSection({ heard = [] }: Surroundings, setting: Setting): Section | undefined {
  const byAge = [...heard].sort((x, y) => y.receivedMs - x.receivedMs);
  const [newest] = byAge;
  if (newest === undefined) return undefined;
  const publishing = byAge.filter(
    ({ receivedMs, sleepS }) => setting.nowMs - receivedMs <= SILENCE_PERIODS * sleepS * 1_000,
  );
  const lines =
    publishing.length === 0
      ? [
          `No node publishes. The last reading, ${celsius(newest.temperatureC)}, came from node ${newest.node} at ${beforeThisMail(newest.receivedMs, setting)}.`,
        ]
      : publishing.map(
          ({ node, temperatureC, receivedMs }) =>
            `Node ${node} publishes. Its last reading: ${celsius(temperatureC)} at ${beforeThisMail(receivedMs, setting)}.`,
        );
  return { title: "Now", lines };
}

/** More are counted. */
const LISTED_MAX = 3;

/** How everything else stands, in one line. Undefined: it is not known. */
export function elseSection({ firing }: Surroundings, setting: Setting): Section | undefined {
  if (firing === undefined) return undefined;
  const listed = firing.slice(0, LISTED_MAX).map((facts) => headlineOf(facts, setting));
  const more = firing.length > LISTED_MAX ? [`and ${firing.length - LISTED_MAX} more`] : [];
  const line =
    firing.length === 0
      ? `No other incident fires in ${setting.clusterId}.`
      : `Also firing: ${[...listed, ...more].join("; ")}.`;
  return { title: "Everything else", lines: [line] };
}

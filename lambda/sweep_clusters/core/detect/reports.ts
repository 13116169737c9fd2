/** What those who publish say of chips and nodes, and what a node's own reading says of its sensor. */
import { NODES_MAX } from "../../../../lib/contract/topics.ts";
import { at, type Detector } from "../finding.ts";
import { ABSENT_PERIODS } from "../memory.ts";
import { type ClusterView, firingOf, type Heartbeat, newestOf, periodMs, unheardMs } from "../view.ts";

const has = (bits: number, k: number): boolean => ((bits >> k) & 1) === 1;
const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, k) => k);
/** The AT24C256 has three address pins. */
const CHIPS_MAX = 8;

/**
 * A chip fails while any of those who publish says so: in a split each node writes to other chips than the other, and the
 * newest reading alone would say now this, now that.
 */
export const unwritableEeproms: Detector = (cluster) => {
  const { heartbeats } = cluster;
  const newest = newestOf(heartbeats);
  if (newest === undefined) return [];
  const order = at(newest.receivedMs);
  const heard = publishing(cluster);
  return upTo(CHIPS_MAX).map((chip) => {
    const about = { kind: "eeprom-unwritable", subject: chip, order } as const;
    const reporter = newestOf(heard.filter((one) => has(one.unwritableEeproms, chip)));
    if (reporter === undefined) return { ...about, fires: false };
    const { node, receivedMs } = reporter;
    return {
      ...about,
      fires: true,
      facts: { kind: "eeprom-unwritable", chip, reporter: node },
      evidence: { oldestMs: receivedMs, newestMs: receivedMs, says: "unwritable" },
    };
  });
};

/** Who has published within the time after which a node is held to be absent. */
const publishing = (cluster: ClusterView): readonly Heartbeat[] =>
  cluster.heartbeats.filter((one) => unheardMs(cluster, one) < ABSENT_PERIODS * periodMs(one));

/**
 * What was set up wrongly is over when nobody who publishes finds it: the node that reported it may never have the role again.
 * Firmware that does not say what it finds ends nothing; it reports the end itself.
 */
export const setupMended: Detector = (cluster) => {
  const said = publishing(cluster).map(({ setupFaults }) => setupFaults);
  const newest = newestOf(cluster.heartbeats);
  if (newest === undefined || said.includes(undefined)) return [];
  return upTo(Math.max(NODES_MAX, CHIPS_MAX))
    .filter((subject) => said.every((faults) => !has(faults ?? 0, subject)))
    .map((subject) => ({ kind: "setup-fault", subject, fires: false, order: at(newest.receivedMs) }));
};

/** A node that has meanwhile been found dead is no longer listed as suspect, and is not well either. */
export const suspects: Detector = (cluster) => {
  const newest = newestOf(cluster.heartbeats);
  if (newest === undefined) return [];
  const order = at(newest.receivedMs);
  const alive = upTo(NODES_MAX).filter((node) => firingOf(cluster, "node-dead", node) === undefined);
  return alive.map((subject) => {
    const about = { kind: "node-suspect", subject, order } as const;
    if (!has(newest.suspects, subject)) return { ...about, fires: false };
    const { node, receivedMs, sleepS } = newest;
    return {
      ...about,
      fires: true,
      facts: { kind: "node-suspect", reporter: node, subject, reportedAtMs: receivedMs, sleepS },
    };
  });
};

/** A node that could not publish is well when a reading of its own has come. */
export const publishesAgain: Detector = ({ heartbeats }) =>
  heartbeats.map(({ node, receivedMs }) => ({
    kind: "node-unconnected",
    subject: node,
    fires: false,
    order: at(receivedMs),
  }));

/** Believed at the second reading: a node whose time server did not answer once has the time at its next wake. */
export const wrongClocks: Detector = ({ heartbeats }) =>
  heartbeats.map(({ node, receivedMs, wrongClock }) => {
    const about = { kind: "clock-wrong", subject: node, order: at(receivedMs) } as const;
    if (wrongClock === undefined) return { ...about, fires: false };
    return {
      ...about,
      fires: true,
      facts: { kind: "clock-wrong", node, said: wrongClock, receivedMs },
      evidence: { oldestMs: receivedMs, newestMs: receivedMs, says: "wrong" },
    };
  });

/** A failing sensor is reported by an event, and is well when its node has measured again. */
export const sensorsMeasure: Detector = ({ heartbeats }) =>
  heartbeats.map(({ node, measuredMs }) => ({
    kind: "sensor-failing",
    subject: node,
    fires: false,
    order: at(measuredMs),
  }));

/** What the deployed app is there to do, flow by flow, in a composed cloud. */
import { readFileSync } from "node:fs";
import { QueryCommand } from "@aws-sdk/client-dynamodb";
import { mqtt } from "aws-iot-device-sdk-v2";
import { CLUSTERS_KEY } from "../../../lib/contract/tables.ts";
import { ingestedReadingTopic, lateTopic, nodeTopic } from "../../../lib/contract/topics.ts";
import { clientFor, OWNER_KEY } from "../../../simulator/local-cloud/dynamodb-client.ts";
import type { ComposedCloud } from "../../simulator/local-cloud/composed-cloud.ts";
import { sdkConnect } from "../../simulator/local-cloud/sdk-client.ts";
import { death, reading } from "../../simulator/local-cloud/support/messages.ts";
import { ACCOUNT, withoutHash } from "./permissions-of.ts";

/** Straight to the rules: only the flows of the nodes' own policy need the broker. */
async function accept(composed: ComposedCloud, topic: string, payload: string): Promise<void> {
  composed.cloud.accept({ topic, payload: Buffer.from(payload), clientId: "test" });
  await composed.cloud.idle();
}
const READINGS = nodeTopic("reading", "kitchen", 0);
const LATE = lateTopic(READINGS) ?? "";
const EVENTS = nodeTopic("event", "kitchen", 1);

/** Sort keys of the cluster's items beside its readings. */
async function clusterItems(composed: ComposedCloud): Promise<string[]> {
  const { endpoint, tables } = composed.cloud.dynamodb;
  const client = clientFor(endpoint, OWNER_KEY);
  const { Items = [] } = await client.send(
    new QueryCommand({
      TableName: tables.find(({ keys }) => keys[1] === CLUSTERS_KEY.sort)!.name,
      KeyConditionExpression: "cluster_id = :cluster",
      ExpressionAttributeValues: { ":cluster": { S: "kitchen" } },
    }),
  );
  client.destroy();
  return Items.map((item) => String(item[CLUSTERS_KEY.sort]?.S));
}
const isQueued = (composed: ComposedCloud, queue: string): boolean =>
  composed.queued.some((message) => withoutHash(message.queue).endsWith(`-${queue}`));
const subjects = (composed: ComposedCloud): string[] => composed.mails.map(({ subject }) => subject);
const FIRING = "[ha2m] FIRING kitchen: node 0 stopped, node 1 took over";

/** As a node: the device SDK, its own certificate. False: it was cut off, or not let in. */
async function published(composed: ComposedCloud, topic: string): Promise<boolean> {
  const { mqtt: broker, nodes } = composed.cloud;
  const { thing, certPath, keyPath } = nodes[0]!;
  const read = (file: string) => readFileSync(file, "utf8");
  const endpoint = { authority: { caPem: read(broker.caPath) }, broker };
  const client = await sdkConnect(endpoint, thing, { certPem: read(certPath), keyPem: read(keyPath) }).catch(
    () => undefined,
  );
  if (client === undefined) return false;
  const done = client.connection.publish(topic, reading(), mqtt.QoS.AtLeastOnce).then(
    () => true,
    () => false,
  );
  const accepted = await Promise.race([done, client.closed.then(() => false)]);
  await client.end();
  await composed.cloud.idle();
  return accepted;
}

/** The smallest that needs a permission. */
export interface Flow {
  /** Breaks something first: what happens then needs permissions of its own. */
  readonly prepare?: readonly string[];
  /** When it begins, epoch ms. @default when a composed cloud's clock begins */
  readonly nowMs?: number;
  /** Whether all of it came about. */
  readonly works: (composed: ComposedCloud) => Promise<boolean>;
}

/** By it the rule of events invokes send_cluster_mail. */
export const EVENTS_RULE_MAY = `EventsRuleInvoke0 lambda:InvokeFunction by iot.amazonaws.com if SourceAccount ${ACCOUNT.accountId} if SourceArn arn:aws:iot:${ACCOUNT.region}:${ACCOUNT.accountId}:rule/ha2m_events`;

/** As in cdk.json. */
export const SENDER = "ha2m@example.com";

/** By what comes about. */
export const FLOWS = {
  "a reading is stored, and the heartbeat with it": {
    works: async (composed: ComposedCloud) => {
      await accept(composed, READINGS, reading());
      return (await composed.stored()).length === 1 && (await clusterItems(composed)).includes("heartbeat#0");
    },
  },
  "a reading that cannot be stored is kept": {
    works: async (composed: ComposedCloud) => {
      await accept(composed, READINGS, reading({ temperature_c: 200 }));
      return isQueued(composed, "ReadingsRuleErrors");
    },
  },
  "a reading that is handed in late is stored": {
    works: async (composed: ComposedCloud) => {
      await accept(composed, LATE, reading());
      return (await composed.stored()).length === 1;
    },
  },
  "a late reading that cannot be stored is kept": {
    works: async (composed: ComposedCloud) => {
      await accept(composed, LATE, reading({ temperature_c: 200 }));
      return isQueued(composed, "ReadingsRuleErrors");
    },
  },
  "a death is mailed with a link, noted, and told to bus and topic": {
    works: async (composed: ComposedCloud) => {
      await accept(composed, EVENTS, death());
      const told = composed.texts("notice-published").length === 1;
      const linked = /http:\/\/127\.0\.0\.1:/.test(composed.mails[0]?.text ?? "");
      await accept(composed, EVENTS, death());
      return (
        told &&
        linked &&
        composed.decisions(false).join() === "already-told" &&
        subjects(composed).join() === FIRING
      );
    },
  },
  "a mail draws the cluster's last day": {
    works: async (composed: ComposedCloud) => {
      for (const minute of [10, 25])
        await accept(composed, READINGS, reading({ measured_at: `2030-05-31T23:${minute}:00.000Z` }));
      await accept(composed, EVENTS, death());
      return /The last day\r?\n +21\.5 to 21\.5 °C/.test(composed.mails[0]?.text ?? "");
    },
  },
  "a mail of which the topic cannot be told is kept": {
    prepare: ["NoticesRole sns:Publish Ha2mPipeline-NoticesTopic"],
    works: async (composed: ComposedCloud) => {
      await accept(composed, EVENTS, death());
      await composed.settle();
      return isQueued(composed, "NoticesFailures");
    },
  },
  "a death is mailed by an identity with a configuration set": {
    works: async (composed: ComposedCloud) => {
      // As the console's first steps leave it.
      composed.cloud.ses.account.verify({ name: SENDER, configurationSet: "my-first-configuration-set" });
      await accept(composed, EVENTS, death());
      return subjects(composed).join() === FIRING;
    },
  },
  "an event that the function fails on is kept": {
    works: async (composed: ComposedCloud) => {
      await accept(composed, EVENTS, "{}");
      await composed.settle();
      return isQueued(composed, "SendClusterMailFailures");
    },
  },
  "an event that its rule cannot hand on is kept": {
    prepare: [EVENTS_RULE_MAY],
    works: async (composed: ComposedCloud) => {
      await accept(composed, EVENTS, death());
      return isQueued(composed, "EventsRuleErrors");
    },
  },
  "silence is found by a sweep, and mailed; the battery is noted": {
    works: async (composed: ComposedCloud) => {
      await accept(composed, READINGS, reading());
      await composed.pass(5);
      const noted = (await clusterItems(composed)).some((key) => key.startsWith("battery#"));
      return noted && /silent/.test(subjects(composed).join());
    },
  },
  "what waits in a queue is counted by a sweep, and mailed": {
    works: async (composed: ComposedCloud) => {
      await accept(composed, READINGS, reading({ temperature_c: 200 }));
      composed.clock.pass(0);
      await composed.cloud.idle();
      return /FIRING backend/.test(subjects(composed).join());
    },
  },
  "the readings of an hour are counted by a sweep": {
    works: async (composed: ComposedCloud) => {
      composed.clock.pass(0);
      await composed.cloud.idle();
      return composed.log.some(({ fields }) => fields?.message === "hour" && fields.readings === 0);
    },
  },
  "a certificate that ends soon is found by a sweep, and mailed": {
    nowMs: Date.UTC(2049, 11, 11),
    works: async (composed: ComposedCloud) => {
      composed.clock.pass(0);
      await composed.cloud.idle();
      return /certificate of node 0 ends 2049-12-31/.test(subjects(composed).join());
    },
  },
  "a sweep that fails is kept": {
    prepare: ["SweepClustersRole dynamodb:Query table/Ha2mData-Clusters"],
    works: async (composed: ComposedCloud) => {
      await composed.pass(1);
      await composed.settle();
      return isQueued(composed, "SweepClustersFailures");
    },
  },
  "a sweep that cannot be started is kept": {
    prepare: ["SweepClustersScheduleRole lambda:InvokeFunction function:ha2m-sweep_clusters"],
    works: async (composed: ComposedCloud) => {
      composed.clock.pass(0);
      await composed.cloud.idle();
      return isQueued(composed, "SweepClustersFailures");
    },
  },
  "a link in a mail is answered": {
    works: async (composed: ComposedCloud) => {
      await accept(composed, EVENTS, death());
      const link = /http:\/\/127\.0\.0\.1:\S+/.exec(composed.mails[0]?.text ?? "")?.[0] ?? "";
      const { status } = await fetch(link, {
        method: "POST",
        body: new URLSearchParams({ answer: "acknowledge" }),
      });
      return status === 200;
    },
  },
  "a node publishes a reading": { works: (composed: ComposedCloud) => published(composed, READINGS) },
  "a node publishes an event": {
    works: (composed: ComposedCloud) => published(composed, nodeTopic("event", "kitchen", 0)),
  },
  "a node publishes a reading by Basic Ingest": {
    works: (composed: ComposedCloud) => published(composed, ingestedReadingTopic(READINGS)),
  },
} satisfies Readonly<Record<string, Flow>>;
export type FlowName = keyof typeof FLOWS;

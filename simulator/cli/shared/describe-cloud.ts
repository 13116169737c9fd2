/** The local cloud as another program needs to know it. */
import type { LocalCloud } from "../../local-cloud/local-cloud.ts";

/** What `npm run cloud -- --json` prints, and leaves for other commands. */
export const describeCloud = (cloud: LocalCloud) => {
  const { mqtt, nodes, dynamodb, ses, sqs, lambda, iotData, rules, schedules, urls, notEmulated } = cloud;
  return {
    mqtt: { host: mqtt.host, port: mqtt.port, ca: mqtt.caPath },
    nodes: nodes.map(({ thing, certPath, keyPath }) => ({ thing, cert: certPath, key: keyPath })),
    provisioned: cloud.provisioned.map(({ thing, certPath }) => ({ thing, cert: certPath })),
    iot: cloud.iot,
    control: cloud.control,
    dynamodb: {
      endpoint: dynamodb.endpoint,
      region: dynamodb.region,
      tables: dynamodb.tables.map(({ name }) => name),
      keys: Object.fromEntries(dynamodb.tables.map(({ name, keys }) => [name, keys])),
    },
    ses: {
      endpoint: ses.endpoint,
      inbox: ses.inbox,
      sandbox: ses.account.sandbox,
      verified: ses.account.identities.map(({ name }) => name),
    },
    sqs: { endpoint: sqs.endpoint, queues: Object.fromEntries(queuesOf(cloud)) },
    lambda,
    iot_data: iotData,
    rules,
    schedules,
    urls,
    outputs: cloud.outputs(),
    not_emulated: notEmulated,
  };
};

/** URLs by the names under which a deploy's outputs have them: the queues' own have a hash in them. */
export function queuesOf({ queues, outputs }: LocalCloud): [name: string, url: string][] {
  const named = Object.values(outputs()).flatMap((ofStack) => Object.entries(ofStack));
  return queues.map(({ name, url }) => [named.find(([, value]) => value === url)?.[0] ?? name, url]);
}

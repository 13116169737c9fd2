/** Basic Ingest against the synthesized app that is configured for it, by the device SDK. */
import { basicIngestTopic, nodeTopic } from "../../../../lib/contract/topics.ts";
import { freshAssembly } from "../../../../simulator/cli/shared/assembly-cache.ts";
import { ingestOf } from "../../../../simulator/local-cloud/iot/basic-ingest.ts";
import { byBasicIngest } from "../../../../simulator/node/basic-ingest.ts";
import { readDeviceCredentials } from "../../../../simulator/node/device-credentials.ts";
import { MqttUplink } from "../../../../simulator/node/mqtt-uplink.ts";
import { exampleConfig } from "../../../lib/example-app.ts";
import { ComposedCloud } from "../composed-cloud.ts";
import { reading } from "../support/messages.ts";

const OWN = nodeTopic("reading", "kitchen", 0);

test.each([
  ["$aws/rules/store/rosie/reading/kitchen/0", { rule: "store", topic: OWN }],
  ["$aws/rules/store", { rule: "store", topic: "" }],
  ["$aws/things/kitchen-0/shadow/update", undefined],
  [OWN, undefined],
])("%s -> %j", (topic, found) => expect(ingestOf(topic)).toEqual(found));

let composed: ComposedCloud;
let uplink: MqttUplink;
async function start(config: object): Promise<void> {
  const assembly = await freshAssembly(() => undefined, { ha2m: config });
  composed = await new ComposedCloud().start(assembly);
  const { nodes, mqtt } = composed.cloud;
  const { thing, certPath, keyPath } = nodes[0]!;
  const files = { ca: mqtt.caPath, cert: certPath, key: keyPath };
  const credentials = await readDeviceCredentials(files, Date.now());
  uplink = new MqttUplink({ thing, host: mqtt.host, port: mqtt.port, ...credentials });
  await uplink.connect();
}

describe("the composed cloud", () => {
  afterEach(async () => {
    await uplink.disconnect();
    await composed.stop();
  });

  const ingesting = { ...exampleConfig, readings: { basic_ingest: true } };

  test("a node that was told to -> its reading is stored as if by way of the broker, its event goes by the broker", async () => {
    await start(ingesting);
    const node = byBasicIngest(uplink);
    await node.publish(OWN, reading());
    await node.publish(nodeTopic("event", "kitchen", 0), "{}");
    await composed.cloud.idle();
    expect(await composed.stored()).toEqual(["2030-06-01T00:00:00.000Z#0"]);
    expect(composed.texts("action-done").toSorted()).toEqual([
      expect.stringMatching(/^message of kitchen-0 on rosie\/event\/kitchen\/0: /),
      expect.stringMatching(/^message of kitchen-0 on rosie\/reading\/kitchen\/0: /),
    ]);
    expect(composed.texts("rule-not-found")).toEqual([]);
  });

  test("a node that was not told yet, after the switch -> stored as before", async () => {
    await start(ingesting);
    await uplink.publish(OWN, reading());
    await composed.cloud.idle();
    expect(await composed.stored()).toEqual(["2030-06-01T00:00:00.000Z#0"]);
  });

  test("a reading outside the contract -> in the error queue, with the topic as the rule sees it", async () => {
    await start(ingesting);
    await byBasicIngest(uplink).publish(OWN, reading({ temperature_c: "warm" }));
    await composed.cloud.idle();
    expect(await composed.stored()).toEqual([]);
    expect(composed.queued).toMatchObject([{ body: { ruleName: "ha2m_readings", topic: OWN } }]);
  });

  test.each([
    [
      "another node's readings",
      ingesting,
      basicIngestTopic("ha2m_readings", nodeTopic("reading", "kitchen", 1)),
    ],
    ["another rule", ingesting, basicIngestTopic("ha2m_events", OWN)],
    ["its own readings, where it is not configured", exampleConfig, basicIngestTopic("ha2m_readings", OWN)],
  ])("to %s -> the policy denies it, the connection is closed", async (_, config, topic) => {
    await start(config);
    const publishing = uplink.publish(topic, reading()).catch((error) => error);
    while (composed.texts("publish-refused").length === 0) await new Promise(setImmediate);
    await uplink.disconnect();
    expect(await publishing).toMatchObject({ name: "UplinkError" });
    expect(composed.texts("publish-refused").join()).toContain(`topic/${topic}`);
    expect(await composed.stored()).toEqual([]);
  });

  test("a rule that does not exist -> lost, and the log says RuleNotFound", async () => {
    await start(ingesting);
    const topic = basicIngestTopic("ha2m_reading", OWN);
    composed.cloud.accept({ topic, payload: Buffer.from("{}"), clientId: "kitchen-0" });
    await composed.cloud.idle();
    expect(composed.texts("rule-not-found")).toEqual([
      `RuleNotFound: no rule is named "ha2m_reading", the message of kitchen-0 on ${topic} is lost`,
    ]);
  });
});

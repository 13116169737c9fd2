/** `npm run readings` beside `npm run cloud`: what a node published is read back, without a word of where the table is. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mqtt } from "aws-iot-device-sdk-v2";
import { nodeTopic } from "../../lib/contract/topics.ts";
import { sdkConnect } from "../simulator/local-cloud/sdk-client.ts";
import { reading } from "../simulator/local-cloud/support/messages.ts";
import { run, start } from "./support/commands.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "ha2m-readings-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const payload = (slot: number, node: number, term: number, celsius: number): string =>
  reading({
    measured_at: new Date(Date.UTC(2026, 0, 1) + slot * 900_000 + node * 5_000).toISOString(),
    temperature_c: celsius,
    seq: slot,
    term,
  });

test("two nodes that both publish, and a gap -> the later claim's readings, drawn, and the gap named", async () => {
  const ports = ["--mqtt-port", "0", "--dynamodb-port", "0", "--ses-port", "0"];
  const cloud = start("cloud", ["--json", "--keys", folder, ...ports]);
  const { mqtt: broker, nodes } = JSON.parse(await cloud.until("stdout", /^\}$/m));
  const read = (file: string) => readFileSync(file, "utf8");
  for (const [node, slots] of [
    [0, [0, 1, 2, 3]],
    [1, [2, 3, 8, 9]],
  ] as const) {
    const { thing, cert, key } = nodes[node];
    const endpoint = {
      authority: { caPem: read(broker.ca) },
      broker: { host: broker.host, port: broker.port },
    };
    const client = await sdkConnect(endpoint, thing, { certPem: read(cert), keyPem: read(key) });
    for (const slot of slots)
      await client.connection.publish(
        nodeTopic("reading", "kitchen", node),
        payload(slot, node, node + 1, 20 + node),
        mqtt.QoS.AtLeastOnce,
      );
    await client.end();
  }
  await cloud.until("stderr", /(?:rule ha2m_readings: message of kitchen-[\s\S]*){8}/);

  const found = ["kitchen", "--from", "2026-01-01", "--to", "2026-01-01T02:30Z"];
  const described = join(folder, "endpoints.json");
  const { code, stdout, stderr } = await run("readings", [...found, "--cloud", described]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toContain("readings   6 by node 0 (2), node 1 (4); 20.0 to 21.0 °C");
  expect(stdout).toContain("overruled  2: ");
  expect(stdout).toMatch(/gaps +2026-01-01 00:45 to 2026-01-01 02:00, 75 min: about 4 readings missing/);

  cloud.child.kill("SIGINT");
  expect((await cloud.finished).code).toBe(0);
  const after = await run("readings", [...found, "--cloud", described]);
  expect([after.code, after.stderr]).toEqual([2, expect.stringMatching(/endpoints\.json cannot be read/)]);
});

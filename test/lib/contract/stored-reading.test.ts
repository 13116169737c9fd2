/** What is read back, against what the rule writes. */
import { readingsSql } from "../../../lib/constructs/rule-sql.ts";
import { StoredReading } from "../../../lib/contract/stored-reading.ts";
import { nodeTopic } from "../../../lib/contract/topics.ts";
import { plainJson } from "../../../simulator/local-cloud/iot/iot-sql/json.ts";
import { compileRule } from "../../../simulator/local-cloud/iot/iot-sql/rule.ts";

const sent = {
  v: 1,
  measured_at: "2026-01-01T00:00:00.000Z",
  temperature_c: 21.5,
  seq: 7,
  term: 3,
  sleep_s: 900,
  battery_mv: 5_000,
  unwritable_eeproms: 0,
  suspects: 0,
};

test("an item as the rule writes it -> the reading and its node", () => {
  const rule = compileRule(readingsSql(365), { sqlVersion: "2016-03-23" });
  const item = rule.evaluate({
    topic: nodeTopic("reading", "kitchen", 1),
    payload: new TextEncoder().encode(JSON.stringify(sent)),
    clientId: "kitchen-1",
    timestampMs: 0,
  });
  const { v, unwritable_eeproms, suspects, ...read } = sent;
  expect(StoredReading.parse(plainJson(item))).toEqual({ ...read, node: 1 });
});

test.each([{ temperature_c: 126 }, { node: 8 }, { measured_at: "2026-02-32T00:00:00.000Z" }, { sleep_s: 0 }])(
  "%j -> no reading",
  (change) => {
    const { v, unwritable_eeproms, suspects, ...read } = sent;
    expect(StoredReading.safeParse({ ...read, node: 0 }).success).toBe(true);
    expect(StoredReading.safeParse({ ...read, node: 0, ...change }).success).toBe(false);
  },
);

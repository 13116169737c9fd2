import { eventsSql, lateReadingsSql, readingsSql, SQL_VERSION } from "../../../lib/constructs/rule-sql.ts";
import { DeliveredEvent, Reading } from "../../../lib/contract/messages.ts";
import { heartbeatKey, readingKey } from "../../../lib/contract/tables.ts";
import { lateTopic, nodeTopic } from "../../../lib/contract/topics.ts";
import { plainJson } from "../../../simulator/local-cloud/iot/iot-sql/json.ts";
import type { MessageContext } from "../../../simulator/local-cloud/iot/iot-sql/payload.ts";
import { compileRule } from "../../../simulator/local-cloud/iot/iot-sql/rule.ts";

const NOW_MS = 1_767_225_600_123;

/** A rule, and what it selects as a program reads it. */
function compiled(sql: string) {
  const rule = compileRule(sql, { sqlVersion: SQL_VERSION });
  const evaluate = (message: MessageContext) => {
    const selected = rule.evaluate(message);
    return selected === undefined ? undefined : (plainJson(selected) as Record<string, unknown>);
  };
  return { ...rule, evaluate };
}
const readings = compiled(readingsSql(10));
const events = compiled(eventsSql());

const message = (topic: string, payload: unknown) => ({
  topic,
  payload: new TextEncoder().encode(JSON.stringify(payload)),
  clientId: "kitchen-0",
  timestampMs: NOW_MS,
});

const reading: Reading = {
  v: 1,
  measured_at: "2026-01-01T00:00:00.000Z",
  temperature_c: 21.5,
  seq: 7,
  term: 0,
  sleep_s: 900,
  battery_mv: 4_999,
  unwritable_eeproms: 0,
  suspects: 0,
};

const event = {
  v: 1,
  type: "node_dead",
  subject: 0,
  term: 3,
  seq: 8,
  at: "2026-01-01T00:15:00.000Z",
  took_over: true,
  state: { primary: 1, suspects: [], dead: [0], never_admitted: [], last_seen: [{ node: 0, at: null }] },
};

/** Names in the SELECT clause: the alias, or the field itself. */
const columnsOf = (sql: string): string[] =>
  sql
    .slice(0, sql.lastIndexOf("\nFROM "))
    .split(",\n")
    .map((column) => /(\w+)$/.exec(column)?.[1] ?? "");

const keysOf = (schema: { readonly shape: object }): string[] => Object.keys(schema.shape).sort();

describe("the events rule", () => {
  test("its fields -> exactly those of DeliveredEvent", () => {
    expect(columnsOf(eventsSql()).sort()).toEqual(keysOf(DeliveredEvent));
  });

  test("an event -> what the function parses, with the reporter from the topic and the message as it came", () => {
    const delivered = events.evaluate(message(nodeTopic("event", "kitchen", 1), event));
    expect(DeliveredEvent.parse(delivered)).toEqual({
      ...event,
      cluster_id: "kitchen",
      node: 1,
      received_at: NOW_MS,
      original_base64: Buffer.from(JSON.stringify(event)).toString("base64"),
    });
  });

  test("a failed sensor -> its fault is passed on, and it must have one", () => {
    const failed = { ...event, type: "sensor_failed", subject: 1, took_over: false };
    const deliver = (sent: unknown) => events.evaluate(message(nodeTopic("event", "kitchen", 1), sent));
    expect(DeliveredEvent.parse(deliver({ ...failed, fault: "crc" }))).toMatchObject({ fault: "crc" });
    expect(DeliveredEvent.safeParse(deliver(failed)).success).toBe(false);
    expect(DeliveredEvent.safeParse(deliver({ ...event, fault: "crc" })).success).toBe(false);
  });

  test("an event that claims another reporter and cluster -> the topic counts", () => {
    const forged = { ...event, node: 5, cluster_id: "shed", received_at: 1 };
    const delivered = events.evaluate(message(nodeTopic("event", "kitchen", 1), forged));
    expect(delivered).toMatchObject({ cluster_id: "kitchen", node: 1, received_at: NOW_MS });
  });

  test("topics -> events of any cluster and node, no readings", () => {
    expect(events.matches(nodeTopic("event", "shed-2", 7))).toBe(true);
    expect(events.matches(nodeTopic("reading", "kitchen", 0))).toBe(false);
  });
});

/** What the readings rule selects of a payload. */
const evaluate = (payload: unknown, topic = nodeTopic("reading", "kitchen", 0)) =>
  readings.evaluate(message(topic, payload)) ?? {};

describe("the readings rule", () => {
  test("its fields -> those of Reading, and the keys, the node, the time and the expiry", () => {
    const added = ["cluster_id", "reading_key", "item_key", "node", "received_at", "expires_at_s"];
    expect(columnsOf(readingsSql(365)).sort()).toEqual([...keysOf(Reading), ...added].sort());
  });

  test("a reading -> an item with the keys of both tables", () => {
    expect(evaluate(reading)).toEqual({
      ...reading,
      cluster_id: "kitchen",
      reading_key: readingKey(reading.measured_at, 0),
      item_key: heartbeatKey(0),
      node: 0,
      received_at: NOW_MS,
      expires_at_s: 1_767_225_600 + 10 * 86_400,
    });
  });

  test("one that is handed in late -> the same item, and no heartbeat; none of what nodes publish", () => {
    const late = compiled(lateReadingsSql(10));
    const topic = lateTopic(nodeTopic("reading", "kitchen", 0))!;
    const { item_key: _, ...stored } = evaluate(reading);
    expect(late.evaluate(message(topic, reading))).toEqual(stored);
    expect(late.evaluate(message(topic, { ...reading, temperature_c: 200 }))).not.toHaveProperty(
      "cluster_id",
    );
    expect(
      [topic, nodeTopic("reading", "kitchen", 0), nodeTopic("event", "kitchen", 0)].map(late.matches),
    ).toEqual([true, false, false]);
    expect(readings.matches(topic)).toBe(false);
  });
});

describe("the readings rule as text", () => {
  test("its text -> readable, one condition a line, no escapes", () => {
    expect(readingsSql(365)).toMatchInlineSnapshot(`
"SELECT
  CASE regexp_matches(topic(4), '^[0-7]$')
      AND v = 1
      AND regexp_matches(measured_at, '^([0-9]{4}-(0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|[0-9]{4}-(0[469]|11)-(0[1-9]|[12][0-9]|30)|[0-9]{4}-02-(0[1-9]|1[0-9]|2[0-8])|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9][.][0-9]{3}Z$')
      AND temperature_c * 1 = temperature_c
      AND temperature_c >= -55
      AND temperature_c <= 125
      AND floor(seq) = seq
      AND seq >= 0
      AND seq <= 4294967295
      AND floor(term) = term
      AND term >= 0
      AND term <= 4294967295
      AND floor(sleep_s) = sleep_s
      AND sleep_s >= 1
      AND sleep_s <= 86400
      AND floor(battery_mv) = battery_mv
      AND battery_mv >= 0
      AND battery_mv <= 20000
      AND floor(unwritable_eeproms) = unwritable_eeproms
      AND unwritable_eeproms >= 0
      AND unwritable_eeproms <= 255
      AND floor(suspects) = suspects
      AND suspects >= 0
      AND suspects <= 255
    WHEN true THEN topic(3) END AS cluster_id,
  concat(measured_at, '#', topic(4)) AS reading_key,
  concat('heartbeat#', topic(4)) AS item_key,
  cast(topic(4) AS Int) AS node,
  v,
  measured_at,
  temperature_c,
  seq,
  term,
  sleep_s,
  battery_mv,
  unwritable_eeproms,
  suspects,
  setup_faults,
  timestamp() AS received_at,
  floor(timestamp() / 1000) + 31536000 AS expires_at_s
FROM 'rosie/reading/+/+'"
`);
  });
});

describe("the readings rule, and payloads at the contract's bounds", () => {
  test.each<[string, Partial<Record<keyof Reading, unknown>>]>([
    ["the coldest", { temperature_c: -55 }],
    ["the hottest", { temperature_c: 125 }],
    ["a whole degree", { temperature_c: 20 }],
    ["the highest counters", { seq: 4_294_967_295, term: 4_294_967_295 }],
    ["the longest sleep", { sleep_s: 86_400 }],
    ["an empty battery", { battery_mv: 0 }],
    ["every chip and every node", { unwritable_eeproms: 255, suspects: 255 }],
  ])("at the contract's bound, %s -> stored", (_, change) => {
    const within = { ...reading, ...change };
    expect(Reading.safeParse(within).success).toBe(true);
    expect(evaluate(within)).toMatchObject({ cluster_id: "kitchen" });
  });

  const broken: [string, Partial<Record<keyof Reading, unknown>>][] = [
    ["version 2", { v: 2 }],
    ["version as text", { v: "1" }],
    ["a local time", { measured_at: "2026-01-01T00:00:00.000+01:00" }],
    ["a time without milliseconds", { measured_at: "2026-01-01T00:00:00Z" }],
    ["a time with more around it", { measured_at: "x2026-01-01T00:00:00.000Zx" }],
    ["a time as a number", { measured_at: 1_767_225_600 }],
    ["below the sensor's range", { temperature_c: -55.0625 }],
    ["above the sensor's range", { temperature_c: 125.0625 }],
    ["a temperature as text", { temperature_c: "21.5" }],
    ["a temperature that is true", { temperature_c: true }],
    ["no temperature, null", { temperature_c: null }],
    ["a temperature in a list", { temperature_c: [21.5] }],
    ["a negative counter", { seq: -1 }],
    ["a counter past 32 bits", { seq: 4_294_967_296 }],
    ["half a count", { seq: 0.5 }],
    ["a counter as text", { seq: "7" }],
    ["half a term", { term: 1.5 }],
    ["a term as text", { term: "1" }],
    ["no sleep", { sleep_s: 0 }],
    ["a sleep of more than a day", { sleep_s: 86_401 }],
    ["a sleep as text", { sleep_s: "900" }],
    ["a negative voltage", { battery_mv: -1 }],
    ["a voltage out of reach", { battery_mv: 20_001 }],
    ["a voltage that is false", { battery_mv: false }],
    ["a ninth chip", { unwritable_eeproms: 256 }],
    ["half a chip", { unwritable_eeproms: 0.5 }],
    ["chips in a list", { unwritable_eeproms: [1] }],
    ["a ninth node", { suspects: 256 }],
    ["fewer than no nodes", { suspects: -1 }],
    ["nodes as text", { suspects: "1" }],
    ...Object.keys(reading).map((field): [string, object] => [`${field} left out`, { [field]: undefined }]),
  ];
  test.each(broken)(
    "outside the contract, %s -> no partition key, so that neither table takes it",
    (_, change) => {
      const outside = { ...reading, ...change };
      expect(Reading.safeParse(outside).success).toBe(false);
      expect(evaluate(outside)).not.toHaveProperty("cluster_id");
    },
  );
});

describe("the readings rule, and messages that name keys of their own", () => {
  test.each(["8", "00", "-1", "0.0", "x", "10"])("a topic whose node is %s -> no partition key", (node) => {
    expect(evaluate(reading, `rosie/reading/kitchen/${node}`)).not.toHaveProperty("cluster_id");
  });

  test("a payload that is not JSON -> no partition key", () => {
    const payload = new TextEncoder().encode("21.5 °C");
    expect(
      readings.evaluate({ ...message(nodeTopic("reading", "kitchen", 0), {}), payload }),
    ).not.toHaveProperty("cluster_id");
  });

  test("a reading with keys of its own -> the rule's keys count", () => {
    const forged = {
      ...reading,
      cluster_id: "shed",
      reading_key: "x",
      item_key: "incident#x",
      expires_at_s: 0,
    };
    expect(evaluate(forged)).toEqual(evaluate(reading));
  });
});

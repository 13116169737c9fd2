/** A heartbeat's item, whatever its node put into it: one bad field hides nothing else. */
import { heartbeatFrom } from "../../../../lambda/sweep_clusters/core/heartbeat.ts";
import { NOON_MS } from "../../send_cluster_mail/support/fixtures.ts";

const item = {
  node: 2,
  received_at: NOON_MS,
  measured_at: "2026-01-01T11:59:58.000Z",
  sleep_s: 600,
  temperature_c: -18.5,
  battery_mv: 5_150,
  term: 12,
  unwritable_eeproms: 4,
  suspects: 8,
};
const whole = heartbeatFrom(item);

test("as the contract has it -> every field", () => {
  expect(whole).toEqual({
    node: 2,
    receivedMs: NOON_MS,
    measuredMs: NOON_MS - 2_000,
    sleepS: 600,
    temperatureC: -18.5,
    batteryMv: 5_150,
    term: 12,
    unwritableEeproms: 4,
    suspects: 8,
  });
});

test.each([
  "1900-01-01T00:00:00.000Z",
  "1970-01-01T00:20:00.000Z",
  "2000-00-00T00:00:00.000Z",
  "2000-01-01T05:00:00.000Z",
  "2026-01-01T11:49:59.999Z",
  "2026-01-01T12:10:00.001Z",
  "2055-12-31T12:00:00.000Z",
  "yesterday",
])("the clock says %s -> measured when it was received, and the clock is wrong", (measured_at) => {
  expect(heartbeatFrom({ ...item, measured_at })).toEqual({
    ...whole,
    measuredMs: NOON_MS,
    wrongClock: measured_at,
  });
});

test.each<[string, object, object]>([
  ["sleep_s", { sleep_s: 0 }, { sleepS: 900 }],
  ["sleep_s", { sleep_s: 1e9 }, { sleepS: 900 }],
  ["battery_mv", { battery_mv: -1 }, { batteryMv: 0 }],
  ["term", { term: 1e30 }, { term: 0 }],
  ["unwritable_eeproms", { unwritable_eeproms: 4_096 }, { unwritableEeproms: 0 }],
  ["suspects", { suspects: "8" }, { suspects: 0 }],
  ["setup_faults", { setup_faults: 256 }, {}],
])("%s out of range (%j) -> says nothing, and the rest is read", (_, bad, expected) => {
  expect(heartbeatFrom({ ...item, ...bad })).toEqual({ ...whole, ...expected });
});

test.each([[900], [undefined], ["warm"]])("a temperature of %j -> none", (temperature_c) => {
  const { temperatureC: _, ...rest } = whole;
  expect(heartbeatFrom({ ...item, temperature_c })).toEqual(rest);
});

test.each([[{ received_at: "noon" }], [{ node: 9 }]])(
  "%j -> refused: nobody knows who was heard, or when",
  (bad) => {
    expect(() => heartbeatFrom({ ...item, ...bad })).toThrow();
  },
);

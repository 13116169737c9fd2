import { endedHour, metricsOf, newestReading } from "../../../../lambda/sweep_clusters/core/metrics.ts";
import { MINUTE_MS, NOON_MS } from "../../send_cluster_mail/support/fixtures.ts";
import { heartbeat, view } from "./detect/views.ts";

test.each([1, 7, 15, 40, 60])(
  "a sweep every %d minutes, whenever the first one comes -> each hour is counted once",
  (minutes) => {
    for (let offset = 0; offset < minutes; offset++) {
      const hours: number[] = [];
      for (let at = offset; at < 24 * 60; at += minutes)
        hours.push(...[endedHour(NOON_MS + at * MINUTE_MS, minutes)].flatMap((hour) => hour?.untilMs ?? []));
      const counted = Array.from({ length: hours.length }, (_, i) => hours[0]! + i * 60 * MINUTE_MS);
      expect(hours).toEqual(counted);
      expect(hours.length).toBeGreaterThanOrEqual(23);
    }
  },
);

test("the first sweep of an hour -> the hour before, from its start to its end", () => {
  expect(endedHour(NOON_MS + 4 * MINUTE_MS, 15)).toEqual({
    fromMs: NOON_MS - 60 * MINUTE_MS,
    untilMs: NOON_MS,
  });
  expect(endedHour(NOON_MS + 15 * MINUTE_MS, 15)).toBeUndefined();
});

test("several nodes were heard of since the last sweep -> the newest one's reading", () => {
  const seen = view(heartbeat(0, -3, { temperatureC: 20 }), heartbeat(1, -2, { temperatureC: 21.5 }));
  expect(newestReading(seen, NOON_MS, 15)).toEqual({
    level: "info",
    message: "cluster",
    cluster: "kitchen",
    node: 1,
    temperature_c: 21.5,
    battery_mv: 5_200,
  });
});

test("nothing new since the last sweep -> nothing: an old temperature is not drawn again", () => {
  expect(newestReading(view(heartbeat(0, -15.01)), NOON_MS, 15)).toBeUndefined();
  expect(newestReading(view(), NOON_MS, 15)).toBeUndefined();
});

test("lines -> the numbers in them that are metrics, 0 among them, unless no node was ever heard of", () => {
  const line = { level: "info", request_id: "r" } as const;
  expect(metricsOf({ ...line, message: "cluster", temperature_c: 0, battery_mv: 5_000 })).toEqual({
    temperature_c: 0,
  });
  expect(metricsOf({ ...line, message: "hour", readings: 0 })).toEqual({ readings: 0 });
  expect(metricsOf({ ...line, message: "hour", readings: 0, heard: false })).toEqual({});
  expect(metricsOf({ ...line, message: "sweep", clusters: 2 })).toEqual({});
});

import { type Cases, HEALED, publishesAgain, readings, refusedAs, sensorFails, wakes } from "./case.ts";

/** Faults of the network between node and backend, and of the sensor. */
export const NETWORK_AND_SENSOR_CASES = {
  "wifi-outage": {
    fault: { kind: "wifi-outage" },
    effect: "no access point",
    struck: refusedAs("no-access-point"),
    healed: publishesAgain,
  },
  "broadband-outage": {
    fault: { kind: "broadband-outage" },
    effect: "joined, and no route",
    struck: refusedAs("no-route"),
    healed: publishesAgain,
  },
  "slow-join": {
    fault: { kind: "slow-join", node: 0, seconds: 15 },
    effect: "so many seconds more until the reading",
    struck: (world) => {
      const took = 60 * (readings(world, 0)[0]! - wakes(world, 0)[0]!);
      expect(took).toBeGreaterThan(17);
    },
    healed: (world) =>
      expect(60 * (readings(world, 0, HEALED)[0]! - wakes(world, 0, HEALED)[0]!)).toBeLessThan(9),
  },
  "joins-fail": {
    fault: { kind: "joins-fail", node: 0, share: 1 },
    effect: "no access point, for that node alone",
    struck: refusedAs("no-access-point"),
    healed: publishesAgain,
  },
  "tls-failure": {
    fault: { kind: "tls-failure", node: 0 },
    effect: "no memory for TLS",
    struck: refusedAs("tls-no-memory"),
    healed: publishesAgain,
  },
  "certificate-expired": {
    fault: { kind: "certificate-expired", node: 0 },
    effect: "refused",
    struck: refusedAs("certificate-refused"),
    healed: publishesAgain,
  },
  "puback-lost": {
    fault: { kind: "puback-lost", node: 0, times: 2 },
    effect: "the cloud has a reading twice, the node does not know that it has it",
    struck: (world) => {
      expect(world.metrics()).toMatchObject({ "readings duplicated": 1, "readings lost": 0 });
      expect(world.of("publish-failed", 0)).toHaveLength(1);
      expect(readings(world, 0)).toEqual([]);
    },
  },
  "time-server-silent": {
    fault: { kind: "time-server-silent" },
    effect: "the clock stays as it is",
    struck: (world) => expect(world.of("clock-unset", 0)).toHaveLength(1),
    healed: (world) => expect(world.of("clock-unset", 0)).toHaveLength(1),
  },
  "sensor-absent": {
    fault: { kind: "sensor-absent", node: 0 },
    effect: "no reading",
    struck: sensorFails("absent"),
    healed: publishesAgain,
  },
  "sensor-crc": {
    fault: { kind: "sensor-crc", node: 0, share: 1 },
    effect: "no reading",
    struck: sensorFails("crc"),
    healed: publishesAgain,
  },
  "sensor-85": {
    fault: { kind: "sensor-85", node: 0 },
    effect: "no reading",
    struck: sensorFails("power-on-value"),
    healed: publishesAgain,
  },
  "sensor-127": {
    fault: { kind: "sensor-127", node: 0 },
    effect: "no reading",
    struck: sensorFails("out-of-range"),
    healed: publishesAgain,
  },
  "sensor-zero": {
    fault: { kind: "sensor-zero", node: 0 },
    effect: "no reading",
    struck: sensorFails("all-zero"),
    healed: publishesAgain,
  },
  "sensor-stuck": {
    fault: { kind: "sensor-stuck", node: 0, celsius: 4.5 },
    effect: "readings that are not true",
    struck: (world) => {
      expect(world.readings(0).map(({ temperature_c }) => temperature_c)).toEqual([21, 4.5]);
      expect(world.metrics()["readings untrue"]).toBe(1);
    },
    healed: (world) => expect(world.readings(0).at(-1)!.temperature_c).toBe(21),
  },
} satisfies Cases;

/** A freezer defrosts while the role changes hands: what both nodes measured was so, and nobody is told that they differ. */
import { replayTemperature } from "../../../simulator/hardware/temperature.ts";
import { temperatureLog } from "../../../simulator/hardware/temperature-log.ts";
import { parseScenario } from "../../../simulator/scenario/parse-scenario.ts";
import { playInProcess } from "../../bench/in-process.ts";

/** As a logger has it, in minutes and °C: from three hours on it is warmer by 6.5 °C for 35 minutes. */
const LOG = [
  [0, -18],
  [180, -11.5],
  [215, -18],
] as const;
const freezer = replayTemperature(
  temperatureLog(
    Float64Array.from(LOG, ([minute]) => minute * 60_000),
    Float64Array.from(LOG, ([, celsius]) => celsius),
  ),
);

const SCENARIO = `name: freezer
line: a freezer defrosts, and node 0 dies before it is cold again
cluster:
  nodes: 2
duration: 12h
steps:
  - at: 3h 20m
    fault: power-cut
    node: 0
    for: 8h
    says: node 0 loses its power
protocols:
  hardened:
    expect:
      - readings untrue: 0
      - mails: [firing node-dead#0, resolved node-dead#0]
`;

test("node 0 dies amid the defrosting, node 1 publishes from 6.5 °C colder on -> its death alone is told", async () => {
  const scenario = parseScenario(SCENARIO, "freezer.yaml", {});
  const { expectations, mails } = await playInProcess(scenario, "hardened", 1, undefined, freezer);
  expect(expectations.filter(({ held }) => !held)).toEqual([]);
  expect(mails.length).toBeGreaterThan(0);
});

/** Two nodes measure at about the same time, and differ by more than their sensors may. */
import type { Facts } from "../../../../../lib/contract/incidents.ts";
import { beforeThisMail, type MailTemplate, NOTHING_TO_DO } from "../mail-template.ts";
import { celsius, nodesText } from "../words.ts";

type SensorDisagreeing = Extract<Facts, { kind: "sensor-disagreeing" }>;

const numbers = ({ nodes }: SensorDisagreeing): readonly number[] =>
  nodes.map(({ node }) => node).sort((x, y) => x - y);

function difference({ nodes }: SensorDisagreeing): string {
  const values = nodes.map(({ temperatureC }) => temperatureC);
  return celsius(Math.max(...values) - Math.min(...values));
}

/** The mail about sensors of one cluster that differ by more than their error. */
export const sensorDisagreeing: MailTemplate<SensorDisagreeing> = {
  headline: (facts) => `sensors of ${nodesText(numbers(facts))} differ by ${difference(facts)}`,
  overHeadline: (facts) => `sensors of ${nodesText(numbers(facts))} agree again`,
  nodes: numbers,
  night: ({ nodes }) =>
    `Yes, unless something spoils at ${celsius(Math.max(...nodes.map(({ temperatureC }) => temperatureC)))}.`,
  happened: (facts) => [
    `The readings of ${nodesText(numbers(facts))}, taken soon after one another, differ by ${difference(facts)}. ` +
      `Each is within its sensor's range, so no node can tell which one is wrong.`,
  ],
  since: (_, setting) => [`Since ${beforeThisMail(setting.sinceMs, setting)}.`],
  stillWorks: () => [
    "Readings are logged, each under its node's number.",
    "Trust neither sensor until you know which one is right.",
  ],
  toDo: () => [
    "Hold a thermometer beside each sensor, and replace the wrong one.",
    "If both are right, their places differ in temperature: put them side by side.",
  ],
  over: (facts) => ({
    happened: [`The sensors of ${nodesText(numbers(facts))} agree again.`],
    works: ["Readings are logged."],
    toDo: NOTHING_TO_DO,
  }),
  table: ({ nodes }, { time }) => ({
    title: "What the nodes measured",
    columns: ["Node", "Reading", "At"],
    rows: [...nodes]
      .sort((x, y) => x.node - y.node)
      .map(({ node, temperatureC, atMs }) => [`node ${node}`, celsius(temperatureC), time(atMs)]),
  }),
};

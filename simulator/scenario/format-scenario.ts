/** Writes a scenario as YAML: the inverse of the parser. */
import { stringify } from "yaml";
import { seconds } from "../engine/time.ts";
import type { OperationMark } from "../node/operations.ts";
import { durationText } from "./durations.ts";
import { type Expectation, type ExpectedMail, isDuration } from "./expectations.ts";
import type { ClusterSetup, Scenario, Step, Trigger } from "./scenario.ts";

const MICROS_A_DAY = 86_400_000_000;
const time = (at: number): string => durationText(at as Parameters<typeof durationText>[0]);

/** The scenario as the text of a YAML file, which `parseScenario` reads back as an equal one. */
export const formatScenario = (scenario: Scenario): string => stringify(scenarioObject(scenario));

/** What is undefined is left out by `stringify`. */
export const scenarioObject = ({ shortest: _, ...scenario }: Scenario) => ({
  name: scenario.name,
  line: scenario.line,
  cluster: clusterObject(scenario.cluster),
  duration: time(scenario.duration),
  temperatures: scenario.temperatures.kind === "room" ? "room" : { constant: scenario.temperatures.celsius },
  steps: scenario.steps.map(stepObject),
  protocols: Object.fromEntries(
    [...scenario.protocols].map(([name, { fails, expect }]) => [
      name,
      { fails, expect: expect.map(expectationObject) },
    ]),
  ),
});

const clusterObject = (cluster: ClusterSetup) => ({
  nodes: cluster.nodes,
  start: cluster.start,
  counters: cluster.counters,
  eeprom_power: cluster.eepromPower,
  witness: cluster.witness ? "fitted" : "none",
  pull_ups: cluster.pullUps,
  unpowered: cluster.unpowered,
  watchdog: cluster.watchdog === undefined ? undefined : time(cluster.watchdog),
  readmission: cluster.readmission && {
    most: cluster.readmission.most,
    forget_wakes: cluster.readmission.forgetWakes,
  },
  sleeps: cluster.sleeps?.map(time),
  firmware: cluster.firmware,
  drift: cluster.drift,
  charge: cluster.charge,
});

function stepObject(step: Step) {
  const when = triggerObject(step.trigger);
  if (step.kind === "action") {
    const { kind, ...rest } = step.action;
    return { ...when, do: kind, ...rest, says: step.says };
  }
  const { kind, ...parameters } = step.fault;
  const lasts = step.lasts === undefined ? undefined : time(step.lasts);
  return { ...when, fault: kind, ...parameters, for: lasts, says: step.says };
}

function triggerObject(trigger: Trigger) {
  switch (trigger.kind) {
    case "at":
      return { at: time(trigger.at), every: trigger.every && time(trigger.every) };
    case "chance": {
      const per = { hour: 1 / 24, day: 1, week: 7, month: 30, year: 365 };
      const [unit] = Object.entries(per).find(([, days]) => days * MICROS_A_DAY === trigger.per)!;
      return { rate: `${trigger.times} per ${unit}`, from: time(trigger.from) };
    }
    case "operation": {
      const { operation, count, point } = trigger.mark;
      const from = time(trigger.from);
      return {
        on: { node: trigger.node, operation, count, from, ...pointObject(point), again: trigger.again },
      };
    }
  }
}

function pointObject(point: OperationMark["point"]) {
  if (point.kind === "byte") return { byte: point.byte };
  return point.kind === "write-cycle" ? { write_cycle: time(point.into) } : { point: point.kind };
}

const expectedMail = ({ mail, sent }: ExpectedMail): string =>
  sent === undefined ? mail : `${mail} from ${time(seconds(sent.fromS))} to ${time(seconds(sent.toS))}`;

function expectationObject(expectation: Expectation) {
  switch (expectation.kind) {
    case "metric": {
      const { metric, min, max } = expectation;
      const value = (n: number) => (isDuration(metric) ? time(seconds(n)) : n);
      if (min === max) return { [metric]: value(min) };
      if (max === Number.POSITIVE_INFINITY) return { [metric]: `at least ${value(min)}` };
      return { [metric]: min === 0 ? `at most ${value(max)}` : `${value(min)} to ${value(max)}` };
    }
    case "failovers":
      return {
        failovers: expectation.list.map(
          ({ from, to, cycles }) =>
            `${from} to ${to}${cycles === undefined ? "" : ` within ${cycles} cycles`}`,
        ),
      };
    case "mails":
      return { mails: expectation.list.length === 0 ? "none" : expectation.list.map(expectedMail) };
    case "primary at the end":
      return { "primary at the end": expectation.nodes.length === 0 ? "none" : expectation.nodes };
  }
}

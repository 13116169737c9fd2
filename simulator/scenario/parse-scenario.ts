/**
 * Scenario files: YAML, checked as a whole before anything is played. docs/scenarios.md describes the form; every
 * mistake is reported with its line.
 */
import type { Micros } from "../engine/time.ts";
import { micros } from "../engine/time.ts";
import { readCluster, readTemperatures } from "./parse/cluster.ts";
import { duration, fieldsOf, optional, type Reader, text } from "./parse/fields.ts";
import { ANY_SEATS } from "./parse/node-numbers.ts";
import { reportActionsWithoutPower } from "./parse/power-order.ts";
import { readProtocols } from "./parse/protocols.ts";
import { readSteps } from "./parse/steps.ts";
import { DURATION_MAX } from "./parse/trigger.ts";
import { readYaml, type Tree } from "./parse/yaml-tree.ts";
import type { Scenario, Step } from "./scenario.ts";
import { Problems } from "./scenario-error.ts";

/** How a file is to be read. */
export interface ParseOptions {
  /** Number of nodes to play with, 2 to 8, in place of the file's. */
  readonly nodes?: number | undefined;
  /** The name that the scenario must have. @default any */
  readonly name?: string | undefined;
}

/** Most characters of a scenario's name: room for the longest name of a counterexample with two classes of faults. */
export const NAME_LENGTH_MAX = 64;

const KEYS = ["name", "line", "cluster", "duration", "temperatures", "steps", "protocols"] as const;
const REQUIRED = ["name", "line", "cluster", "duration", "steps", "protocols"] as const;
const NAME = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;
const readText = text(NAME_LENGTH_MAX);
const readLine = text(120);
const readDuration = duration(micros(1), DURATION_MAX);

/**
 * Parses a scenario file.
 * @param file its name, for messages
 * @throws ScenarioError with every mistake
 */
export function parseScenario(source: string, file: string, options: ParseOptions = {}): Scenario {
  const problems = new Problems();
  const tree = readYaml(source, problems);
  const scenario = tree && readScenario(problems, tree, options);
  if (scenario === undefined || !problems.none) throw problems.error(file);
  return scenario;
}

/** The scenario of a tree; not to be used when problems have been reported. */
function readScenario(problems: Problems, tree: Tree, options: ParseOptions): Scenario | undefined {
  const fields = fieldsOf(problems, tree, "a scenario", KEYS, REQUIRED);
  if (fields === undefined) return undefined;
  const of = <Value>(key: (typeof KEYS)[number], read: Reader<Value>): Value | undefined =>
    optional(problems, fields[key], key, read, undefined);
  const name = of("name", readName(options.name));
  const line = of("line", readLine);
  const cluster = of("cluster", (_, of) => readCluster(problems, of, options.nodes));
  const duration = of("duration", readDuration);
  const temperatures =
    fields.temperatures === undefined
      ? ({ kind: "room" } as const)
      : readTemperatures(problems, fields.temperatures);
  const seats = cluster?.seats ?? ANY_SEATS;
  const steps = of("steps", (_, of) => readSteps(problems, of, seats, duration ?? DURATION_MAX));
  const protocols = of("protocols", (_, of) => readProtocols(problems, of, seats));
  if (name === undefined || line === undefined || duration === undefined) return undefined;
  if (cluster?.setup === undefined || temperatures === undefined) return undefined;
  if (steps === undefined || protocols === undefined) return undefined;
  reportActionsWithoutPower(problems, cluster.setup, steps);
  const played = steps.map(({ step }) => step);
  return {
    name,
    line,
    cluster: cluster.setup,
    duration,
    shortest: lastTime(played),
    temperatures,
    steps: played,
    protocols,
  };
}

const readName =
  (wanted: string | undefined): Reader<string> =>
  (problems, tree, key) => {
    const name = readText(problems, tree, key);
    if (name === undefined) return undefined;
    if (!NAME.test(name))
      return problems.add(tree.line, `name takes words of a-z and 0-9 joined by "-", not "${name}"`);
    if (wanted !== undefined && name !== wanted)
      return problems.add(
        tree.line,
        `name is "${name}" in the file of "${wanted}"; use the same name for both`,
      );
    return name;
  };

/** The time of the last step; for one without a time, the earliest at which it may come. */
const lastTime = (steps: readonly Step[]): Micros =>
  Math.max(0, ...steps.map(({ trigger }) => (trigger.kind === "at" ? trigger.at : trigger.from))) as Micros;

/** Reads `expect:` of a protocol in a scenario file. */
import { BACKEND_KINDS, INCIDENT_KINDS, type IncidentKind } from "../../../lib/contract/incidents.ts";
import { inSeconds } from "../../engine/time.ts";
import { parseDuration } from "../durations.ts";
import { type Expectation, isDuration, METRICS, type Metric } from "../expectations.ts";
import type { Problems } from "../scenario-error.ts";
import { entriesOf, hint, itemsOf, shown } from "./fields.ts";
import { ANY_SEATS, existing, readSeat, type Seats } from "./node-numbers.ts";
import type { Tree } from "./yaml-tree.ts";

/** An expectation, and its line in the file. */
export interface PlacedExpectation {
  readonly line: number;
  readonly expectation: Expectation;
}

const METRIC_NAMES = Object.keys(METRICS) as Metric[];
const NAMES = [...METRIC_NAMES, "mails", "primary at the end"];

/** Reads an `expect:` list; items with mistakes are reported and left out. */
export function readExpectations(problems: Problems, tree: Tree, seats: Seats): PlacedExpectation[] {
  return itemsOf(problems, tree, "expect").flatMap((item) => {
    const entries = entriesOf(problems, item, "an expectation");
    if (entries !== undefined && entries.size !== 1)
      problems.add(item.line, "an expectation is a single name: value; begin each with a dash of its own");
    return [...(entries ?? [])].flatMap(([name, value]) => {
      const expectation = readExpectation(problems, name, value, seats);
      return expectation === undefined ? [] : [{ line: value.line, expectation }];
    });
  });
}

function readExpectation(
  problems: Problems,
  name: string,
  tree: Tree,
  seats: Seats,
): Expectation | undefined {
  if (name === "mails") return readMails(problems, tree, seats);
  if (name === "primary at the end") return readPrimaries(problems, tree, seats);
  if (name === "failovers" && (tree.kind === "list" || isNone(tree)))
    return readFailovers(problems, tree, seats);
  const metric = METRIC_NAMES.find((each) => each === name);
  if (metric !== undefined) return readRange(problems, metric, tree);
  return problems.add(tree.line, `unknown expectation "${name}"; ${hint(name, NAMES)}`);
}

/** Reads a range: `5`, `at most 5`, `at least 5`, `5 to 7`; durations if the metric is one. */
function readRange(problems: Problems, metric: Metric, tree: Tree): Expectation | undefined {
  const text = tree.kind === "scalar" ? String(tree.value) : "";
  const span = text.split(" to ");
  if (metric === "failovers" && span.length === 2)
    return problems.add(
      tree.line,
      `failovers: ${text} can be read in two ways; write [${text}] for a takeover, or at most N for how many`,
    );
  const [, bound, single] = /^(at most|at least) (.+)$/.exec(text) ?? [];
  const values = (single === undefined ? span : [single]).map((value) => readValue(metric, value));
  const [first, last = first] = values;
  if (first === undefined || last === undefined || values.length > 2)
    return problems.add(tree.line, `${metric} takes ${accepted(metric)}, not ${shown(tree)}`);
  if (first > last)
    return problems.add(tree.line, `${metric}: ${text} is empty; the smaller one comes first`);
  const max = bound === "at least" ? Number.POSITIVE_INFINITY : last;
  return { kind: "metric", metric, min: bound === "at most" ? 0 : first, max };
}

function readValue(metric: Metric, text: string): number | undefined {
  if (!isDuration(metric)) return /^\d{1,12}$/.test(text) ? Number(text) : undefined;
  const span = parseDuration(text);
  return span === undefined ? undefined : inSeconds(span);
}

const accepted = (metric: Metric): string =>
  isDuration(metric)
    ? "at most 50m, at least 50m, 20m to 50m or a single duration"
    : "a whole number N, at most N, at least N or N to M";

const isNone = (tree: Tree): boolean => tree.kind === "scalar" && tree.value === "none";

/** The items of a list; `none` is an empty list, a single value a list of one item. */
const listed = (tree: Tree): readonly Tree[] =>
  isNone(tree) ? [] : tree.kind === "list" ? tree.items : [tree];

/** Matches each item of a list. @returns the groups of each; undefined: one does not match */
function matched(problems: Problems, tree: Tree, pattern: RegExp, takes: string) {
  const matches = listed(tree).map((item) => {
    const match = item.kind === "scalar" ? pattern.exec(String(item.value)) : null;
    return match ?? problems.add(item.line, `${takes}, not ${shown(item)}`);
  });
  return matches.every((match) => match !== undefined) ? matches : undefined;
}

const FAILOVER = /^(\d+) to (\d+)(?: within (\d+(?:\.\d+)?) cycles?)?$/;

function readFailovers(problems: Problems, tree: Tree, seats: Seats): Expectation | undefined {
  const takes = "failovers lists takeovers such as 0 to 1, or 0 to 1 within 3 cycles";
  const list = matched(problems, tree, FAILOVER, takes)?.map(([text, from, to, cycles]) => {
    const nodes = [from, to].map((node) => existing(problems, tree.line, "node", Number(node), seats));
    if (nodes[0] !== undefined && nodes[0] === nodes[1])
      problems.add(tree.line, `failovers: ${text}; a node takes over from another`);
    return {
      from: Number(from),
      to: Number(to),
      cycles: cycles === undefined ? undefined : Number(cycles),
    };
  });
  return list && { kind: "failovers", list };
}

const MAIL = /^(?:digest|(firing|reminder|resolved) ([a-z-]+)#(\d+))(?: from (.+) to (.+))?$/;

function readMails(problems: Problems, tree: Tree, seats: Seats): Expectation | undefined {
  const takes =
    "mails lists mails such as firing node-dead#0, resolved cluster-silent#0 from 6h to 6h 20m, or digest; or is none";
  const list = matched(problems, tree, MAIL, takes)?.map(([text, state, kind, subject, from, to]) => {
    if (state !== undefined) checkIncident(problems, tree.line, kind!, Number(subject), seats);
    const mail = state === undefined ? "digest" : `${state} ${kind}#${subject}`;
    return { mail, sent: from === undefined ? undefined : readWindow(problems, tree.line, text, from, to!) };
  });
  return list && { kind: "mails", list };
}

/** Checks an incident's name, and the number after its `#`: a node's, a chip's, or 0. */
function checkIncident(problems: Problems, line: number, name: string, subject: number, seats: Seats): void {
  const kind = INCIDENT_KINDS.find((each) => each === name);
  if (kind === undefined) problems.add(line, `unknown incident "${name}"; ${hint(name, INCIDENT_KINDS)}`);
  else if (kind === "setup-fault")
    // A node's, or a chip's at whatever address it answers.
    existing(problems, line, "chip", subject, ANY_SEATS);
  else if (!OF_ALL.includes(kind))
    existing(problems, line, kind === "eeprom-unwritable" ? "chip" : "node", subject, seats);
  else if (subject !== 0) problems.add(line, `${name}#${subject}: it concerns no one node; write ${name}#0`);
}

const OF_ALL: readonly IncidentKind[] = [
  "cluster-silent",
  "split-brain",
  "sensor-disagreeing",
  ...BACKEND_KINDS,
];

/** Reads a stretch of the run. */
function readWindow(problems: Problems, line: number, text: string, from: string, to: string) {
  const [first, last] = [parseDuration(from), parseDuration(to)];
  if (first === undefined || last === undefined)
    return problems.add(line, `mails: ${text}; times of the run are durations such as 6h 20m`);
  if (first > last) return problems.add(line, `mails: ${text} is empty; the earlier time comes first`);
  return { fromS: inSeconds(first), toS: inSeconds(last) };
}

function readPrimaries(problems: Problems, tree: Tree, seats: Seats): Expectation | undefined {
  const name = "primary at the end (or none)";
  const nodes = listed(tree).map((item) => readSeat(problems, item, name, "node", seats));
  const known = nodes.filter((node) => node !== undefined);
  if (new Set(known).size < known.length)
    return problems.add(tree.line, "primary at the end names a node twice; name each once");
  return { kind: "primary at the end", nodes: known.sort((x, y) => x - y) };
}

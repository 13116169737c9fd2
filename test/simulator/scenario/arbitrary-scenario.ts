/** Random scenarios that are right, for tests. */
import * as fc from "fast-check";
import * as z from "zod/mini";
import { days, hours, type Instant, type Micros, millis } from "../../../simulator/engine/time.ts";
import { OPERATIONS, type OperationMark } from "../../../simulator/node/operations.ts";
import { type Expectation, isDuration, type Metric } from "../../../simulator/scenario/expectations.ts";
import { FAULT_NAMES, FAULTS, type Fault, type FaultName } from "../../../simulator/scenario/faults.ts";
import type { Action, ClusterSetup, Scenario, Step, Trigger } from "../../../simulator/scenario/scenario.ts";

/** Without -0, which no text keeps. */
const decimal = (min: number, max: number) => fc.double({ min, max, noNaN: true }).map((value) => value + 0);
const micros = (min: number, max: number) => fc.integer({ min, max }).map((span) => span as Micros);
const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined });
const line = (maxLength: number) =>
  fc
    .string({ unit: "grapheme", minLength: 1, maxLength })
    .filter(
      (text) => /^[^\p{C}\p{Zl}\p{Zp}{}]+$/u.test(text) && text.trim() !== "" && text.length <= maxLength,
    );

const cluster: fc.Arbitrary<ClusterSetup> = fc.integer({ min: 2, max: 8 }).chain((nodes) => {
  const forEach = (item: fc.Arbitrary<number>) =>
    maybe(fc.array(item, { minLength: nodes, maxLength: nodes }));
  return fc
    .record({
      nodes: fc.constant(nodes),
      start: fc.constantFrom("running" as const, "blank" as const),
      counters: forEach(fc.integer({ min: 0, max: 65_535 })),
      eepromPower: fc.constantFrom("shared" as const, "own" as const),
      witness: fc.boolean(),
      pullUps: fc.constantFrom("external" as const, "internal" as const, "missing" as const),
      unpowered: fc.constantFrom("stuck" as const, "no-ack" as const),
      watchdog: maybe(micros(1_000, days(1))),
      readmission: maybe(
        fc.record({ most: fc.nat({ max: 1_000 }), forgetWakes: fc.integer({ min: 1, max: 525_600 }) }),
      ),
      drift: forEach(decimal(-20, 20)),
      charge: forEach(decimal(0, 100)),
    })
    .map((setup) => ({
      ...setup,
      counters: setup.start === "blank" ? undefined : setup.counters,
      witness: setup.witness && nodes < 8,
    }));
});

function value(schema: z.core.JSONSchema.Schema): fc.Arbitrary<unknown> {
  const choices = schema.enum ?? schema.anyOf?.map((each) => (each as z.core.JSONSchema.Schema).const);
  if (choices !== undefined) return fc.constantFrom(...choices);
  const { minimum, exclusiveMinimum, maximum, exclusiveMaximum } = schema;
  if (schema.type === "integer")
    return fc.integer({ min: minimum ?? 0, max: maximum ?? Number(exclusiveMaximum) - 1 });
  return exclusiveMinimum === undefined
    ? decimal(minimum ?? 0, maximum ?? 1)
    : decimal(Number(exclusiveMinimum) + 0.001, maximum ?? 1);
}

/** All parameters given, but for those that may be absent. */
function fault(name: FaultName, { nodes, witness }: ClusterSetup): fc.Arbitrary<Fault> {
  const { properties = {}, required = [] } = z.toJSONSchema(FAULTS[name].schema, { io: "output" });
  const seats = (count: number) => fc.integer({ min: 0, max: count - 1 });
  const node = seats(nodes);
  const chip = seats(witness ? nodes + 1 : nodes);
  const known: Readonly<Record<string, fc.Arbitrary<unknown>>> = { node, with: node, chip };
  const parameters: Record<string, fc.Arbitrary<unknown>> = Object.fromEntries(
    Object.entries(properties).map(([key, schema]) => [
      key,
      known[key] ?? value(schema as z.core.JSONSchema.Schema),
    ]),
  );
  return fc
    .record(parameters, { requiredKeys: required })
    .map((given) => ({ kind: name, ...given }) as Fault)
    .filter((made) => !(made.kind === "wake-together" && made.with === made.node))
    .filter((made) => !(made.kind === "wrong-strap" && made.as === made.chip));
}

const mark: fc.Arbitrary<OperationMark> = fc.constantFrom(...OPERATIONS).chain((operation) => {
  const points: fc.Arbitrary<OperationMark["point"]>[] = [
    fc.constantFrom({ kind: "before" }, { kind: "after" }),
  ];
  if (operation === "read" || operation === "page-write")
    points.push(fc.record({ kind: fc.constant("byte"), byte: fc.integer({ min: 1, max: 64 }) }));
  if (operation === "page-write")
    points.push(fc.record({ kind: fc.constant("write-cycle"), into: micros(0, millis(100)) }));
  return fc.record({
    operation: fc.constant(operation),
    count: fc.integer({ min: 1, max: 1_000_000 }),
    point: fc.oneof(...points),
  });
});

function trigger(nodes: number, end: Micros): fc.Arbitrary<Trigger> {
  const at = fc.integer({ min: 0, max: end }).map((when) => when as Instant);
  return fc.oneof(
    fc.record(
      { kind: fc.constant("at" as const), at, every: micros(1_000_000, days(3_660)) },
      { requiredKeys: ["kind", "at"] },
    ),
    fc.record(
      {
        kind: fc.constant("operation" as const),
        node: fc.integer({ min: 0, max: nodes - 1 }),
        from: at,
        mark,
        again: fc.constant(true as const),
      },
      { requiredKeys: ["kind", "node", "from", "mark"] },
    ),
    fc.record({
      kind: fc.constant("chance" as const),
      times: fc.integer({ min: 1, max: 36_000 }).map((tenths) => tenths / 10),
      per: fc.constantFrom(hours(1), days(1), days(7), days(30), days(365)),
      from: at,
    }),
  );
}

/** A scenario either switches nodes or has a person at them: who types at one that is off is refused. */
function action(nodes: number, switches: boolean): fc.Arbitrary<Action> {
  const node = fc.integer({ min: 0, max: nodes - 1 });
  const kinds = switches
    ? (["power-on", "power-off", "replace-battery"] as const)
    : (["power-on", "press-reset", "replace-battery"] as const);
  const plain = fc.record({ kind: fc.constantFrom(...kinds), node });
  return switches
    ? plain
    : fc.oneof(plain, fc.record({ kind: fc.constant("reset-node" as const), node, subject: node }));
}

function steps(setup: ClusterSetup, end: Micros): fc.Arbitrary<Step[]> {
  const { nodes, start } = setup;
  return fc.boolean().chain((chosen) => {
    const own = { trigger: trigger(nodes, end), says: maybe(line(200)) };
    const acts = fc.record({
      kind: fc.constant("action" as const),
      action: action(nodes, chosen || start === "blank"),
      ...own,
    });
    const faults = fc.constantFrom(...FAULT_NAMES).chain((name) =>
      fc.record({
        kind: fc.constant("fault" as const),
        fault: fault(name, setup),
        lasts: FAULTS[name].lasting ? maybe(micros(1, days(3_660))) : fc.constant(undefined),
        ...own,
      }),
    );
    return fc.array(fc.oneof(acts, faults), { minLength: 1, maxLength: 6 });
  });
}

function range(metric: Metric, interval: boolean): fc.Arbitrary<Expectation> {
  const count = isDuration(metric)
    ? fc.integer({ min: 0, max: 1_000_000_000 }).map((span) => span / 1_000)
    : fc.integer({ min: 0, max: 100_000 });
  return fc
    .tuple(count, count, fc.constantFrom("exactly", "at most", "at least", ...(interval ? ["from"] : [])))
    .map(([x, y, form]) => {
      const [low, high] = [Math.min(x, y), Math.max(x, y)];
      const min = form === "at most" ? 0 : low;
      const max = form === "exactly" ? low : form === "at least" ? Number.POSITIVE_INFINITY : high;
      return { kind: "metric", metric, min, max };
    });
}

function expectations(nodes: number): fc.Arbitrary<Expectation[]> {
  const node = fc.integer({ min: 0, max: nodes - 1 });
  const failover = fc
    .record({ from: node, to: node, cycles: maybe(fc.integer({ min: 1, max: 99 })) })
    .filter(({ from, to }) => from !== to);
  const mail = fc.record({
    mail: fc.oneof(
      fc
        .tuple(fc.constantFrom("firing", "reminder", "resolved"), node)
        .map(([state, of]) => `${state} node-dead#${of}`),
      fc.constantFrom("firing cluster-silent#0", "resolved eeprom-unwritable#0", "digest"),
    ),
    sent: maybe(
      fc.tuple(fc.nat(99_999), fc.nat(99_999)).map(([fromS, more]) => ({ fromS, toS: fromS + more })),
    ),
  });
  // Of each group one at most: two may contradict one another.
  const groups: fc.Arbitrary<Expectation>[] = [
    range("readings stored", true),
    fc.oneof(range("readings lost", true), range("readings due", true)),
    range("longest gap", true),
    fc.oneof(range("expelled", true), range("wrongly expelled", true)),
    fc.oneof(
      range("failovers", false),
      fc.record({ kind: fc.constant("failovers" as const), list: fc.array(failover, { maxLength: 4 }) }),
    ),
    fc.oneof(
      range("firing mails", true),
      range("resolved mails", true),
      range("reminder mails", true),
      fc.record({ kind: fc.constant("mails" as const), list: fc.array(mail, { maxLength: 4 }) }),
    ),
    fc.oneof(
      range("primaries at once", true),
      fc.record({
        kind: fc.constant("primary at the end" as const),
        nodes: fc.uniqueArray(node, { maxLength: 8 }).map((found) => found.sort((x, y) => x - y)),
      }),
    ),
  ];
  return fc
    .tuple(...groups.map((group) => maybe(group)))
    .map((found) => found.filter((each) => each !== undefined))
    .filter((found) => found.length > 0);
}

export const arbitraryScenario: fc.Arbitrary<Scenario> = fc
  .tuple(cluster, micros(1_000_000, days(3_660)))
  .chain(([setup, duration]) =>
    fc.record({
      name: fc.stringMatching(/^[a-z][a-z0-9]{0,9}(?:-[a-z0-9]{1,9}){0,2}$/),
      line: line(120),
      cluster: fc.constant(setup),
      duration: fc.constant(duration),
      temperatures: fc.oneof(
        fc.constant({ kind: "room" as const }),
        fc.record({ kind: fc.constant("constant" as const), celsius: decimal(-55, 125) }),
      ),
      steps: steps(setup, duration),
      protocols: fc
        .record({ fails: maybe(line(300)), expect: expectations(setup.nodes) })
        .map((answer) => new Map([["article" as const, answer]])),
    }),
  )
  .map((scenario) => ({
    ...scenario,
    shortest: Math.max(
      ...scenario.steps.map((step) => (step.trigger.kind === "at" ? step.trigger.at : step.trigger.from)),
    ) as Micros,
  }));

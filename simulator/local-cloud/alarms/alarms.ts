/**
 * CloudWatch's alarms: evaluated on the cloud's clock, and published to their topics when they change.
 *
 * An alarm is evaluated only when its state can have changed: at the full minute after a datum, and when data leave its
 * window. Nothing runs while nothing happens, so that years of simulated time cost no more than their events.
 */
import type { CloudClock } from "../clock.ts";
import type { CloudLog } from "../cloud-log.ts";
import type { NotEmulated, ResolvedResource } from "../template/assembly.ts";
import type { Account } from "../template/resource-types.ts";
import { type AlarmDefinition, readAlarm } from "./alarm-definition.ts";
import { noticeOf } from "./alarm-notice.ts";
import { AlarmState, nextMinute, type StateChange } from "./alarm-state.ts";
import { type Datum, isCounted, type Metrics } from "./metric.ts";

/** What alarms need of the rest of the cloud. */
export interface AlarmPorts {
  /** Publishes to a topic. @throws Error when the topic's policy does not allow the alarm, or there is no such topic */
  publish(topicArn: string, alarmArn: string, notice: { readonly subject: string; message: string }): void;
}

/** The next evaluation of an alarm, as it is scheduled. */
interface Look {
  readonly atMs: number;
  readonly cancel: () => void;
}

const keyOf = ({ namespace, metric }: Pick<Datum, "namespace" | "metric">): string =>
  `${namespace} ${metric}`;

/** All alarms of the template: takes data, and publishes each change of state. */
export class Alarms implements Metrics {
  readonly #states: readonly AlarmState[];
  /** By namespace and metric: most data have no alarm. */
  readonly #byMetric = new Map<string, AlarmState[]>();
  readonly #looks = new Map<AlarmState, Look>();
  readonly #account: Account;
  readonly #ports: AlarmPorts;
  readonly #clock: CloudClock;
  readonly #log: CloudLog;

  /** @throws TemplateError when an alarm is of a kind that is not emulated */
  constructor(
    resources: readonly ResolvedResource[],
    account: Account,
    ports: AlarmPorts,
    clock: CloudClock,
    log: CloudLog,
  ) {
    this.#states = resources.map((resource) => new AlarmState(readAlarm(resource), clock.now()));
    for (const state of this.#states) {
      const key = keyOf(state.definition);
      this.#byMetric.set(key, [...(this.#byMetric.get(key) ?? []), state]);
    }
    this.#account = account;
    this.#ports = ports;
    this.#clock = clock;
    this.#log = log;
  }

  /** The metrics, with their alarms counted, that the local cloud does not write: those alarms never fire. */
  get notEmulated(): NotEmulated[] {
    const idle = this.#states
      .map(({ definition }) => definition)
      .filter(({ namespace, metric }) => !isCounted(namespace, metric))
      .map((definition) => `AWS::CloudWatch::Alarm: on ${keyOf(definition)}`);
    return [...new Set(idle)]
      .sort()
      .map((type) => ({ type, count: idle.filter((one) => one === type).length }));
  }

  /** Starts to evaluate. */
  start(): void {
    for (const state of this.#states) this.#plan(state);
  }

  stop(): void {
    for (const { cancel } of this.#looks.values()) cancel();
    this.#looks.clear();
  }

  wants(namespace: string, metric: string): boolean {
    return this.#byMetric.has(keyOf({ namespace, metric }));
  }

  take(datum: Datum): void {
    for (const state of this.#byMetric.get(keyOf(datum)) ?? []) {
      if (!state.definition.counts(datum)) continue;
      state.add(datum.value, datum.at);
      this.#lookAt(state, nextMinute(this.#clock.now()));
    }
  }

  #plan(state: AlarmState): void {
    const nextMs = state.nextChange(this.#clock.now());
    if (nextMs !== undefined) this.#lookAt(state, nextMs);
  }

  /** Schedules an evaluation, unless an earlier one is scheduled. */
  #lookAt(state: AlarmState, atMs: number): void {
    const planned = this.#looks.get(state);
    if (planned !== undefined && planned.atMs <= atMs) return;
    planned?.cancel();
    const cancel = this.#clock.schedule(atMs - this.#clock.now(), () => {
      this.#looks.delete(state);
      const change = state.evaluate(atMs);
      if (change !== undefined) this.#tell(state.definition, change);
      this.#plan(state);
    });
    this.#looks.set(state, { atMs, cancel });
  }

  #tell(definition: AlarmDefinition, change: StateChange): void {
    const { name, arn, alarmActions, okActions } = definition;
    const { to, reason } = change;
    const source = `alarm ${name}`;
    const fields = { alarm: name, state: to, reason };
    const at = this.#clock.now();
    this.#log({
      at,
      level: to === "ALARM" ? "warn" : "info",
      source,
      code: "alarm-state",
      text: `${to}: ${reason}`,
      fields,
    });
    const notice = noticeOf(definition, change, this.#account, at);
    for (const topicArn of to === "ALARM" ? alarmActions : okActions)
      try {
        this.#ports.publish(topicArn, arn, notice);
      } catch (error) {
        const text = `${topicArn} was not told of ${to}: ${String(error)}`;
        this.#log({ at, level: "error", source, code: "alarm-untold", text });
      }
  }
}

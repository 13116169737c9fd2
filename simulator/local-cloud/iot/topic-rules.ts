/**
 * The rules engine: each message that the broker accepts goes to every rule, or by Basic Ingest to one. A rule's
 * actions run side by side, and their failures go to its errorAction as one record, with the original message.
 *
 * Record: https://docs.aws.amazon.com/iot/latest/developerguide/rule-error-handling.html
 */
import type { Metrics } from "../alarms/metric.ts";
import type { Chaos } from "../chaos.ts";
import type { CloudClock } from "../clock.ts";
import type { CloudLog, LogLevel } from "../cloud-log.ts";
import { madeUpId } from "../random-id.ts";
import type { ResolvedResource } from "../template/assembly.ts";
import { type Ingest, ingestOf } from "./basic-ingest.ts";
import { outsideContract } from "./contract-check.ts";
import type { MessageContext } from "./iot-sql/payload.ts";
import { compileRule, type Rule } from "./iot-sql/rule.ts";
import type { SqlObject } from "./iot-sql/values.ts";
import { type Action, type ActionPorts, type ActionProperties, compileAction } from "./rule-actions.ts";

interface TopicRule {
  readonly name: string;
  readonly arn: string;
  enabled: boolean;
  readonly sql: Rule;
  readonly actions: readonly Action[];
  readonly errorAction: Action | undefined;
}

/** A message as the broker accepted it. */
export interface Message {
  readonly topic: string;
  readonly payload: Uint8Array;
  /** "n/a" for one that did not come over MQTT. */
  readonly clientId: string;
  /** Who was authenticated: the id of an MQTT client's certificate, the user of an HTTP request. */
  readonly principal?: string | undefined;
}

/** `clientid()`: "the ID of the MQTT client sending the message, or `n/a` if the message wasn't sent over MQTT". */
export const NO_CLIENT_ID = "n/a";

interface Failure {
  readonly failedAction: string;
  readonly failedResource: string;
  readonly errorMessage: string;
}

/** Compiles a rule. @throws TemplateError or SqlError when its SQL or an action is not emulated */
function compileTopicRule(resource: ResolvedResource, ports: ActionPorts): TopicRule {
  const where = `${resource.stack}/${resource.logicalId}`;
  const payload = resource.properties.TopicRulePayload as {
    readonly Sql: string;
    readonly AwsIotSqlVersion?: string;
    readonly Actions: readonly ActionProperties[];
    readonly ErrorAction?: ActionProperties;
    readonly RuleDisabled?: boolean;
  };
  const compile = (action: ActionProperties, path: string) =>
    compileAction(action, ports, resource.arn, `${where}.${path}`);
  return {
    name: resource.name,
    arn: resource.arn,
    enabled: payload.RuleDisabled !== true,
    sql: compileSql(payload.Sql, payload.AwsIotSqlVersion ?? "2015-10-08", `${where}.Sql`),
    actions: payload.Actions.map((action, i) => compile(action, `Actions[${i}]`)),
    errorAction: payload.ErrorAction === undefined ? undefined : compile(payload.ErrorAction, "ErrorAction"),
  };
}

/** Compiles a rule's SQL; an error also names the rule, because a template has several. */
function compileSql(sql: string, sqlVersion: string, where: string): Rule {
  try {
    return compileRule(sql, { sqlVersion });
  } catch (error) {
    if (error instanceof Error) error.message = `${where}: ${error.message}`;
    throw error;
  }
}

/** The template's rules: evaluates their statements for each message, and runs their actions. */
export class TopicRules {
  readonly #rules: readonly TopicRule[];
  readonly #clock: CloudClock;
  readonly #log: CloudLog;
  readonly #chaos: Chaos | undefined;
  #running = 0;
  readonly #idleWaiters: (() => void)[] = [];
  #told: () => void = () => {};
  readonly #metrics: Metrics | undefined;
  /** Late deliveries: the functions that cancel them. */
  readonly #late = new Set<() => void>();
  /** Number of messages given to a rule so far, and of ids made: they make each id differ from the one before. */
  #messages = 0;
  #uuids = 0;

  constructor(
    resources: readonly ResolvedResource[],
    ports: ActionPorts,
    clock: CloudClock,
    log: CloudLog,
    chaos?: Chaos,
    metrics?: Metrics,
  ) {
    this.#rules = resources.map((resource) => compileTopicRule(resource, ports));
    this.#clock = clock;
    this.#log = log;
    this.#chaos = chaos;
    this.#metrics = metrics;
  }

  get names(): string[] {
    return this.#rules.map(({ name }) => name);
  }

  /** All rules, as AWS IoT lists them. */
  get all(): readonly Pick<TopicRule, "name" | "arn" | "enabled">[] {
    return this.#rules;
  }

  /** Enables or disables a rule ("EnableTopicRule", "DisableTopicRule"). @returns false: there is no such rule */
  setEnabled(name: string, enabled: boolean): boolean {
    const rule = this.#rules.find((candidate) => candidate.name === name);
    if (rule === undefined) return false;
    rule.enabled = enabled;
    return true;
  }

  /** Gives a message to the rules; `idle` resolves when all their actions are done. */
  accept(message: Message): void {
    const ingest = ingestOf(message.topic);
    if (ingest !== undefined) return this.#ingest(ingest, message);
    for (const rule of this.#rules)
      if (rule.enabled && rule.sql.matches(message.topic)) this.#start(rule, message);
  }

  #ingest({ rule: name, topic }: Ingest, message: Message): void {
    const rule = this.#rules.find((candidate) => candidate.name === name);
    if (rule?.enabled === true) return this.#start(rule, { ...message, topic });
    this.#log({
      at: this.#clock.now(),
      level: "error",
      source: "rules",
      code: "rule-not-found",
      text: `RuleNotFound: no rule ${rule === undefined ? "is named" : "is enabled by the name"} "${name}", the ${described(message)} is lost`,
    });
  }

  #start(rule: TopicRule, message: Message): void {
    this.#track(this.#apply(rule, message));
  }

  #track(what: Promise<void>): void {
    this.#running += 1;
    void what.finally(() => {
      this.#running -= 1;
      if (this.#running === 0) for (const go of this.#idleWaiters.splice(0)) go();
      this.#told();
    });
  }

  /** Number of rules that run now, each counted for each message. */
  get running(): number {
    return this.#running;
  }

  /** Number of deliveries that injected faults delay. */
  get late(): number {
    return this.#late.size;
  }

  /** Calls `told` whenever a rule has ended. */
  onDone(told: () => void): void {
    this.#told = told;
  }

  /** Cancels late deliveries. */
  stop(): void {
    for (const cancel of this.#late) cancel();
    this.#late.clear();
  }

  /** Resolves when no action runs. A late delivery does not count as running. */
  async idle(): Promise<void> {
    while (this.#running > 0) await new Promise<void>((go) => this.#idleWaiters.push(go));
  }

  async #apply(rule: TopicRule, message: Message): Promise<void> {
    if (this.#metrics?.wants("AWS/IoT", "ParseError") === true && !isJson(message.payload))
      this.#count("ParseError", rule);
    let selected: SqlObject | undefined;
    try {
      selected = rule.sql.evaluate(this.#contextOf(rule, message));
    } catch (error) {
      return this.#failed(rule, message, [
        { failedAction: "SQL", failedResource: rule.name, errorMessage: textOf(error) },
      ]);
    }
    if (selected === undefined) return;
    const now: Promise<void>[] = [];
    for (const delayMs of this.#chaos?.deliveries(described(message)) ?? [0])
      if (delayMs === 0) now.push(this.#act(rule, message, selected));
      else this.#postpone(delayMs, () => this.#track(this.#act(rule, message, selected)));
    await Promise.all(now);
  }

  #contextOf({ name, arn }: TopicRule, message: Message): MessageContext {
    const timestampMs = this.#clock.now();
    const accountId = arn.split(":")[4];
    this.#messages += 1;
    const traced = message.clientId === NO_CLIENT_ID ? undefined : `trace ${this.#messages} ${timestampMs}`;
    return {
      ...message,
      timestampMs,
      ...(accountId === undefined ? {} : { accountId }),
      // A getter, because it costs a hash and few rules use it.
      get traceId() {
        return traced === undefined ? undefined : madeUpId(traced);
      },
      newUuid: () => {
        this.#uuids += 1;
        return madeUpId(`${name} ${this.#uuids} ${timestampMs}`);
      },
    };
  }

  #postpone(delayMs: number, task: () => void): void {
    const cancel = this.#clock.schedule(delayMs, () => {
      this.#late.delete(cancel);
      task();
    });
    this.#late.add(cancel);
  }

  async #act(rule: TopicRule, message: Message, selected: SqlObject): Promise<void> {
    const { actions } = rule;
    const outcomes = await Promise.allSettled(actions.map((action) => action.run(selected)));
    const failures = outcomes.flatMap((outcome, i) =>
      outcome.status === "fulfilled"
        ? []
        : [
            {
              failedAction: actions[i]!.name,
              failedResource: actions[i]!.resource,
              errorMessage: textOf(outcome.reason),
            },
          ],
    );
    const done = actions.filter((_, i) => outcomes[i]?.status === "fulfilled");
    if (done.length > 0) {
      const resources = done.map(({ name, resource }) => `${name} ${resource}`).join(", ");
      this.#entry("info", rule, "action-done", `${described(message)}: ${resources}`);
    }
    if (failures.length > 0) await this.#failed(rule, message, failures);
  }

  async #failed(rule: TopicRule, message: Message, failures: readonly Failure[]): Promise<void> {
    for (const { failedAction } of failures) this.#count("Failure", rule, { ActionType: failedAction });
    const wrong = outsideContract(message.topic, message.payload);
    // Where several actions fail in the same way, the words come once.
    const failed = new Set(
      failures.map(({ failedAction, errorMessage }) => `${failedAction}: ${errorMessage}`),
    );
    const text = [...(wrong === undefined ? [] : [`outside the contract (${wrong})`]), ...failed].join("; ");
    this.#entry("warn", rule, "action-failed", `${described(message)}: ${text}`, {
      topic: message.topic,
      failures,
    });
    if (rule.errorAction === undefined) {
      this.#entry(
        "error",
        rule,
        "message-lost",
        `the rule has no errorAction: the message on ${message.topic} is lost`,
      );
      return;
    }
    const record: SqlObject = {
      ruleName: rule.name,
      topic: message.topic,
      cloudwatchTraceId: "local",
      clientId: message.clientId,
      base64OriginalPayload: Buffer.from(message.payload).toString("base64"),
      failures: failures.map((failure) => ({ ...failure })),
    };
    try {
      await rule.errorAction.run(record);
    } catch (error) {
      const lost = `the errorAction failed as well, the message on ${message.topic} is lost: ${textOf(error)}`;
      this.#entry("error", rule, "message-lost", lost);
    }
  }

  /** https://docs.aws.amazon.com/iot/latest/developerguide/metrics_dimensions.html */
  #count(metric: string, { name }: TopicRule, dimensions: Readonly<Record<string, string>> = {}): void {
    const at = this.#clock.now();
    this.#metrics?.take({
      namespace: "AWS/IoT",
      metric,
      dimensions: { RuleName: name, ...dimensions },
      value: 1,
      at,
    });
  }

  #entry(level: LogLevel, rule: TopicRule, code: string, text: string, fields = {}): void {
    this.#log({ at: this.#clock.now(), level, source: `rule ${rule.name}`, code, text, fields });
  }
}

const senderOf = ({ clientId, principal }: Message): string =>
  clientId === NO_CLIENT_ID && principal !== undefined ? `${principal}, by HTTP,` : clientId;

/** Where a message came from and to, for the log. */
const described = (message: Message): string => `message of ${senderOf(message)} on ${message.topic}`;

function isJson(payload: Uint8Array): boolean {
  try {
    JSON.parse(Buffer.from(payload).toString("utf8"));
    return true;
  } catch {
    return false;
  }
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

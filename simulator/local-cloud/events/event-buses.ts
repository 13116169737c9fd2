/**
 * EventBridge: the buses of the template, and its rules.
 *
 * Emulated: events put by a function's success or failure destination, patterns (event-pattern.ts), functions as
 * targets, which get the event as it is, if their own policy allows the rule. Refused by name: other targets, roles of
 * targets, rules with a schedule, other forms of input. Not emulated: archives, replay, bus policies, the PutEvents API
 * for other clients, retries (the only failure here is a missing permission, which no retry changes).
 */
import type { CloudClock } from "../clock.ts";
import type { CloudLog } from "../cloud-log.ts";
import { madeUpId } from "../random-id.ts";
import type { ResolvedResource } from "../template/assembly.ts";
import { TemplateError } from "../template/intrinsics.ts";
import { only, type Properties, text } from "../template/properties.ts";
import type { Account } from "../template/resource-types.ts";
import { compilePattern } from "./event-pattern.ts";

/** What rules need of the rest of the cloud. */
export interface EventPorts {
  /** Invokes a function. @throws Error when its policy does not allow the rule, or there is no such function */
  invoke(functionArn: string, ruleArn: string, event: unknown): void;
  /** Puts an event that could not be delivered into a queue. @throws Error when there is no such queue */
  keep(queueArn: string, body: string, attributes: Readonly<Record<string, string>>): void;
}

/** An event as its source gives it; the bus adds the rest. */
export interface PutEvent {
  readonly source: string;
  readonly detailType: string;
  readonly resources: readonly string[];
  readonly detail: unknown;
}

interface Target {
  readonly function: string;
  readonly deadLetters: string | undefined;
}

interface Rule {
  readonly name: string;
  readonly arn: string;
  readonly bus: string;
  readonly matches: (event: unknown) => boolean;
  readonly targets: readonly Target[];
}

const RULE_KNOWN = ["Description", "EventBusName", "EventPattern", "Name", "State", "Targets"];
const TARGET_KNOWN = ["Arn", "DeadLetterConfig", "Id", "RetryPolicy"];

/** EventBridge: buses, rules with their patterns, and targets. */
export class EventBuses {
  readonly #buses: readonly ResolvedResource[];
  readonly #rules: readonly Rule[];
  readonly #account: Account;
  readonly #ports: EventPorts;
  readonly #clock: CloudClock;
  readonly #log: CloudLog;
  #taken = 0;

  /** @throws TemplateError when a rule has something that is not emulated */
  constructor(
    buses: readonly ResolvedResource[],
    rules: readonly ResolvedResource[],
    account: Account,
    ports: EventPorts,
    clock: CloudClock,
    log: CloudLog,
  ) {
    this.#buses = buses;
    this.#rules = rules.filter(({ properties }) => properties.State !== "DISABLED").map(compileRule);
    this.#account = account;
    this.#ports = ports;
    this.#clock = clock;
    this.#log = log;
  }

  /** Gives an event to the rules of a bus. @throws TemplateError when the template has no such bus */
  put(busArn: string, { source, detailType, resources, detail }: PutEvent): void {
    const bus = this.#buses.find(({ arn }) => arn === busArn);
    if (bus === undefined) throw new TemplateError(`the template has no event bus ${busArn}`);
    const { accountId, region } = this.#account;
    const event = {
      version: "0",
      id: madeUpId(`${busArn} ${this.#taken++}`),
      "detail-type": detailType,
      source,
      account: accountId,
      time: new Date(this.#clock.now()).toISOString().replace(/\.\d+Z$/, "Z"),
      region,
      resources,
      detail,
    };
    this.#note("info", `bus ${bus.name}`, "event-put", detailType, event);
    for (const rule of this.#rules)
      if (rule.bus === bus.name && rule.matches(event))
        for (const target of rule.targets) this.#deliver(rule, target, event);
  }

  #deliver({ name, arn }: Rule, { function: target, deadLetters }: Target, event: Properties): void {
    try {
      this.#ports.invoke(target, arn, event);
    } catch (error) {
      this.#note("warn", `rule ${name}`, "target-failed", `${target} was not invoked: ${String(error)}`);
      if (deadLetters === undefined)
        this.#note("error", `rule ${name}`, "event-lost", "the target has no dead-letter queue");
      // "Considerations for using a dead-letter queue".
      else
        this.#ports.keep(deadLetters, JSON.stringify(event), {
          ERROR_CODE: "NO_PERMISSIONS",
          ERROR_MESSAGE: String(error),
          RETRY_ATTEMPTS: "0",
          RULE_ARN: arn,
          TARGET_ARN: target,
        });
    }
  }

  #note(
    level: "info" | "warn" | "error",
    source: string,
    code: string,
    text: string,
    fields?: Properties,
  ): void {
    this.#log({
      at: this.#clock.now(),
      level,
      source,
      code,
      text,
      ...(fields === undefined ? {} : { fields }),
    });
  }
}

function compileRule({ stack, logicalId, name, arn, properties }: ResolvedResource): Rule {
  const where = `${stack}/${logicalId}`;
  only(properties, RULE_KNOWN, where);
  const targets = (properties.Targets ?? []) as readonly Properties[];
  return {
    name,
    arn,
    bus: typeof properties.EventBusName === "string" ? properties.EventBusName : "default",
    matches: compilePattern(properties.EventPattern, `${where}.EventPattern`),
    targets: targets.map((target, i) => compileTarget(target, `${where}.Targets[${i}]`)),
  };
}

function compileTarget(target: Properties, where: string): Target {
  only(target, TARGET_KNOWN, where);
  const arn = text(target, "Arn", where);
  if (!arn.startsWith("arn:aws:lambda:"))
    throw new TemplateError(`${where}: the target ${arn} is not emulated; functions are`);
  const deadLetters = target.DeadLetterConfig as { readonly Arn?: string } | undefined;
  return { function: arn, deadLetters: deadLetters?.Arn };
}

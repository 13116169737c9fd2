/**
 * EventBridge Scheduler, on the cloud's clock: a rate schedule invokes its function at once and then every period, with
 * the rights of its target's role.
 *
 * Source: EventBridge Scheduler user guide, "Schedule types" (a rate schedule without a start date starts at once),
 * "Adding context attributes", "Configuring a dead-letter queue". Refused by name: cron and one-time schedules, start
 * and end dates, flexible time windows, targets other than a function of the template. Not emulated: the delay of up to
 * 60 s; retries, because the only failure here is a missing permission, which no retry changes.
 */
import type { CloudClock } from "../clock.ts";
import type { CloudLog } from "../cloud-log.ts";
import { madeUpId } from "../random-id.ts";
import type { ResolvedResource } from "../template/assembly.ts";
import { TemplateError } from "../template/intrinsics.ts";
import { only, record, text } from "../template/properties.ts";

/** What schedules need of the rest of the cloud. */
export interface SchedulePorts {
  /** Invokes a function. @throws Error when the role may not, or there is no such function */
  invoke(functionArn: string, roleArn: string, payload: unknown): void;
  /** Sends to a dead-letter queue. @throws Error when the role may not */
  send(queueArn: string, roleArn: string, body: string, attributes: Readonly<Record<string, string>>): void;
}

interface Schedule {
  readonly name: string;
  readonly arn: string;
  readonly enabled: boolean;
  readonly periodMs: number;
  readonly target: string;
  readonly role: string;
  readonly input: string;
  readonly deadLetters: string | undefined;
}

const KNOWN = [
  "Description",
  "FlexibleTimeWindow",
  "GroupName",
  "Name",
  "ScheduleExpression",
  "State",
  "Target",
];
const TARGET_KNOWN = ["Arn", "DeadLetterConfig", "Input", "RetryPolicy", "RoleArn"];
const UNIT_MS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** Invokes the target of each schedule that is enabled, on the cloud's clock. */
export class Scheduler {
  readonly #schedules: readonly Schedule[];
  readonly #ports: SchedulePorts;
  readonly #clock: CloudClock;
  readonly #log: CloudLog;
  readonly #waiting = new Map<Schedule, () => void>();

  /** @throws TemplateError when a schedule is of a kind that is not emulated. */
  constructor(
    resources: readonly ResolvedResource[],
    ports: SchedulePorts,
    clock: CloudClock,
    log: CloudLog,
  ) {
    this.#schedules = resources.map(compile);
    this.#ports = ports;
    this.#clock = clock;
    this.#log = log;
  }

  get names(): string[] {
    return this.#schedules.map(({ name }) => name);
  }

  /** Starts the schedules: each invokes its target at once. */
  start(): void {
    for (const schedule of this.#schedules) if (schedule.enabled) this.#await(schedule, 0);
  }

  stop(): void {
    for (const cancel of this.#waiting.values()) cancel();
    this.#waiting.clear();
  }

  #await(schedule: Schedule, delayMs: number): void {
    const cancel = this.#clock.schedule(delayMs, () => {
      this.#await(schedule, schedule.periodMs);
      this.#invoke(schedule);
    });
    this.#waiting.set(schedule, cancel);
  }

  #invoke(schedule: Schedule): void {
    const { name, target, role, deadLetters } = schedule;
    const input = this.#fillIn(schedule);
    try {
      this.#ports.invoke(target, role, JSON.parse(input));
    } catch (error) {
      const text = `${name} could not invoke ${target}: ${String(error)}`;
      this.#note("warn", name, "schedule-failed", text);
      if (deadLetters !== undefined) this.#keep(schedule, deadLetters, input, String(error));
    }
  }

  /**
   * Sends what failed to the dead-letter queue: the input as body, the error as attributes ("Retrieve the dead-letter
   * event").
   */
  #keep({ name, arn, target, role }: Schedule, queueArn: string, input: string, why: string): void {
    const now = new Date(this.#clock.now()).toISOString();
    try {
      this.#ports.send(queueArn, role, input, {
        ERROR_CODE: "AccessDeniedException",
        ERROR_MESSAGE: why,
        EXECUTION_ID: madeUpId(`${arn} ${now}`),
        IS_PAYLOAD_TRUNCATED: "false",
        RETRY_ATTEMPTS: "0",
        SCHEDULED_TIME: inSeconds(now),
        SCHEDULE_ARN: arn,
        TARGET_ARN: target,
      });
    } catch (error) {
      this.#note("error", name, "schedule-lost", `the dead-letter queue refused it: ${String(error)}`);
    }
  }

  /** The input with its context attributes filled in; times are without milliseconds. */
  #fillIn({ arn, input }: Schedule): string {
    const now = new Date(this.#clock.now()).toISOString();
    const attributes: Readonly<Record<string, string>> = {
      "schedule-arn": arn,
      "scheduled-time": inSeconds(now),
      "execution-id": madeUpId(`${arn} ${now}`),
      "attempt-number": "1",
    };
    return input.replace(/<aws\.scheduler\.([a-z-]+)>/g, (whole, name: string) => attributes[name] ?? whole);
  }

  #note(level: "warn" | "error", name: string, code: string, text: string): void {
    this.#log({ at: this.#clock.now(), level, source: `schedule ${name}`, code, text });
  }
}

const inSeconds = (iso: string): string => iso.replace(/\.\d+Z$/, "Z");

function compile({ stack, logicalId, name, arn, properties }: ResolvedResource): Schedule {
  const where = `${stack}/${logicalId}`;
  only(properties, KNOWN, where);
  const window = record(properties.FlexibleTimeWindow, `${where}.FlexibleTimeWindow`);
  if (window.Mode !== "OFF") throw new TemplateError(`${where}: flexible time windows are not emulated`);
  const target = record(properties.Target, `${where}.Target`);
  only(target, TARGET_KNOWN, `${where}.Target`);
  const deadLetters = target.DeadLetterConfig as { readonly Arn?: string } | undefined;
  const input = target.Input === undefined ? "{}" : text(target, "Input", `${where}.Target`);
  return {
    name,
    arn,
    enabled: properties.State !== "DISABLED",
    periodMs: periodOf(text(properties, "ScheduleExpression", where), where),
    target: functionArn(text(target, "Arn", `${where}.Target`), where),
    role: text(target, "RoleArn", `${where}.Target`),
    input: checked(input, where),
    deadLetters: deadLetters?.Arn,
  };
}

function periodOf(expression: string, where: string): number {
  const [, count = "", unit = ""] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  const periodMs = Number(count) * (UNIT_MS[unit] ?? 0);
  if (periodMs > 0) return periodMs;
  throw new TemplateError(`${where}: the schedule ${expression} is not emulated; rate(N minutes) is`);
}

function functionArn(arn: string, where: string): string {
  if (/^arn:aws:lambda:[^:]*:\d+:function:[^:]+$/.test(arn)) return arn;
  throw new TemplateError(`${where}: the target ${arn} is not emulated; functions are`);
}

/** The input, which must be JSON; its context attributes are inside texts. @throws TemplateError when it is not */
function checked(input: string, where: string): string {
  try {
    JSON.parse(input);
    return input;
  } catch {
    throw new TemplateError(`${where}.Target.Input: expected JSON, found ${input}`);
  }
}

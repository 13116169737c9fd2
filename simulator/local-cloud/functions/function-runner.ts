/**
 * Runs a function of the template. Asynchronous invocations come from an event queue; they are retried with the same
 * request id after one and after two more minutes of the cloud's time. Their record then goes to the failure or the
 * success destination. Synchronous invocations have one attempt, and their caller waits for its outcome.
 *
 * Source: Lambda developer guide, "Error handling for asynchronous invocations" and "Destinations". Not emulated:
 * throttling below the concurrency limit, and of synchronous invocations at it; versions and aliases; Lambda's own
 * duplicate deliveries.
 */
import { embeddedMetrics } from "../alarms/embedded-metrics.ts";
import type { Metrics } from "../alarms/metric.ts";
import type { Chaos } from "../chaos.ts";
import type { CloudClock } from "../clock.ts";
import type { CloudLog, LogLevel } from "../cloud-log.ts";
import { madeUpId } from "../random-id.ts";
import { ExecutionEnvironment, type Outcome } from "./environment.ts";

/** A function of the template, its bundle, and where its results go. */
export interface FunctionOptions {
  readonly name: string;
  readonly arn: string;
  readonly file: string;
  readonly exportName: string;
  readonly timeoutS: number;
  readonly memoryMb: number;
  readonly env: Readonly<Record<string, string>>;
  /** Attempts after the first, at most. */
  readonly retries: number;
  readonly eventAgeMaxS: number;
  /** Takes the record of an event that has failed for good; undefined: it is lost, and logged as lost. */
  readonly onFailure: Destination | undefined;
  /** Takes the record of an event that has succeeded; undefined: nothing does. */
  readonly onSuccess: Destination | undefined;
  readonly clock: CloudClock;
  readonly log: CloudLog;
  readonly chaos?: Pick<Chaos, "crashPoint"> | undefined;
  /** Called at the end of each attempt. */
  readonly onDone?: () => void;
  /** Takes Lambda's metrics of the function, and those in its log lines. @default none */
  readonly metrics?: Metrics | undefined;
  /** Most environments at a time. @default 10, the concurrency of a new account */
  readonly concurrency?: number;
}

/** Takes the record of an asynchronous invocation to its destination. @throws Error when the role may not */
export type Destination = (record: InvocationRecord) => void;

/** The record of an asynchronous invocation: request and response (Lambda developer guide, "Destinations"). */
export interface InvocationRecord {
  readonly version: "1.0";
  readonly timestamp: string;
  readonly requestContext: {
    readonly requestId: string;
    readonly functionArn: string;
    readonly condition: "Success" | "RetriesExhausted" | "EventAgeExceeded";
    readonly approximateInvokeCount: number;
  };
  readonly requestPayload: unknown;
  readonly responseContext: Readonly<Record<string, unknown>>;
  readonly responsePayload: unknown;
}

interface Event {
  readonly requestId: string;
  readonly payload: string;
  readonly acceptedMs: number;
  readonly attempt: number;
}

const RETRY_AFTER_MS = [60_000, 120_000] as const;
const CONCURRENCY = 10;
const LEVELS: readonly LogLevel[] = ["info", "warn", "error"];

/** Runs one function: environments, asynchronous retries, destinations, log. */
export class FunctionRunner {
  readonly #options: FunctionOptions;
  readonly #idleEnvironments: ExecutionEnvironment[] = [];
  readonly #busyEnvironments = new Set<ExecutionEnvironment>();
  readonly #waiting: Event[] = [];
  readonly #running = new Set<Promise<void>>();
  readonly #retries = new Set<() => void>();
  #accepted = 0;
  #stopped = false;

  constructor(options: FunctionOptions) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.name;
  }

  get arn(): string {
    return this.#options.arn;
  }

  /** Number of retries that wait for the cloud's clock. */
  get pendingRetries(): number {
    return this.#retries.size;
  }

  /**
   * Loads one environment before the first event; an event that comes meanwhile waits for it.
   * @throws Error when the bundle cannot be loaded.
   */
  async warm(): Promise<void> {
    const environment = this.#newEnvironment();
    this.#idleEnvironments.push(environment);
    const loaded = await environment.loaded();
    if (!loaded.ok)
      throw new Error(`${this.#options.name} cannot be loaded: ${loaded.errorType}: ${loaded.errorMessage}`);
  }

  /** Queues an event; nothing is returned of what becomes of it. */
  invokeAsync(payload: unknown): void {
    if (this.#stopped) return;
    this.#waiting.push(this.#accept(payload));
    this.#dispatch();
  }

  /** Invokes at once, with one attempt; no record of it goes to a destination. */
  async invoke(payload: unknown): Promise<Outcome> {
    if (this.#stopped)
      return { ok: false, errorType: "Runtime.ExitError", errorMessage: "the function was ended" };
    const outcome = this.#run(this.#accept(payload));
    this.#track(outcome.then(() => {}));
    return outcome;
  }

  #accept(payload: unknown): Event {
    const { clock, name } = this.#options;
    // An id that is the same in every run: no chance in a simulation comes from outside its seed.
    const requestId = madeUpId(`${name} ${this.#accepted++}`);
    return { requestId, payload: JSON.stringify(payload), acceptedMs: clock.now(), attempt: 1 };
  }

  /** Number of events that run or wait for an environment, without retries that wait for the clock. */
  get queued(): number {
    return this.#running.size + this.#waiting.length;
  }

  /** Whether an event runs or is queued. */
  get busy(): boolean {
    return this.#running.size > 0;
  }

  /** Resolves when nothing runs and nothing is queued; a retry that waits for the clock does not count. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  /** Ends what runs and drops what waits; these events are neither retried nor reported. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const cancel of this.#retries) cancel();
    this.#retries.clear();
    this.#waiting.length = 0;
    const environments = [...this.#idleEnvironments.splice(0), ...this.#busyEnvironments];
    await Promise.all(environments.map((environment) => environment.end()));
    await this.idle();
  }

  #dispatch(): void {
    while (this.#waiting.length > 0 && this.#running.size < (this.#options.concurrency ?? CONCURRENCY)) {
      this.#track(this.#attempt(this.#waiting.shift()!));
    }
  }

  #track(attempt: Promise<void>): void {
    const work = attempt.finally(() => {
      this.#running.delete(work);
      this.#dispatch();
      this.#options.onDone?.();
    });
    this.#running.add(work);
  }

  async #attempt(event: Event): Promise<void> {
    const outcome = await this.#run(event);
    if (this.#stopped) return;
    if (outcome.ok) this.#succeeded(event, outcome.result);
    else this.#failed(event, outcome);
  }

  /** One attempt, in an environment of its own for as long as it takes. */
  async #run(event: Event): Promise<Outcome> {
    const { clock, name, arn, memoryMb, chaos } = this.#options;
    const startedMs = clock.now();
    const environment = this.#takeEnvironment();
    this.#busyEnvironments.add(environment);
    const outcome = await environment.invoke({
      epochMs: startedMs,
      payload: event.payload,
      crash: chaos?.crashPoint(name),
      context: {
        awsRequestId: event.requestId,
        functionName: name,
        functionVersion: "$LATEST",
        invokedFunctionArn: arn,
        memoryLimitInMB: String(memoryMb),
        logGroupName: `/aws/lambda/${name}`,
        logStreamName: "local",
        callbackWaitsForEmptyEventLoop: false,
      },
    });
    this.#busyEnvironments.delete(environment);
    if (this.#stopped) {
      await environment.end();
      return outcome;
    }
    // "The timestamp on a metric reflects when the function was invoked."
    this.#count("Invocations", 1, startedMs);
    this.#count("Errors", outcome.ok ? 0 : 1, startedMs);
    if (!environment.dead) this.#idleEnvironments.push(environment);
    return outcome;
  }

  #failed(event: Event, outcome: Outcome & { ok: false }): void {
    const { clock, retries, eventAgeMaxS } = this.#options;
    const what = `${outcome.errorType}: ${outcome.errorMessage}`;
    const delayMs = RETRY_AFTER_MS[event.attempt - 1] ?? RETRY_AFTER_MS[1];
    const tooOld = clock.now() + delayMs - event.acceptedMs > eventAgeMaxS * 1_000;
    const exhausted = event.attempt > retries;
    if (exhausted || tooOld) {
      this.#entry(
        "error",
        "event-failed",
        `gave up after ${event.attempt} attempts, request ${event.requestId}: ${what}`,
      );
      return this.#giveUp(event, outcome, exhausted ? "RetriesExhausted" : "EventAgeExceeded");
    }
    const next = { ...event, attempt: event.attempt + 1 };
    this.#entry(
      "warn",
      "attempt-failed",
      `attempt ${event.attempt} failed, again in ${delayMs / 1_000} s: ${what}`,
    );
    const cancel = clock.schedule(delayMs, () => {
      this.#retries.delete(cancel);
      this.#waiting.push(next);
      this.#dispatch();
    });
    this.#retries.add(cancel);
  }

  #succeeded(event: Event, result: string): void {
    const { onSuccess } = this.#options;
    if (onSuccess === undefined) return;
    const record = this.#record(event, "Success", { statusCode: 200, executedVersion: "$LATEST" }, result);
    try {
      onSuccess(record);
    } catch (error) {
      this.#count("DestinationDeliveryFailures", 1);
      const text = `the success destination refused request ${event.requestId}: ${String(error)}`;
      this.#entry("error", "result-lost", text);
    }
  }

  #giveUp(
    event: Event,
    { errorType, errorMessage }: Outcome & { ok: false },
    condition: "RetriesExhausted" | "EventAgeExceeded",
  ): void {
    const { onFailure } = this.#options;
    if (onFailure === undefined) {
      this.#entry(
        "error",
        "event-lost",
        `the function has no failure destination: request ${event.requestId} is lost`,
      );
      return;
    }
    const response = { statusCode: 200, executedVersion: "$LATEST", functionError: "Unhandled" };
    const record = this.#record(event, condition, response, JSON.stringify({ errorType, errorMessage }));
    try {
      onFailure(record);
    } catch (error) {
      this.#count("DestinationDeliveryFailures", 1);
      this.#entry(
        "error",
        "event-lost",
        `the failure destination refused request ${event.requestId}: ${String(error)}`,
      );
    }
  }

  #record(
    event: Event,
    condition: InvocationRecord["requestContext"]["condition"],
    responseContext: InvocationRecord["responseContext"],
    result: string,
  ): InvocationRecord {
    const { arn, clock } = this.#options;
    return {
      version: "1.0",
      timestamp: new Date(clock.now()).toISOString(),
      requestContext: {
        requestId: event.requestId,
        functionArn: `${arn}:$LATEST`,
        condition,
        approximateInvokeCount: event.attempt,
      },
      requestPayload: JSON.parse(event.payload) as unknown,
      responseContext,
      responsePayload: JSON.parse(result) as unknown,
    };
  }

  /** A warm environment, else a new one. One that died while idle, for example in a timer, is dropped. */
  #takeEnvironment(): ExecutionEnvironment {
    for (;;) {
      const environment = this.#idleEnvironments.pop();
      if (environment === undefined) return this.#newEnvironment();
      if (!environment.dead) return environment;
    }
  }

  #newEnvironment(): ExecutionEnvironment {
    const { file, exportName, timeoutS, memoryMb, env, clock } = this.#options;
    return new ExecutionEnvironment({
      file,
      exportName,
      timeoutMs: timeoutS * 1_000,
      memoryMb,
      env,
      epochMs: clock.now(),
      onLine: (line) => this.#printed(line),
    });
  }

  /** Logs a line that the function printed; if it is a JSON object, with its fields. */
  #printed(line: string): void {
    const fields = fieldsOf(line);
    const { metrics } = this.#options;
    if (metrics !== undefined && fields !== undefined)
      for (const datum of embeddedMetrics(fields)) metrics.take(datum);
    const level = LEVELS.find((known) => known === fields?.level) ?? "info";
    this.#options.log({
      at: this.#options.clock.now(),
      level,
      source: `function ${this.#options.name}`,
      code: "function-log",
      text: line,
      ...(fields === undefined ? {} : { fields }),
    });
  }

  #count(metric: string, value: number, at = this.#options.clock.now()): void {
    const dimensions = { FunctionName: this.#options.name };
    this.#options.metrics?.take({ namespace: "AWS/Lambda", metric, dimensions, value, at });
  }

  #entry(level: LogLevel, code: string, text: string): void {
    this.#options.log({
      at: this.#options.clock.now(),
      level,
      source: `function ${this.#options.name}`,
      code,
      text,
    });
  }
}

function fieldsOf(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null
      ? (value as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** The functions of the template, and who may invoke them. */
import { join } from "node:path";
import type { Metrics } from "../alarms/metric.ts";
import type { Chaos } from "../chaos.ts";
import type { CloudClock } from "../clock.ts";
import type { CloudLog } from "../cloud-log.ts";
import type { Assembly, ResolvedResource } from "../template/assembly.ts";
import { TemplateError } from "../template/intrinsics.ts";
import { record, text } from "../template/properties.ts";
import type { Outcome } from "./environment.ts";
import { type Destination, FunctionRunner, type InvocationRecord } from "./function-runner.ts";

/** What functions need of the rest of the cloud. */
export interface FunctionPorts {
  readonly clock: CloudClock;
  readonly log: CloudLog;
  readonly chaos?: Chaos | undefined;
  readonly metrics?: Metrics | undefined;
  /** The access key id for calls with a role's rights. */
  readonly accessKeyId: (roleArn: string) => string;
  /** By service: `AWS_ENDPOINT_URL_<SERVICE>` for the SDK. */
  readonly endpoints: Readonly<Record<string, string>>;
  readonly region: string;
  /** Takes the record of an invocation to one of the function's destinations. @throws Error when its role may not. */
  readonly deliver: (destinationArn: string, roleArn: string, record: InvocationRecord) => void;
}

/** The service of a rule that invokes a function: AWS IoT, or EventBridge. */
export type RuleService = "iot" | "events";

/** The template's functions, and who may invoke them. */
export interface Functions {
  /** Invokes asynchronously for a service's rule. @throws Error when no permission of the function allows the rule */
  invokeByRule(service: RuleService, functionArn: string, ruleArn: string, payload: unknown): void;
  /** Invokes asynchronously for a caller whose role allows it. @throws TemplateError when there is no such function. */
  invokeAsync(functionArn: string, payload: unknown): void;
  /** The same, synchronously: one attempt, to its end. @throws TemplateError when there is no such function. */
  invokeAndWait(functionArn: string, payload: unknown): Promise<Outcome>;
  /** Invokes for a request to the function's URL. @throws Error when its policy does not allow everybody */
  invokeByUrl(functionArn: string, event: unknown): Promise<Outcome>;
  /** The function's ARN, by its name or ARN; undefined when there is none. */
  find(nameOrArn: string): string | undefined;
  /** Loads each function before its first event. */
  warm(): Promise<void>;
  /** Number of events that run or wait for an environment. */
  readonly queued: number;
  /** Number of retries that wait for the cloud's clock. */
  readonly pendingRetries: number;
  /** Calls `told` at the end of each attempt. */
  onDone(told: () => void): void;
  /** Resolves when no function runs, also none that another has invoked. */
  idle(): Promise<void>;
  stop(): Promise<void>;
}

/** The properties that a function may leave out. */
interface FunctionOptions {
  readonly Timeout?: number;
  readonly MemorySize?: number;
  readonly Environment?: { readonly Variables?: Readonly<Record<string, string>> };
}

interface InvokeConfig {
  readonly FunctionName?: string;
  readonly MaximumRetryAttempts?: number;
  readonly MaximumEventAgeInSeconds?: number;
  readonly DestinationConfig?: {
    readonly OnFailure?: { readonly Destination: string };
    readonly OnSuccess?: { readonly Destination: string };
  };
}

/** Defaults of the Lambda API. */
const TIMEOUT_S = 3;
const MEMORY_MB = 128;
/** Limit of all variables as JSON, escapes included ("Lambda quotas", environment variables). */
const ENVIRONMENT_BYTES_MAX = 4_096;
const RETRIES = 2;
const EVENT_AGE_MAX_S = 21_600;

const DESTINATION = /^arn:aws:(?:sqs|events):/;

/** Loads the functions. @throws TemplateError when one has a runtime or destination that is not emulated */
export function loadFunctions(assembly: Assembly, ports: FunctionPorts): Functions {
  const configs = assembly
    .resources("AWS::Lambda::EventInvokeConfig")
    .map(({ properties }) => properties as InvokeConfig);
  let done = (): void => {};
  const runners = new Map(
    assembly.resources("AWS::Lambda::Function").map((resource) => {
      const config = configs.find(
        ({ FunctionName }) => FunctionName === resource.name || FunctionName === resource.arn,
      );
      return [resource.arn, createRunner(assembly, resource, config, ports, () => done())] as const;
    }),
  );
  const permissions = assembly.resources("AWS::Lambda::Permission").map(({ properties }) => properties);
  const all = [...runners.values()];
  const of = (functionArn: string): FunctionRunner => {
    const runner = runners.get(functionArn);
    if (runner === undefined) throw new TemplateError(`the template has no function ${functionArn}`);
    return runner;
  };
  const demand = (functionArn: string, caller: string, wanted: Wanted): void => {
    if (permissions.some((permission) => permits(permission, functionArn, wanted))) return;
    throw new Error(`AccessDeniedException: no AWS::Lambda::Permission lets ${caller} invoke ${functionArn}`);
  };

  return {
    invokeByRule: (service, functionArn, ruleArn, payload) => {
      const runner = of(functionArn);
      demand(functionArn, ruleArn, { ...INVOKE, Principal: `${service}.amazonaws.com`, SourceArn: ruleArn });
      runner.invokeAsync(payload);
    },
    invokeAsync: (functionArn, payload) => of(functionArn).invokeAsync(payload),
    invokeAndWait: (functionArn, payload) => of(functionArn).invoke(payload),
    invokeByUrl: (functionArn, event) => {
      const runner = of(functionArn);
      for (const needed of BY_URL) demand(functionArn, "everybody, by its URL,", needed);
      return runner.invoke(event);
    },
    find: (nameOrArn) => all.find(({ name, arn }) => nameOrArn === name || nameOrArn === arn)?.arn,
    warm: async () => void (await Promise.all(all.map((runner) => runner.warm()))),
    get queued() {
      return sum(all.map(({ queued }) => queued));
    },
    get pendingRetries() {
      return sum(all.map(({ pendingRetries }) => pendingRetries));
    },
    onDone: (told) => {
      done = told;
    },
    idle: async () => {
      while (all.some(({ busy }) => busy)) await Promise.all(all.map((runner) => runner.idle()));
    },
    stop: async () => void (await Promise.all(all.map((runner) => runner.stop()))),
  };
}

const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);

/** What a statement of a function's resource policy must contain; it may lack SourceArn. */
type Wanted = Readonly<Record<string, unknown>>;
const INVOKE = { Action: "lambda:InvokeFunction" };
/**
 * The two statements by which everybody may use a URL; both since October 2025 ("Control access to Lambda function
 * URLs").
 */
const BY_URL: readonly Wanted[] = [
  { Action: "lambda:InvokeFunctionUrl", Principal: "*", FunctionUrlAuthType: "NONE" },
  { ...INVOKE, Principal: "*", InvokedViaFunctionUrl: true },
];

const permits = (permission: Wanted, functionArn: string, wanted: Wanted): boolean =>
  (permission.FunctionName === functionArn || functionArn.endsWith(`:${permission.FunctionName}`)) &&
  Object.entries(wanted).every(
    ([name, value]) => permission[name] === value || (name === "SourceArn" && permission[name] === undefined),
  );

function createRunner(
  assembly: Assembly,
  { stack, logicalId, name, arn, properties }: ResolvedResource,
  config: InvokeConfig | undefined,
  ports: FunctionPorts,
  onDone: () => void,
): FunctionRunner {
  const where = `${stack}/${logicalId}`;
  const runtime = text(properties, "Runtime", where);
  const role = text(properties, "Role", where);
  const code = record(properties.Code, `${where}.Code`);
  const { Timeout, MemorySize, Environment } = properties as FunctionOptions;
  const bytes = Buffer.byteLength(JSON.stringify(Environment?.Variables ?? {}));
  if (bytes > ENVIRONMENT_BYTES_MAX)
    throw new TemplateError(
      `${where}: its environment is JSON of ${bytes} bytes, and Lambda takes ${ENVIRONMENT_BYTES_MAX}`,
    );
  if (!runtime.startsWith("nodejs"))
    throw new TemplateError(`${where}: the runtime ${runtime} is not emulated; nodejs ones are`);
  const [file = "", exportName = ""] = text(properties, "Handler", where).split(".");
  const taskRoot = assembly.assetDir(text(code, "S3Key", `${where}.Code`), where);
  const memoryMb = MemorySize ?? MEMORY_MB;
  const destination = (asked: { readonly Destination: string } | undefined): Destination | undefined => {
    if (asked === undefined) return undefined;
    if (!DESTINATION.test(asked.Destination))
      throw new TemplateError(
        `${where}: the destination ${asked.Destination} is not emulated; queues and event buses are`,
      );
    return (invocation) => ports.deliver(asked.Destination, role, invocation);
  };
  const { OnFailure, OnSuccess } = config?.DestinationConfig ?? {};
  return new FunctionRunner({
    name,
    arn,
    file: join(taskRoot, `${file}.js`),
    exportName,
    onDone,
    timeoutS: Timeout ?? TIMEOUT_S,
    memoryMb,
    retries: config?.MaximumRetryAttempts ?? RETRIES,
    eventAgeMaxS: config?.MaximumEventAgeInSeconds ?? EVENT_AGE_MAX_S,
    onFailure: destination(OnFailure),
    onSuccess: destination(OnSuccess),
    clock: ports.clock,
    log: ports.log,
    chaos: ports.chaos,
    metrics: ports.metrics,
    env: {
      ...Environment?.Variables,
      ...Object.fromEntries(
        Object.entries(ports.endpoints).map(([service, url]) => [`AWS_ENDPOINT_URL_${service}`, url]),
      ),
      AWS_ACCESS_KEY_ID: ports.accessKeyId(role),
      AWS_SECRET_ACCESS_KEY: "local",
      AWS_REGION: ports.region,
      AWS_DEFAULT_REGION: ports.region,
      AWS_EXECUTION_ENV: `AWS_Lambda_${runtime}`,
      AWS_LAMBDA_FUNCTION_NAME: name,
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb),
      AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
      LAMBDA_TASK_ROOT: taskRoot,
      // Without it the SDK would read this machine's ~/.aws/config, where a setting may contradict a local endpoint.
      HOME: taskRoot,
      // Only here: the deployed runtime is one that the SDK goes on supporting.
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
      TZ: ":UTC",
    },
  });
}

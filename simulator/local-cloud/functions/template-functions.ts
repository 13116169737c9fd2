/** The functions of the template, and who may call them. */
import { join } from "node:path";
import type { CloudClock } from "../clock.ts";
import type { CloudLog } from "../cloud-log.ts";
import type { Assembly, ResolvedResource } from "../template/assembly.ts";
import { TemplateError } from "../template/intrinsics.ts";
import { FunctionRunner } from "./function-runner.ts";

export interface FunctionPorts {
  readonly clock: CloudClock;
  readonly log: CloudLog;
  /** The key that a role's calls are made with. */
  readonly accessKeyId: (roleArn: string) => string;
  /** `AWS_ENDPOINT_URL_<SERVICE>` for the SDK. */
  readonly endpoints: Readonly<Record<string, string>>;
  readonly region: string;
  /** @throws Error when the role may not send to the queue. */
  readonly onFailure: (queueArn: string, roleArn: string, record: string) => void;
}

export interface Functions {
  /** Invokes asynchronously on behalf of a rule. @throws Error when no permission of the function lets the rule. */
  invoke(functionArn: string, ruleArn: string, payload: unknown): void;
  /** Loads each function once, ahead of its first event. */
  warm(): Promise<void>;
  idle(): Promise<void>;
  stop(): Promise<void>;
}

interface FunctionProperties {
  readonly Code: { readonly S3Key: string };
  readonly Handler: string;
  readonly Role: string;
  readonly Runtime: string;
  readonly Timeout?: number;
  readonly MemorySize?: number;
  readonly Environment?: { readonly Variables?: Readonly<Record<string, string>> };
}

interface InvokeConfig {
  readonly FunctionName: string;
  readonly MaximumRetryAttempts?: number;
  readonly MaximumEventAgeInSeconds?: number;
  readonly DestinationConfig?: {
    readonly OnFailure?: { readonly Destination: string };
    readonly OnSuccess?: unknown;
  };
}

/** Defaults of the Lambda API. */
const TIMEOUT_S = 3;
const MEMORY_MB = 128;
const RETRIES = 2;
const EVENT_AGE_MAX_S = 21_600;

/** @throws Error when a function is of a runtime or a configuration that is not emulated. */
export function loadFunctions(assembly: Assembly, ports: FunctionPorts): Functions {
  const configs = assembly
    .resources("AWS::Lambda::EventInvokeConfig")
    .map(({ properties }) => properties as unknown as InvokeConfig);
  const runners = new Map(
    assembly.resources("AWS::Lambda::Function").map((resource) => {
      const config = configs.find(
        ({ FunctionName }) => FunctionName === resource.name || FunctionName === resource.arn,
      );
      return [resource.arn, createRunner(assembly, resource, config, ports)] as const;
    }),
  );
  const permissions = assembly.resources("AWS::Lambda::Permission");
  const each = <T>(run: (runner: FunctionRunner) => Promise<T>) =>
    Promise.all([...runners.values()].map(run));

  return {
    invoke: (functionArn, ruleArn, payload) => {
      const runner = runners.get(functionArn);
      if (runner === undefined) throw new TemplateError(`the template has no function ${functionArn}`);
      if (!permissions.some(({ properties }) => permits(properties, functionArn, ruleArn)))
        throw new Error(
          `AccessDeniedException: no AWS::Lambda::Permission lets ${ruleArn} invoke ${functionArn}`,
        );
      runner.invokeAsync(payload);
    },
    warm: async () => void (await each((runner) => runner.warm())),
    idle: async () => void (await each((runner) => runner.idle())),
    stop: async () => void (await each((runner) => runner.stop())),
  };
}

const permits = (
  { Action, FunctionName, Principal, SourceArn }: Readonly<Record<string, unknown>>,
  functionArn: string,
  ruleArn: string,
): boolean =>
  Action === "lambda:InvokeFunction" &&
  Principal === "iot.amazonaws.com" &&
  (FunctionName === functionArn || functionArn.endsWith(`:${FunctionName}`)) &&
  (SourceArn === undefined || SourceArn === ruleArn);

function createRunner(
  assembly: Assembly,
  { stack, logicalId, name, arn, properties }: ResolvedResource,
  config: InvokeConfig | undefined,
  ports: FunctionPorts,
): FunctionRunner {
  const where = `${stack}/${logicalId}`;
  const { Code, Handler, Role, Runtime, Timeout, MemorySize, Environment } =
    properties as unknown as FunctionProperties;
  if (!Runtime.startsWith("nodejs"))
    throw new TemplateError(`${where}: the runtime ${Runtime} is not emulated; nodejs ones are`);
  if (config?.DestinationConfig?.OnSuccess !== undefined)
    throw new TemplateError(`${where}: a destination for success is not emulated`);
  const [file = "", exportName = ""] = Handler.split(".");
  const taskRoot = assembly.assetDir(Code.S3Key, where);
  const memoryMb = MemorySize ?? MEMORY_MB;
  const destination = config?.DestinationConfig?.OnFailure?.Destination;
  return new FunctionRunner({
    name,
    arn,
    file: join(taskRoot, `${file}.js`),
    exportName,
    timeoutS: Timeout ?? TIMEOUT_S,
    memoryMb,
    retries: config?.MaximumRetryAttempts ?? RETRIES,
    eventAgeMaxS: config?.MaximumEventAgeInSeconds ?? EVENT_AGE_MAX_S,
    onFailure: destination === undefined ? undefined : (record) => ports.onFailure(destination, Role, record),
    clock: ports.clock,
    log: ports.log,
    env: {
      ...Environment?.Variables,
      ...Object.fromEntries(
        Object.entries(ports.endpoints).map(([service, url]) => [`AWS_ENDPOINT_URL_${service}`, url]),
      ),
      AWS_ACCESS_KEY_ID: ports.accessKeyId(Role),
      AWS_SECRET_ACCESS_KEY: "local",
      AWS_REGION: ports.region,
      AWS_DEFAULT_REGION: ports.region,
      AWS_EXECUTION_ENV: `AWS_Lambda_${Runtime}`,
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

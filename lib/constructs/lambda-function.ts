/**
 * What the app's functions have in common: a bundle of `lambda/NAME/handler.ts`, a role that can do what it is given and
 * nothing else, a log that is not kept for ever and, where nobody waits for the result, a queue for what failed.
 */
import { Aws, type Duration, RemovalPolicy, Stack } from "aws-cdk-lib";
import type { EventBus } from "aws-cdk-lib/aws-events";
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Architecture, Runtime } from "aws-cdk-lib/aws-lambda";
import { SqsDestination } from "aws-cdk-lib/aws-lambda-destinations";
import { NodejsFunction, OutputFormat } from "aws-cdk-lib/aws-lambda-nodejs";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";
import { CONFIG_KEY, ConfigError, type Ha2mConfig, type Recipient } from "../config.ts";
import { partName } from "../contract/names.ts";
import { ENVIRONMENT_BYTES_MAX, environmentBytes } from "./environment-size.ts";

/** What becomes of an event that nobody waits for the result of. */
export interface AsynchronousInvocation {
  /** Two retries, after one and two minutes, and not later than this. */
  readonly maxEventAge: Duration;
  /** Gets the event that the last attempt failed on, with the error. */
  readonly failures: IQueue;
  /** Gets an event for each invocation that succeeded, with what the function returned; undefined: nobody does. */
  readonly results?: EventBus | undefined;
}

/** One function. */
export interface LambdaFunctionProps {
  /** The folder under `lambda/`. */
  readonly name: string;
  readonly description: string;
  readonly timeout: Duration;
  readonly config: Ha2mConfig;
  readonly environment: Readonly<Record<string, string>>;
  /** What it may do, its log and its destinations apart. */
  readonly may: readonly PolicyStatement[];
  /** @default - it is invoked synchronously: whoever calls it learns of a failure */
  readonly asynchronous?: AsynchronousInvocation;
}

const RETRIES = 2;

/** A statement that allows; every permission of a function is one. */
export const allow = (
  sid: string,
  actions: readonly string[],
  resource: string | readonly string[],
  conditions?: Record<string, Record<string, string>>,
): PolicyStatement =>
  new PolicyStatement({
    sid,
    actions: [...actions],
    resources: typeof resource === "string" ? [resource] : [...resource],
    ...(conditions === undefined ? {} : { conditions }),
  });

/** The function; its role and its log group stand beside it in `scope`. */
export class LambdaFunction extends NodejsFunction {
  constructor(scope: Construct, props: LambdaFunctionProps) {
    const { asynchronous, config, name } = props;
    const functionName = partName(config.name, name);
    const environment = { NAME: config.name, ...props.environment };
    checkSize(scope, functionName, environment);
    const logGroup = new LogGroup(scope, "Logs", {
      logGroupName: `/aws/lambda/${functionName}`,
      retention: config.retention.logsDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new Role(scope, "Role", {
      // The account alone: that Lambda names the function, at its creation too, is not documented.
      assumedBy: new ServicePrincipal("lambda.amazonaws.com", {
        conditions: { StringEquals: { "aws:SourceAccount": Aws.ACCOUNT_ID } },
      }),
      description: `Execution role of ${functionName} in ${Stack.of(scope).stackName}`,
      inlinePolicies: { Actions: new PolicyDocument({ statements: statementsOf(logGroup, props) }) },
    });
    super(scope, "Function", {
      functionName,
      description: props.description,
      entry: `lambda/${name}/handler.ts`,
      handler: "handler",
      depsLockFilePath: "package-lock.json",
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: 256,
      timeout: props.timeout,
      ...(asynchronous === undefined ? {} : invocationOf(asynchronous)),
      logGroup,
      // Immutable: the role's statements above are all there is, whatever a construct would like to add.
      role: role.withoutPolicyUpdates(),
      environment,
      // An option of version 2 of the SDK; version 3 keeps connections by itself.
      awsSdkConnectionReuse: false,
      bundling: {
        format: OutputFormat.CJS,
        target: "node24",
        minify: true,
        // The SDK's ES modules can be tree-shaken, its CommonJS ones cannot.
        mainFields: ["module", "main"],
        // The bundle holds the SDK in the version that the tests ran with, not the one that the runtime happens to have.
        externalModules: [],
      },
    });
  }
}

/** @throws ConfigError: what fills an environment is what a person has configured. */
function checkSize(
  scope: Construct,
  functionName: string,
  environment: Readonly<Record<string, string>>,
): void {
  const bytes = environmentBytes(scope, environment);
  if (bytes > ENVIRONMENT_BYTES_MAX)
    throw new ConfigError([
      `${CONFIG_KEY}: the environment of ${functionName} has ${bytes} bytes, but Lambda accepts ${ENVIRONMENT_BYTES_MAX}; use fewer clusters, shorter names, or one mailing list for many recipients`,
    ]);
}

const invocationOf = ({ maxEventAge, failures, results }: AsynchronousInvocation) => ({
  retryAttempts: RETRIES,
  maxEventAge,
  onFailure: new SqsDestination(failures),
  ...(results === undefined ? {} : { onSuccess: { bind: () => ({ destination: results.eventBusArn }) } }),
});

function statementsOf(logGroup: LogGroup, { may, asynchronous }: LambdaFunctionProps): PolicyStatement[] {
  const own = [
    allow("WriteLogs", ["logs:CreateLogStream", "logs:PutLogEvents"], logGroup.logGroupArn),
    ...may,
  ];
  if (asynchronous === undefined) return own;
  const { failures, results } = asynchronous;
  return [
    ...own,
    allow("KeepFailures", ["sqs:SendMessage"], failures.queueArn),
    ...(results === undefined ? [] : [allow("TellResults", ["events:PutEvents"], results.eventBusArn)]),
  ];
}

/** Parsed again by the functions. */
export const clustersVariable = ({ clusters }: Ha2mConfig): string =>
  JSON.stringify(
    Object.fromEntries([...clusters].map(([id, { nodes, sleepS }]) => [id, { nodes, sleep_s: sleepS }])),
  );

/** Parsed again by the functions. */
export const alertsVariable = ({ alerts }: Ha2mConfig): string =>
  JSON.stringify({
    sweep_minutes: alerts.sweepMinutes,
    reminders_max: alerts.remindersMax,
    storm_limit: alerts.stormLimit,
    battery_empty_mv: alerts.batteryEmptyMv,
  });

/** Parsed again by the functions: addresses, and JSON where one of them has a time zone or quiet hours. */
export function recipientsVariable({ mail: { to } }: Ha2mConfig): string {
  const isPlain = ({ timeZone, quiet }: Recipient): boolean => timeZone === undefined && quiet === undefined;
  if (to.every(isPlain)) return to.map(({ address }) => address).join(",");
  return JSON.stringify(
    to.map((recipient) => {
      const { address, timeZone, quiet } = recipient;
      if (isPlain(recipient)) return address;
      return {
        address,
        // What is undefined is left out of the JSON.
        time_zone: timeZone,
        quiet: quiet && { from: quiet.from, to: quiet.to, time_zone: quiet.timeZone },
      };
    }),
  );
}

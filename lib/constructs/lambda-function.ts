/**
 * The common part of the app's functions: a bundle of `lambda/NAME/handler.ts`, a role with only the permissions that
 * it is given, a log with a retention and, for asynchronous invocations, a queue for failed events.
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

/** How events of asynchronous invocations are retried, and where their results go. */
export interface AsynchronousInvocation {
  /** Latest retry of an event; there are two, after one and two more minutes. */
  readonly maxEventAge: Duration;
  /** Gets the event on which the last attempt failed, with the error. */
  readonly failures: IQueue;
  /** Gets an event for each invocation that succeeded, with its result; undefined: nothing does. */
  readonly results?: EventBus | undefined;
}

/** A function's code, limits and permissions. */
export interface LambdaFunctionProps {
  /** The folder under `lambda/`. */
  readonly name: string;
  readonly description: string;
  readonly timeout: Duration;
  readonly config: Ha2mConfig;
  readonly environment: Readonly<Record<string, string>>;
  /** Its permissions, besides those for its log and its destinations. */
  readonly may: readonly PolicyStatement[];
  /** @default - it is invoked synchronously, so that its caller gets the error */
  readonly asynchronous?: AsynchronousInvocation;
}

const RETRIES = 2;

/** A statement that allows actions; the only form in which functions get permissions. */
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

/** The function; its role and its log group are beside it in `scope`. */
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
      // Not the function as well: it is not documented that Lambda names it, also at its creation.
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
      // Immutable: no construct can add statements to those above.
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
        // The bundle has the SDK in the version that the tests ran with, not in that of the runtime.
        externalModules: [],
      },
    });
  }
}

/** Asserts that the environment is not too large. @throws ConfigError, because the configuration determines its size */
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
export const alertsVariable = ({ alerts, mail }: Ha2mConfig): string =>
  JSON.stringify({
    sweep_minutes: alerts.sweepMinutes,
    reminders_max: alerts.remindersMax,
    storm_limit: alerts.stormLimit,
    battery_empty_mv: alerts.batteryEmptyMv,
    // Left out where it is the functions' own default: an environment is short.
    ...(mail.weekly ? {} : { weekly: false }),
  });

/** Parsed again by the functions: addresses, and JSON where one of them has a time zone, quiet hours or `after_hours`. */
export function recipientsVariable({ mail: { to } }: Ha2mConfig): string {
  const isPlain = ({ timeZone, quiet, afterHours }: Recipient): boolean =>
    timeZone === undefined && quiet === undefined && afterHours === undefined;
  if (to.every(isPlain)) return to.map(({ address }) => address).join(",");
  return JSON.stringify(
    to.map((recipient) => {
      const { address, timeZone, quiet, afterHours } = recipient;
      if (isPlain(recipient)) return address;
      return {
        address,
        // What is undefined is left out of the JSON.
        time_zone: timeZone,
        quiet: quiet && { from: quiet.from, to: quiet.to, time_zone: quiet.timeZone },
        after_hours: afterHours,
      };
    }),
  );
}

/** Starts the Lambda functions, and what invokes them besides AWS IoT: event buses and schedules. */
import type { CloudContext } from "./cloud-context.ts";
import { EventBuses } from "./events/event-buses.ts";
import { Scheduler } from "./events/scheduler.ts";
import type { InvocationRecord } from "./functions/function-runner.ts";
import { type Functions, loadFunctions } from "./functions/template-functions.ts";
import type { Messaging } from "./start-messaging.ts";

/** The functions and the schedules of the template. */
export interface FunctionsPart {
  readonly functions: Functions;
  /** Invokes nothing before its `start`. */
  readonly scheduler: Scheduler;
}

/**
 * Loads the functions, buses and schedules of the template.
 * @param endpoints by service: `AWS_ENDPOINT_URL_<SERVICE>` for the functions
 * @throws TemplateError when a function, bus, rule or schedule holds what is not emulated.
 */
export function startFunctions(
  { assembly, roles, chaos, clock, log, onStop }: CloudContext,
  { queues, alarms, send }: Messaging,
  endpoints: Readonly<Record<string, string>>,
): FunctionsPart {
  const { account } = assembly;
  const buses = new EventBuses(
    assembly.resources("AWS::Events::EventBus"),
    assembly.resources("AWS::Events::Rule"),
    account,
    {
      invoke: (functionArn, ruleArn, event) => functions.invokeByRule("events", functionArn, ruleArn, event),
      keep: (queueArn, body, attributes) => queues.send(queueArn, body, attributes),
    },
    clock,
    log,
  );
  const functions = loadFunctions(assembly, {
    clock,
    log,
    chaos,
    metrics: alarms,
    accessKeyId: (roleArn) => roles.accessKeyId(roleArn),
    endpoints,
    region: account.region,
    deliver: (destinationArn, roleArn, record) => {
      if (!destinationArn.startsWith("arn:aws:events:"))
        return send(destinationArn, roleArn, JSON.stringify(record));
      roles.demand(roleArn, { action: "events:PutEvents", resource: destinationArn });
      buses.put(destinationArn, resultEvent(destinationArn, record));
    },
  });
  onStop(() => functions.stop());
  const scheduler = new Scheduler(
    assembly.resources("AWS::Scheduler::Schedule"),
    {
      invoke: (functionArn, roleArn, payload) => {
        roles.demand(roleArn, { action: "lambda:InvokeFunction", resource: functionArn });
        functions.invokeAsync(functionArn, payload);
      },
      send,
    },
    clock,
    log,
  );
  onStop(() => scheduler.stop());
  return { functions, scheduler };
}

/** The event with the record of an invocation (Lambda developer guide, "Destinations"). */
const resultEvent = (busArn: string, record: InvocationRecord) => {
  const { condition, functionArn } = record.requestContext;
  return {
    source: "lambda",
    detailType: `Lambda Function Invocation Result - ${condition === "Success" ? "Success" : "Failure"}`,
    resources: [busArn, functionArn],
    detail: record,
  };
};

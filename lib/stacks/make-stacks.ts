/** A deployment: the three stacks of a configuration. */
import { Annotations, type App } from "aws-cdk-lib";
import type { Ha2mConfig } from "../config.ts";
import { stackNames } from "../contract/names.ts";
import type { DeviceCsr } from "../device-csrs.ts";
import { mailAdvice, warningId } from "../mail-advice.ts";
import { DataStack } from "./data-stack.ts";
import { DevicesStack } from "./devices-stack.ts";
import { PipelineStack } from "./pipeline-stack.ts";

/** What is deployed, and the CSRs of the nodes that have one. */
export interface Deployment {
  readonly config: Ha2mConfig;
  readonly csrs: readonly DeviceCsr[];
}

/** The stacks, by what they hold; their names begin with the configuration's. */
export function makeStacks(app: App, { config, csrs }: Deployment) {
  const names = stackNames(config.name);
  const data = new DataStack(app, names.data, { config });
  const pipeline = new PipelineStack(app, names.pipeline, { config, tables: data });
  const devices = new DevicesStack(app, names.devices, { config, csrs });
  for (const [id, text] of mailAdvice(config.mail)) Annotations.of(data).addWarningV2(warningId(id), text);
  // Last: it takes away what has been said below the app.
  for (const id of config.acknowledged) Annotations.of(app).acknowledgeWarning(warningId(id));
  return { data, pipeline, devices };
}

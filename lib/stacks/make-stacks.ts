/** Makes the three stacks of a deployment. */
import { Annotations, type App } from "aws-cdk-lib";
import type { Ha2mConfig } from "../config.ts";
import { stackNames } from "../contract/names.ts";
import type { DeviceCsr } from "../device-csrs.ts";
import { mailAdvice, warningId } from "../mail-advice.ts";
import { DataStack } from "./data-stack.ts";
import { DevicesStack } from "./devices-stack.ts";
import { PipelineStack } from "./pipeline-stack.ts";

/** The configuration of a deployment, and the CSRs that there are. */
export interface Deployment {
  readonly config: Ha2mConfig;
  readonly csrs: readonly DeviceCsr[];
}

/** The stacks: data, pipeline and devices. Their names begin with the configuration's `name`. */
export function makeStacks(app: App, { config, csrs }: Deployment) {
  const names = stackNames(config.name);
  const data = new DataStack(app, names.data, { config });
  const pipeline = new PipelineStack(app, names.pipeline, { config, tables: data });
  const devices = new DevicesStack(app, names.devices, { config, csrs });
  for (const [id, text] of mailAdvice(config.mail)) Annotations.of(data).addWarningV2(warningId(id), text);
  // Last: it removes the warnings that the constructs have added.
  for (const id of config.acknowledged) Annotations.of(app).acknowledgeWarning(warningId(id));
  return { data, pipeline, devices };
}

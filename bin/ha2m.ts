/** The CDK app. The only place that reads context. */
import { App } from "aws-cdk-lib";
import { CONFIG_KEY, ConfigError, type Ha2mConfig, parseConfig } from "../lib/config.ts";
import { DataStack } from "../lib/stacks/data-stack.ts";
import { DevicesStack } from "../lib/stacks/devices-stack.ts";
import { PipelineStack } from "../lib/stacks/pipeline-stack.ts";

function readConfig(app: App): Ha2mConfig {
  try {
    return parseConfig(app.node.tryGetContext(CONFIG_KEY));
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    console.error(error.message);
    process.exit(2);
  }
}

const app = new App();
const config = readConfig(app);
const data = new DataStack(app, "Ha2mData");
new PipelineStack(app, "Ha2mPipeline", { config, tables: data });
new DevicesStack(app, "Ha2mDevices", { config });

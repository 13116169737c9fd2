/** The CDK app. The only place that reads context, and the nodes' CSRs: from their folder, or from the one in HA2M_CSRS. */
import { fileURLToPath } from "node:url";
import { App, CfnOutput } from "aws-cdk-lib";
import { CONFIG_KEY, ConfigError, type Ha2mConfig, parseConfig } from "../lib/config.ts";
import { CsrError, type DeviceCsr, readDeviceCsrs } from "../lib/device-csrs.ts";
import { CSR_FOLDER } from "../lib/device-files.ts";
import { makeStacks } from "../lib/stacks/make-stacks.ts";
import project from "../package.json" with { type: "json" };

interface Inputs {
  readonly config: Ha2mConfig;
  readonly csrs: readonly DeviceCsr[];
}

async function readInputs(app: App): Promise<Inputs> {
  try {
    const config = parseConfig(app.node.tryGetContext(CONFIG_KEY));
    const shown = process.env.HA2M_CSRS ?? CSR_FOLDER;
    const folder = fileURLToPath(new URL(shown, new URL("..", import.meta.url)));
    return { config, csrs: await readDeviceCsrs(folder, config.clusters, shown) };
  } catch (error) {
    if (!(error instanceof ConfigError || error instanceof CsrError)) throw error;
    console.error(error.message);
    process.exit(2);
  }
}

const app = new App();
const stacks = makeStacks(app, await readInputs(app));
for (const stack of Object.values(stacks))
  new CfnOutput(stack, "Version", { value: project.version, description: "Of ha2m, which deployed this" });

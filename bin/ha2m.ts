/**
 * The CDK app. Only this file reads the context, and the nodes' CSRs: from their folder, or from the one in HA2M_CSRS.
 */
import { fileURLToPath } from "node:url";
import { App, CfnOutput } from "aws-cdk-lib";
import { CONFIG_KEY, ConfigError, parseConfig } from "../lib/config.ts";
import { CsrError, readDeviceCsrs } from "../lib/device-csrs.ts";
import { CSR_FOLDER } from "../lib/device-files.ts";
import { makeStacks } from "../lib/stacks/make-stacks.ts";
import project from "../package.json" with { type: "json" };

const app = new App();
try {
  const config = parseConfig(app.node.tryGetContext(CONFIG_KEY));
  const shown = process.env.HA2M_CSRS ?? CSR_FOLDER;
  const folder = fileURLToPath(new URL(shown, new URL("..", import.meta.url)));
  const stacks = makeStacks(app, { config, csrs: await readDeviceCsrs(folder, config.clusters, shown) });
  for (const stack of Object.values(stacks))
    new CfnOutput(stack, "Version", { value: project.version, description: "Of ha2m, which deployed this" });
} catch (error) {
  if (!(error instanceof ConfigError || error instanceof CsrError)) throw error;
  console.error(error.message);
  process.exit(2);
}

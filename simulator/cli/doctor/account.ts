/** Who asks, and whether the CDK has what it needs in this account and region. */
import { DescribeStacksCommand } from "@aws-sdk/client-cloudformation";
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { type Finding, good, unchecked, wrong } from "./finding.ts";
import type { Look } from "./look.ts";
import { isNoSuchStack } from "./stacks.ts";

/** Who is calling, and whose account it is. */
export async function examineCredentials({ target }: Look): Promise<Finding[]> {
  const { Arn, Account } = await target.clients.sts.send(new GetCallerIdentityCommand({}));
  return [
    good(
      "credentials",
      `${Arn}${target.kind === "local" ? `, the owner of the local cloud's account ${Account}` : ""}`,
    ),
  ];
}

const TOOLKIT = "CDKToolkit";
/** As the templates' own rule has it: "CDK bootstrap stack version 6 required." */
const VERSION_MIN = 6;
const DONE = /_COMPLETE$/;

/** Whether the CDK was bootstrapped in that account and region. */
export async function examineBootstrap({ target }: Look): Promise<Finding[]> {
  if (target.kind === "local") return [unchecked("bootstrap", "not needed locally")];
  const where = `in ${target.region}`;
  const command = "npx cdk bootstrap";
  try {
    const { Stacks = [] } = await target.clients.cloudformation.send(
      new DescribeStacksCommand({ StackName: TOOLKIT }),
    );
    const { StackStatus = "", Outputs = [] } = Stacks[0] ?? {};
    const version = Number(
      Outputs.find(({ OutputKey }) => OutputKey === "BootstrapVersion")?.OutputValue ?? 0,
    );
    if (!DONE.test(StackStatus) || StackStatus === "ROLLBACK_COMPLETE")
      return [wrong("bootstrap", `the stack ${TOOLKIT} is ${StackStatus} ${where}`, command)];
    return version < VERSION_MIN
      ? [wrong("bootstrap", `version ${version} ${where}, ${VERSION_MIN} is needed`, command)]
      : [good("bootstrap", `version ${version} ${where}`)];
  } catch (error) {
    if (!isNoSuchStack(error)) throw error;
    return [wrong("bootstrap", `not done ${where}`, command)];
  }
}

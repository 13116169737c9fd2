/**
 * Lambda measures a function's environment as the JSON of the whole map, names, quotes and escapes included: a variable
 * that is JSON itself counts each of its quotes twice.
 * https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 *
 * What is known only when it is deployed counts as long as it can become.
 */
import {
  CfnElement,
  CfnResource,
  DefaultTokenResolver,
  type IPostProcessor,
  type IResolvable,
  type IResolveContext,
  Reference,
  Stack,
  StringConcat,
  Tokenization,
} from "aws-cdk-lib";
import type { IConstruct } from "constructs";

/** Bytes. */
export const ENVIRONMENT_BYTES_MAX = 4_096;

const ACCOUNT = "0".repeat(12);
/** Of all regions the longest, in the partition with the longest domain. */
const REGION = "ap-southeast-1";
const DOMAIN = "amazonaws.com.cn";

/** How CloudFormation names what has no name: stack, logical id, and at most 13 characters of chance. */
const madeUp = (resource: CfnElement): string => {
  const stack = Stack.of(resource);
  return [stack.stackName, stack.resolve(resource.logicalId), "0".repeat(13)].join("-");
};

/** What `Ref` and the one attribute that is used give, by the resource's type. */
const LONGEST: Readonly<Record<string, (resource: CfnElement) => string>> = {
  "AWS::DynamoDB::GlobalTable": madeUp,
  "AWS::SQS::Queue": (queue) => `https://sqs.${REGION}.${DOMAIN}/${ACCOUNT}/${madeUp(queue).slice(0, 80)}`,
  "AWS::SNS::Topic": (topic) => `arn:aws-cn:sns:${REGION}:${ACCOUNT}:${madeUp(topic)}`,
  "AWS::SecretsManager::Secret": (secret) =>
    `arn:aws-cn:secretsmanager:${REGION}:${ACCOUNT}:secret:${madeUp(secret)}-000000`,
  "AWS::Lambda::Url": () => `https://${"0".repeat(32)}.lambda-url.${REGION}.on.aws/`,
};

/** @throws Error for a reference to something that no environment holds yet: its longest form has to be said above. */
function longest(reference: Reference): string {
  const { target } = reference;
  if (CfnElement.isCfnElement(target) && CfnResource.isCfnResource(target)) {
    // A name of ours is in the resource itself.
    const { functionName } = target as { readonly functionName?: unknown };
    if (typeof functionName === "string") return functionName;
    const found = LONGEST[target.cfnResourceType];
    if (found !== undefined) return found(target);
  }
  throw new Error(`environment-size.ts: how long ${target.node.path} can become is not known`);
}

class Longest extends DefaultTokenResolver {
  constructor() {
    super(new StringConcat());
  }

  override resolveToken(
    token: IResolvable,
    context: IResolveContext,
    postProcessor: IPostProcessor,
  ): unknown {
    return Reference.isReference(token) ? longest(token) : super.resolveToken(token, context, postProcessor);
  }
}

/** As Lambda will measure it, at most. */
export function environmentBytes(scope: IConstruct, environment: Readonly<Record<string, string>>): number {
  const resolved = Tokenization.resolve(environment, { scope, resolver: new Longest() });
  return Buffer.byteLength(JSON.stringify(resolved));
}

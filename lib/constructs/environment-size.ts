/**
 * The size of a function's environment. Lambda measures it as the JSON of the whole map, names, quotes and escapes
 * included: a variable that is JSON itself has each of its quotes counted twice.
 * https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 *
 * A value that is known only at deployment counts with its greatest length.
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

/** Largest environment, in bytes (Lambda quotas). */
export const ENVIRONMENT_BYTES_MAX = 4_096;

const ACCOUNT = "0".repeat(12);
/** The longest name of a region; `DOMAIN` is the longest domain of a partition. */
const REGION = "ap-southeast-1";
const DOMAIN = "amazonaws.com.cn";

/**
 * The longest name that CloudFormation gives to a resource without one: stack, logical id, and 13 random characters.
 */
const madeUp = (resource: CfnElement): string => {
  const stack = Stack.of(resource);
  return [stack.stackName, stack.resolve(resource.logicalId), "0".repeat(13)].join("-");
};

/** By type of resource: the longest value of `Ref`, or of the one attribute that is used. */
const LONGEST: Readonly<Record<string, (resource: CfnElement) => string>> = {
  "AWS::DynamoDB::GlobalTable": madeUp,
  "AWS::SQS::Queue": (queue) => `https://sqs.${REGION}.${DOMAIN}/${ACCOUNT}/${madeUp(queue).slice(0, 80)}`,
  "AWS::SNS::Topic": (topic) => `arn:aws-cn:sns:${REGION}:${ACCOUNT}:${madeUp(topic)}`,
  "AWS::SecretsManager::Secret": (secret) =>
    `arn:aws-cn:secretsmanager:${REGION}:${ACCOUNT}:secret:${madeUp(secret)}-000000`,
  "AWS::Lambda::Url": () => `https://${"0".repeat(32)}.lambda-url.${REGION}.on.aws/`,
};

/** The longest value of a reference. @throws Error for a type that is not in `LONGEST` */
function longest(reference: Reference): string {
  const { target } = reference;
  if (CfnElement.isCfnElement(target) && CfnResource.isCfnResource(target)) {
    // An explicit name is in the resource itself.
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

/** The largest size of an environment, in bytes, as Lambda measures it. */
export function environmentBytes(scope: IConstruct, environment: Readonly<Record<string, string>>): number {
  const resolved = Tokenization.resolve(environment, { scope, resolver: new Longest() });
  return Buffer.byteLength(JSON.stringify(resolved));
}

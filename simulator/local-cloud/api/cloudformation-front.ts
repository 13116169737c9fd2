/**
 * The part of CloudFormation that shows what is deployed: DescribeStacks of one stack by its name, and GetTemplate.
 * Every stack of the assembly has been complete since the start of the cloud, and nothing can change it.
 *
 * Source: CloudFormation API reference. Not emulated: DescribeStacks of all stacks, parameters, tags, drift. Every
 * other operation is refused by name.
 */
import type { Assembly } from "../template/assembly.ts";
import { parameter, type QueryFrontOptions, QueryRefusal, startQueryFront } from "./query-front.ts";
import type { Front } from "./server.ts";

/** Which stacks are described, and who may ask. */
export interface CloudFormationFrontOptions
  extends Pick<QueryFrontOptions, "refuse" | "onDenied" | "onError"> {
  readonly assembly: Assembly;
  /** When the stacks were created: the start of the cloud. */
  readonly createdAt: Date;
}

/** The CloudFormation API, as far as `npm run doctor` and the CDK's outputs need it. */
export function startCloudFormationFront({
  assembly,
  createdAt,
  ...options
}: CloudFormationFrontOptions): Promise<Front> {
  const { account, stacks } = assembly;
  const arnOf = (name: string) =>
    `arn:aws:cloudformation:${account.region}:${account.accountId}:stack/${name}/local`;
  const named = (form: URLSearchParams) => {
    const name = parameter(form, "StackName");
    const stack = stacks.find((known) => known.name === name || arnOf(known.name) === name);
    if (stack === undefined)
      throw new QueryRefusal("ValidationError", `Stack with id ${name} does not exist`);
    return stack;
  };
  const resource = (form: URLSearchParams) => arnOf(form.get("StackName") ?? "");
  const outputsOf = (name: string) =>
    Object.entries(assembly.outputs()[name] ?? {}).map(([OutputKey, value]) => ({
      OutputKey,
      OutputValue: String(value),
    }));
  return startQueryFront({
    ...options,
    what: "CloudFormation",
    service: "cloudformation",
    namespace: "http://cloudformation.amazonaws.com/doc/2010-05-15/",
    operations: {
      DescribeStacks: {
        resource,
        run: (form) => {
          const { name, description } = named(form);
          return {
            Stacks: [
              {
                StackId: arnOf(name),
                StackName: name,
                ...(description === undefined ? {} : { Description: description }),
                CreationTime: createdAt.toISOString(),
                StackStatus: "CREATE_COMPLETE",
                Outputs: outputsOf(name),
              },
            ],
          };
        },
      },
      GetTemplate: {
        resource,
        run: (form) => ({
          // AWS returns `?` for characters outside ASCII: aws/aws-cdk, "mangleLikeCloudFormation".
          TemplateBody: named(form).text.replace(/\P{ASCII}/gu, "?"),
          StagesAvailable: ["Original"],
        }),
      },
    },
  });
}

/** The pipeline of the example app, and the shapes that its roles and functions have in common. */
import { propertiesById, propertiesOf, synthesize } from "../example-app.ts";

export const { pipeline } = synthesize();

export const role = (service: string, ruleName = "") =>
  propertiesOf(pipeline, "AWS::IAM::Role").filter((properties) => {
    const trust = JSON.stringify(properties.AssumeRolePolicyDocument);
    return trust.includes(service) && trust.includes(ruleName);
  });

export const allow = (Sid: string, Action: string | string[], Resource: string | string[]) => ({
  Sid,
  Effect: "Allow",
  Action,
  Resource,
});

export const LAMBDA_FUNCTION = {
  Runtime: "nodejs24.x",
  Architectures: ["arm64"],
  Handler: "index.handler",
  MemorySize: 256,
};

export const functionOf = (name: string, of = pipeline) =>
  propertiesOf(of, "AWS::Lambda::Function").find(({ FunctionName }) => FunctionName === `ha2m-${name}`);

/** What a role may do. */
export function statementsOf(id: string, of = pipeline): object[] {
  const { Policies = [] } = propertiesById(of, "AWS::IAM::Role").get(id) ?? {};
  return (Policies as { PolicyDocument: { Statement: object[] } }[]).flatMap(
    ({ PolicyDocument }) => PolicyDocument.Statement,
  );
}

export const writeLogs = (logs: string) =>
  allow("WriteLogs", ["logs:CreateLogStream", "logs:PutLogEvents"], `<${logs}.Arn>`);

/**
 * `answer_mail`: where the links in a mail lead. Acknowledges an incident, or keeps it quiet for a while.
 *
 * Its URL asks for no AWS credentials (AuthType NONE), because a person's browser has none. What stands in for them is
 * the link itself: signed by `send_cluster_mail` with a key that only the two functions can read, it names one episode of
 * one incident, and it expires. Who has no such link gets a page that says so, and has caused nothing but an invocation.
 * No concurrency is reserved to bound a flood of these: a new account, with 10 in all, has none to give away.
 */
import { Duration, RemovalPolicy, Validations } from "aws-cdk-lib";
import type { PolicyStatement } from "aws-cdk-lib/aws-iam";
import { FunctionUrl, FunctionUrlAuthType, type IFunction } from "aws-cdk-lib/aws-lambda";
import { Secret } from "aws-cdk-lib/aws-secretsmanager";
import { Construct } from "constructs";
import type { Ha2mConfig } from "../config.ts";
import type { KeptTable } from "./kept-table.ts";
import { allow, LambdaFunction } from "./lambda-function.ts";

/** What the function works on. */
export interface AnswerFunctionProps {
  readonly config: Ha2mConfig;
  /** Holds the incidents. */
  readonly clustersTable: KeptTable;
}

const KEY_CHARACTERS = 64;

/** The function, its public URL, and the key that links are signed with. */
export class AnswerFunction extends Construct {
  /** Ends with `/`. */
  readonly url: string;
  readonly key: Secret;
  readonly function: IFunction;

  constructor(scope: Construct, id: string, { config, clustersTable }: AnswerFunctionProps) {
    super(scope, id);
    this.key = new Secret(this, "Key", {
      description: "ha2m: signs the links in mails",
      generateSecretString: { passwordLength: KEY_CHARACTERS, excludePunctuation: true },
      // Not kept: without it the links in old mails end, and mails are answered by the command instead.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    Validations.of(this.key).acknowledge({
      id: "AwsSolutions-SMG4",
      reason:
        "A new key would invalidate the links in sent mails, and links expire by themselves. A person changes the key if it may have leaked (RUNBOOK.md, acknowledge and snooze).",
    });
    this.function = new LambdaFunction(this, {
      name: "answer_mail",
      description: "Acknowledges or snoozes an incident",
      timeout: Duration.seconds(10),
      config,
      environment: {
        CLUSTERS_TABLE: clustersTable.tableName,
        ANSWER_KEY_SECRET_ARN: this.key.secretArn,
      },
      may: [allow("AnswerIncidents", ["dynamodb:UpdateItem"], clustersTable.tableArn), this.mayReadKey],
    });
    this.url = new FunctionUrl(this, "Url", {
      function: this.function,
      authType: FunctionUrlAuthType.NONE,
    }).url;
  }

  get mayReadKey(): PolicyStatement {
    return allow("ReadKey", ["secretsmanager:GetSecretValue"], this.key.secretArn);
  }
}

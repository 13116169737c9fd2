/**
 * `answer_mail`: the function behind the links in mails. It acknowledges an incident, or snoozes it.
 *
 * Its URL needs no AWS credentials (AuthType NONE), because a browser has none. The link replaces them: it is signed by
 * `send_cluster_mail` with a key that only the two functions can read, names one episode of one incident, and expires.
 * A request without such a link gets a page that says so, and causes only an invocation. No concurrency is reserved to
 * limit a flood of requests: a new account has 10 in all, and none to spare.
 */
import { Duration, RemovalPolicy, Validations } from "aws-cdk-lib";
import type { PolicyStatement } from "aws-cdk-lib/aws-iam";
import { FunctionUrl, FunctionUrlAuthType, type IFunction } from "aws-cdk-lib/aws-lambda";
import { Secret } from "aws-cdk-lib/aws-secretsmanager";
import { Construct } from "constructs";
import type { Ha2mConfig } from "../config.ts";
import type { KeptTable } from "./kept-table.ts";
import { allow, LambdaFunction, recipientsVariable } from "./lambda-function.ts";

/** The configuration of the function, and its table. */
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
      // Not kept: without it the links in old mails end, and the command answers mails instead.
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
        // Who may say that they handle it.
        MAIL_TO: recipientsVariable(config),
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

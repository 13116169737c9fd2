// biome-ignore-all lint/suspicious/noTemplateCurlyInString: substitution templates are written like that
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { attributeValues } from "../../../../simulator/local-cloud/attribute-values.ts";
import { parseJson } from "../../../../simulator/local-cloud/iot/iot-sql/json.ts";
import { isObject } from "../../../../simulator/local-cloud/iot/iot-sql/values.ts";
import { type ActionPorts, compileAction } from "../../../../simulator/local-cloud/iot/rule-actions.ts";

const sent: string[] = [];
const invoked: unknown[] = [];
const ports: ActionPorts = {
  dynamoDb: () => new DynamoDBClient({}),
  invoke: (_, __, payload) => void invoked.push(payload),
  send: (_, __, body) => void sent.push(body),
};
const compile = (action: Readonly<Record<string, unknown>>) =>
  compileAction(action, ports, "arn:aws:iot:us-east-1:123456789012:rule/r", "Pipeline/Rule.Actions[0]");

function selected(json: string) {
  const value = parseJson(new TextEncoder().encode(json));
  if (!isObject(value)) throw new Error("not an object");
  return value;
}

test.each([
  [
    "a table's name",
    { DynamoDBv2: { PutItem: { TableName: "${topic()}" }, RoleArn: "r" } },
    "DynamoDBv2.PutItem.TableName",
  ],
  ["a queue's URL", { Sqs: { QueueUrl: "https://sqs/1/${topic(2)}", RoleArn: "r" } }, "Sqs.QueueUrl"],
  [
    "a function",
    { Lambda: { FunctionArn: "arn:aws:lambda:us-east-1:1:function:${name}" } },
    "Lambda.FunctionArn",
  ],
])("a substitution template in %s -> refused at load, by its place", (_, action, place) => {
  expect(() => compile(action)).toThrow(`Pipeline/Rule.Actions[0].${place}: the substitution template in`);
});

test("numbers beyond a double -> text for a queue keeps every digit, a function reads doubles", async () => {
  const item = selected('{"a":9007199254740993,"b":[1E-400],"c":21.5}');
  await compile({ Sqs: { QueueUrl: "q", RoleArn: "r" } }).run(item);
  expect(sent).toEqual(['{"a":9007199254740993,"b":[1E-400],"c":21.5}']);
  await compile({ Lambda: { FunctionArn: "f" } }).run(item);
  expect(invoked).toEqual([{ a: 2 ** 53, b: [0], c: 21.5 }]);
});

test("every kind of value -> its DynamoDB attribute", () => {
  expect(
    attributeValues(
      selected('{"n":12345678901234567890.5,"s":"","b":false,"z":null,"l":[1,"x"],"m":{"k":1E100}}'),
    ),
  ).toEqual({
    n: { N: "12345678901234567890.5" },
    s: { S: "" },
    b: { BOOL: false },
    z: { NULL: true },
    l: { L: [{ N: "1" }, { S: "x" }] },
    m: { M: { k: { N: "1E100" } } },
  });
});

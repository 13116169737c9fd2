// biome-ignore-all lint/suspicious/noTemplateCurlyInString: policy variables are written like that
import { compileIamPolicy, decideIam } from "../../../../simulator/local-cloud/policy/iam.ts";
import { PolicyError } from "../../../../simulator/local-cloud/policy/policy-error.ts";

const version = "2012-10-17";
const identity = "arn:aws:ses:eu-west-1:123456789012:identity/example.com";
const table = "arn:aws:dynamodb:eu-west-1:123456789012:table/clusters";
const policyOf = (...statements: unknown[]) =>
  compileIamPolicy({ Version: version, Statement: statements }, "role sender, policy 0");
const allow = (more: object = {}) => ({
  Effect: "Allow",
  Action: "ses:SendEmail",
  Resource: identity,
  ...more,
});

const ask = (
  statements: ReturnType<typeof policyOf>,
  action = "ses:SendEmail",
  resource = identity,
  context: Record<string, string> = {},
) => decideIam(statements, { action, resource, context });
const isAllowed = (...args: Parameters<typeof ask>) => ask(...args).allowed;

describe("the decision", () => {
  test("a statement allows it -> allowed, and by which", () => {
    expect(ask(policyOf(allow({ Sid: "Send" })))).toEqual({
      allowed: true,
      by: "role sender, policy 0: Statement[0] (Send)",
    });
  });
  test("no statement -> denied, with a text that names who, what, on what and why", () => {
    const request = { action: "ses:SendEmail", resource: identity, context: {}, principal: "role sender" };
    expect(decideIam([], request)).toEqual({
      allowed: false,
      why: "no-statement-allows",
      text: `role sender is not authorized to perform ses:SendEmail on "${identity}": none of the 0 statement(s) allows it`,
    });
  });
  test("no principal in the request -> the context's aws:PrincipalArn, else the role", () => {
    const context = { "aws:PrincipalArn": "arn:aws:iam::123456789012:role/sender" };
    expect(ask([], "a:b", "*", context)).toHaveProperty(
      "text",
      expect.stringContaining("role/sender is not"),
    );
    expect(ask([], "a:b", "*")).toHaveProperty("text", expect.stringContaining("the role is not"));
  });
  test.each([
    ["before", [{ ...allow(), Effect: "Deny" }, allow()], 0],
    ["after", [allow(), { ...allow(), Effect: "Deny" }], 1],
  ])("an explicit deny %s the allow -> denied, naming the statement", (_title, statements, index) => {
    const decision = ask(policyOf(...statements));
    expect(decision).toMatchObject({ allowed: false, why: "explicit-deny" });
    expect(decision).toHaveProperty("text", expect.stringContaining(`Statement[${index}] denies it`));
  });
  test("a deny for something else -> no effect", () => {
    expect(isAllowed(policyOf(allow(), { ...allow(), Effect: "Deny", Action: "ses:SendRawEmail" }))).toBe(
      true,
    );
  });
  test("a single statement that is not in a list -> read all the same", () => {
    expect(isAllowed(compileIamPolicy({ Version: version, Statement: allow() }, "p"))).toBe(true);
  });
});

/** Action pattern, action asked, allowed. */
test.each([
  ["ses:SendEmail", "ses:SendEmail", true],
  ["ses:sendemail", "SES:SendEmail", true],
  ["ses:Send*", "ses:SendRawEmail", true],
  ["ses:Send?mail", "ses:SendEmail", true],
  ["ses:*", "dynamodb:PutItem", false],
  ["*", "dynamodb:PutItem", true],
  ["ses:Send", "ses:SendEmail", false],
])("Action %s, asked %s -> %s", (pattern, action, allowed) => {
  expect(isAllowed(policyOf(allow({ Action: ["x:y", pattern] })), action)).toBe(allowed);
});

/** Resource pattern, resource asked, allowed. */
test.each([
  ["*", table, true],
  ["*", "*", true],
  [table, table, true],
  [table, `${table}/index/due`, false],
  [`${table}/index/*`, `${table}/index/due`, true],
  ["arn:aws:dynamodb:*:123456789012:table/clusters", table, true],
  ["arn:aws:dynamodb:eu-west-?:123456789012:table/*", table, true],
  // "If * is the last character of a resource ARN segment, it can expand to match beyond the colon boundaries."
  ["arn:aws:dynamodb:*:table/clusters", table, true],
  ["arn:aws:dynamodb:eu*:table/clusters", table, true],
  ["arn:aws:dynamodb:*west-1:table/clusters", table, false],
  ["arn:aws:dynamodb:*1:123456789012:table/clusters", table, true],
  ["arn:aws:dynamodb:e*t-1:123456789012:table/clusters", table, true],
  ["arn:aws:d*b:table/clusters", table, false],
  ["arn:aws:d*:table/clusters", table, true],
  ["arn:aws:*:table/*", `${table}:x`, true],
  ["arn:aws:dynamodb:eu-west-1?123456789012:table/clusters", table, false],
  ["arn:aws:dynamodb:*:*:table/clusters", table, true],
  ["arn:aws:dynamodb:*:other/*", table, false],
  ["arn:aws:dynamodb:*:*:*:*:*", table, false],
  ["arn:aws:dynamodb:*:*:*", "arn:aws:dynamodb:r:1:table/a:b:c", true],
  ["arn:aws:*", table, true],
  [table.replace("clusters", "Clusters"), table, false],
  [table, "*", false],
])("Resource %s, asked %s -> %s", (pattern, resource, allowed) => {
  expect(isAllowed(policyOf(allow({ Resource: pattern })), "ses:SendEmail", resource)).toBe(allowed);
});

const from = (value: string) => ({ "ses:FromAddress": value });
const arn = (value: string) => ({ "aws:SourceArn": value });

/** Condition, context, whether it holds. Table of "Condition operators". */
test.each<[string, object, Record<string, string>, boolean]>([
  ["equal", { StringEquals: from("a@x") }, from("a@x"), true],
  ["other case", { StringEquals: from("a@x") }, from("A@x"), false],
  ["a wildcard is a character for StringEquals", { StringEquals: from("*") }, from("a@x"), false],
  ["one of several", { StringEquals: { "ses:FromAddress": ["b@x", "a@x"] } }, from("a@x"), true],
  ["the key in another case", { StringEquals: { "SES:fromaddress": "a@x" } }, from("a@x"), true],
  ["missing key", { StringEquals: from("a@x") }, {}, false],
  ["missing key, IfExists", { StringEqualsIfExists: from("a@x") }, {}, true],
  ["different, IfExists", { StringEqualsIfExists: from("a@x") }, from("b@x"), false],
  ["not equal", { StringNotEquals: from("a@x") }, from("b@x"), true],
  ["not equal to any", { StringNotEquals: { "ses:FromAddress": ["a@x", "b@x"] } }, from("b@x"), false],
  ["not equal, missing key", { StringNotEquals: from("a@x") }, {}, true],
  ["ignoring case", { StringEqualsIgnoreCase: from("A@X") }, from("a@x"), true],
  ["not, ignoring case", { StringNotEqualsIgnoreCase: from("A@X") }, from("a@x"), false],
  ["like", { StringLike: from("*@x") }, from("a@x"), true],
  ["not like", { StringNotLike: from("*@x") }, from("a@x"), false],
  ["a variable", { StringEquals: from("${aws:username}@x") }, { ...from("a@x"), "aws:username": "a" }, true],
  [
    "a variable with a wildcard in it",
    { StringLike: from("${aws:username}@x") },
    { ...from("a@x"), "aws:username": "*" },
    false,
  ],
  ["a variable without a value", { StringNotEquals: from("${aws:username}") }, from("a@x"), false],
  ["an escaped wildcard", { StringLike: from("${*}@x") }, from("a@x"), false],
  ["ArnLike part by part", { ArnLike: arn("arn:aws:sns:*:1:t*") }, arn("arn:aws:sns:eu:1:topic"), true],
  [
    "ArnLike, a wildcard does not cross a colon",
    { ArnLike: arn("arn:aws:s:*:1:f/*") },
    arn("arn:aws:s:us:9:store/abc:1:f/d"),
    false,
  ],
  [
    "StringLike, it does",
    { StringLike: arn("arn:aws:s:*:1:f/*") },
    arn("arn:aws:s:us:9:store/abc:1:f/d"),
    true,
  ],
  ["ArnEquals is ArnLike", { ArnEquals: arn("arn:aws:sns:*:1:t") }, arn("arn:aws:sns:eu:1:t"), true],
  ["ArnNotLike", { ArnNotLike: arn("arn:aws:sns:*:1:t") }, arn("arn:aws:sns:eu:1:t"), false],
  ["Bool", { Bool: { "aws:SecureTransport": true } }, { "aws:SecureTransport": "true" }, true],
  [
    "Bool, the other value",
    { Bool: { "aws:SecureTransport": "false" } },
    { "aws:SecureTransport": "true" },
    false,
  ],
  ["Bool, missing key", { Bool: { "aws:SecureTransport": "false" } }, {}, false],
  ["Null true, missing key", { Null: { "aws:TokenIssueTime": "true" } }, {}, true],
  [
    "Null true, present key",
    { Null: { "aws:TokenIssueTime": "true" } },
    { "aws:TokenIssueTime": "x" },
    false,
  ],
  ["Null false, present key", { Null: { "aws:TokenIssueTime": false } }, { "aws:TokenIssueTime": "x" }, true],
  [
    "two operators, one fails",
    { StringEquals: from("a@x"), Bool: { "aws:SecureTransport": "true" } },
    from("a@x"),
    false,
  ],
  ["a key of the prototype", { StringLike: { constructor: "*" } }, {}, false],
])("Condition, %s -> holds as documented", (_title, condition, context, holds) => {
  expect(isAllowed(policyOf(allow({ Condition: condition })), "ses:SendEmail", identity, context)).toBe(
    holds,
  );
});

const recipients = (...values: string[]) => ({ "ses:Recipients": values });

/** Operator, the policy's values, the request's, whether it holds. "Set operators for multivalued context keys". */
test.each<[string, string[], string[], boolean]>([
  ["ForAllValues:StringLike", ["*@x", "*@y"], ["a@x", "b@y"], true],
  ["ForAllValues:StringLike", ["*@x"], ["a@x", "b@y"], false],
  ["ForAllValues:StringLike", ["*@x"], [], true],
  ["ForAnyValue:StringLike", ["*@x"], ["b@y", "a@x"], true],
  ["ForAnyValue:StringLike", ["*@x"], ["b@y"], false],
  ["ForAnyValue:StringLike", ["*@x"], [], false],
  ["ForAnyValue:StringNotLike", ["*@x"], ["a@x", "b@y"], true],
  ["ForAnyValue:StringNotLike", ["*@x"], ["a@x"], false],
  ["ForAnyValue:StringNotLike", ["*@x"], [], false],
  ["ForAllValues:StringNotEquals", ["a@x"], ["b@y", "a@x"], false],
  ["ForAllValues:StringNotEquals", ["a@x"], ["b@y"], true],
  ["ForAnyValue:StringEqualsIfExists", ["a@x"], [], true],
  ["ForAllValues:ArnLike", ["arn:aws:s3:::b/*"], ["arn:aws:s3:::b/1", "arn:aws:s3:::c/1"], false],
])("Condition %s %j, asked with %j -> %s", (operator, wanted, values, holds) => {
  const policy = policyOf(allow({ Condition: { [operator]: recipients(...wanted) } }));
  const decision = decideIam(policy, {
    action: "ses:SendEmail",
    resource: identity,
    context: values.length === 0 ? {} : recipients(...values),
  });
  expect(decision.allowed).toBe(holds);
});

test("NotResource -> the statement is about every other resource", () => {
  const policy = policyOf({
    Effect: "Allow",
    Action: "dynamodb:GetItem",
    NotResource: [`${table}*`, identity],
  });
  const allowed = (resource: string) => isAllowed(policy, "dynamodb:GetItem", resource);
  expect([table, `${table}/index/due`, identity].map(allowed)).toEqual([false, false, false]);
  expect([table.replace("clusters", "readings"), "*"].map(allowed)).toEqual([true, true]);
});

test("a Deny with NotResource -> denies all but these", () => {
  const deny = { Effect: "Deny", Action: "*", NotResource: table };
  const policy = policyOf(allow({ Action: "*", Resource: "*" }), deny);
  expect(isAllowed(policy, "dynamodb:GetItem", table)).toBe(true);
  expect(isAllowed(policy, "ses:SendEmail", identity)).toBe(false);
});

/** A statement, where it is refused, and why. */
test.each<[string, unknown, string, RegExp]>([
  [
    "NotAction",
    { Effect: "Allow", NotAction: "a:b", Resource: "*" },
    "Statement[0].NotAction",
    /not emulated.*Action/,
  ],
  ["Resource and NotResource", allow({ NotResource: "*" }), "Statement[0].NotResource", /either Resource or/],
  [
    "NotResource that is no ARN",
    { Effect: "Allow", Action: "a:b", NotResource: "clusters" },
    "Statement[0].NotResource",
    /an ARN or/,
  ],
  [
    "a Deny with a variable",
    { ...allow(), Effect: "Deny", Resource: "arn:aws:s3:::home/${aws:username}/*" },
    "Statement[0]",
    /a Deny with \$\{aws:username\} is not emulated.*would deny nothing/,
  ],
  [
    "a Deny with a variable in its condition",
    { ...allow(), Effect: "Deny", Condition: { StringNotEquals: from("${aws:username}@x") } },
    "Statement[0]",
    /a Deny with \$\{aws:username\}/,
  ],
  [
    "a key of several values without a set operator",
    allow({ Condition: { StringLike: { "ses:recipients": "*@x" } } }),
    "Statement[0].Condition.StringLike.ses:recipients",
    /write ForAllValues:StringLike or ForAnyValue:StringLike/,
  ],
  [
    "a set operator that is none",
    allow({ Condition: { "ForEachValue:StringLike": { k: "*" } } }),
    "Statement[0].Condition.ForEachValue:StringLike.k",
    /ForEachValue:StringLike is not emulated/,
  ],
  [
    "a set operator before Null",
    allow({ Condition: { "ForAnyValue:Null": { k: "true" } } }),
    "Statement[0].Condition.ForAnyValue:Null.k",
    /ForAnyValue:Null/,
  ],
  ["Principal", allow({ Principal: "*" }), "Statement[0].Principal", /not emulated/],
  [
    "a number operator",
    allow({ Condition: { NumericLessThan: { "s3:max-keys": "1" } } }),
    "Statement[0].Condition.NumericLessThan.s3:max-keys",
    /NumericLessThan/,
  ],
  [
    "NullIfExists",
    allow({ Condition: { NullIfExists: { k: "true" } } }),
    "Statement[0].Condition.NullIfExists.k",
    /NullIfExists/,
  ],
  [
    "Bool with a text",
    allow({ Condition: { Bool: { k: "yes" } } }),
    "Statement[0].Condition.Bool.k",
    /"yes" is neither/,
  ],
  ["no Effect", { Action: "a:b", Resource: "*" }, "Statement[0].Effect", /"Allow" or "Deny", found nothing/],
  ["no Action", { Effect: "Allow", Resource: "*" }, "Statement[0].Action", /found nothing/],
  ["no Resource", { Effect: "Allow", Action: "a:b" }, "Statement[0].Resource", /found nothing/],
  ["an empty list", allow({ Resource: [] }), "Statement[0].Resource", /at least one/],
  ["an action without a service", allow({ Action: "SendEmail" }), "Statement[0].Action", /ses:SendEmail/],
  ["a resource that is no ARN", allow({ Resource: "clusters" }), "Statement[0].Resource", /an ARN or/],
  [
    "an intrinsic function",
    allow({ Resource: { "Fn::GetAtt": ["T", "Arn"] } }),
    "Statement[0].Resource",
    /resolved first/,
  ],
  [
    "a variable in an account",
    allow({ Resource: "arn:aws:s3::${aws:PrincipalAccount}:x" }),
    "Statement[0].Resource",
    /fifth colon/,
  ],
  [
    "a variable with a default",
    allow({ Resource: "arn:aws:s3:::x/${aws:username, 'me'}" }),
    "Statement[0]",
    /plain condition key/,
  ],
  ["a statement that is no object", "Allow", "Statement[0]", /an object/],
])("%s -> refused at load, by name and place", (_title, statement, place, reason) => {
  const load = () => policyOf(statement);
  expect(load).toThrow(PolicyError);
  expect(load).toThrow(expect.objectContaining({ where: `role sender, policy 0: ${place}` }));
  expect(load).toThrow(reason);
});

test.each([
  ["another version", { Version: "2008-10-17", Statement: [] }, "p: Version"],
  ["no version", { Statement: [] }, "p: Version"],
  ["an unknown element", { Version: version, Statements: [] }, "p: Statements"],
  ["no statement", { Version: version }, "p: Statement[0]"],
  ["text", "{}", "p"],
])("a document with %s -> refused at load", (_title, document, where) => {
  expect(() => compileIamPolicy(document, "p")).toThrow(
    expect.objectContaining({ name: "PolicyError", where }),
  );
});

import { parseConfig } from "../../../../lambda/send_cluster_mail/core/config.ts";
import { environment } from "../support/fixtures.ts";

test("a complete environment -> typed values", () => {
  const config = parseConfig(environment);
  expect(config.policy.channels.map(({ to }) => to)).toEqual([["me@example.org", "you@example.org"]]);
  expect(config).not.toHaveProperty("answering");
  expect(config.clusters.get("kitchen")).toEqual({ nodes: 2, sleepS: 900 });
  expect(config.clusters.get("constructor")).toBeUndefined();
});

test.each([
  ["CLUSTERS_TABLE", undefined, "is not set"],
  ["CLUSTERS_TABLE", "  ", "is not set"],
  ["MAIL_FROM", "nobody", "not a mail address"],
  ["MAIL_FROM", "a@example.org\r\nBcc: b@example.org", "not a mail address"],
  ["MAIL_TO", "a@example.org,", "not a mail address"],
  ["MAIL_TO", "Me <me@example.org>", "not a mail address"],
  ["CLUSTERS", "kitchen", "is not JSON"],
  ["CLUSTERS", '{"Kitchen":{"nodes":2,"sleep_s":900}}', "at Kitchen"],
  ["CLUSTERS", '{"kitchen":{"nodes":9,"sleep_s":900}}', "at kitchen.nodes"],
  ["CLUSTERS", '{"kitchen":{"nodes":2}}', "at kitchen.sleep_s"],
  ["RUNBOOK_URL", "javascript:alert(1)", "not an http(s) URL"],
  ["RUNBOOK_URL", "RUNBOOK.md", "not an http(s) URL"],
])("%s is %j -> named, with what was found and an example", (name, value, found) => {
  const attempt = () => parseConfig({ ...environment, [name]: value });
  expect(attempt).toThrow(expect.objectContaining({ name: "ConfigInvalid", code: "MAIL-001" }));
  expect(attempt).toThrow(`MAIL-001 ${name} `);
  expect(attempt).toThrow(found);
  expect(attempt).toThrow(`set it like ${name}=`);
});

test("where mails are answered -> with the secret that signs the links, or not at all", () => {
  const ANSWER_URL = "https://abc.lambda-url.us-east-1.on.aws/";
  const secretArn = "arn:aws:secretsmanager:us-east-1:111122223333:secret:ha2m";
  const both = { ...environment, ANSWER_URL, ANSWER_KEY_SECRET_ARN: secretArn };
  expect(parseConfig(both).answering).toEqual({ url: ANSWER_URL, secretArn });
  expect(() => parseConfig({ ...environment, ANSWER_URL })).toThrow("ANSWER_KEY_SECRET_ARN is not set");
});

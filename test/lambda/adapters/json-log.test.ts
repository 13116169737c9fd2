import { jsonLog } from "../../../lambda/adapters/json-log.ts";
import { testCloud } from "../send_cluster_mail/support/cloud.ts";
import { death } from "../send_cluster_mail/support/fixtures.ts";

test("an entry -> one line of JSON", async () => {
  const cloud = testCloud();
  await cloud.invoke(death());
  const lines: string[] = [];
  jsonLog((line) => void lines.push(line))(cloud.log[0]!);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/^[^\n]+\n$/);
  expect(JSON.parse(lines[0]!)).toEqual(cloud.log[0]);
});

import { metricsOf } from "../../../../lambda/send_cluster_mail/core/metrics.ts";
import { testCloud } from "../support/cloud.ts";
import { death, recovery } from "../support/fixtures.ts";

const metricsAfter = async (...events: readonly object[]) => {
  const cloud = testCloud();
  for (const event of events) await cloud.invoke(event);
  return cloud.log.map((entry) => [entry.why, metricsOf(entry)]);
};

test("a primary dies, is reported twice, and comes back -> a failover for each report of it, two mails, one suppression", async () => {
  expect(await metricsAfter(death({ took_over: true }), death({ took_over: false }), recovery())).toEqual([
    ["opened", { mails: 1, failovers: 1 }],
    ["already-told", { suppressions: 1 }],
    ["recovered", { mails: 1 }],
  ]);
});

test("a standby dies -> no failover", async () => {
  expect(await metricsAfter(death({ took_over: false }))).toEqual([["opened", { mails: 1 }]]);
});

test("a warning about a decision -> counted with the decision, not again", () => {
  const line = {
    level: "warn",
    send: true,
    why: "opened",
    kind: "firing",
    cluster: "kitchen",
    incident: "node-dead#0",
    configured: true,
    request_id: "r",
  } as const;
  for (const message of ["claim-lost", "no-answer-key"] as const)
    expect(metricsOf({ ...line, message })).toEqual({});
});

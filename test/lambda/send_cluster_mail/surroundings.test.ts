/** What a mail says of how its cluster stands: asked for once a mail, and never in its way. */
import type { Look } from "../../../lambda/send_cluster_mail/core/ports.ts";
import type { IncidentId } from "../../../lib/contract/incidents.ts";
import { testCloud } from "./support/cloud.ts";
import { death, NOON_MS, recovery } from "./support/fixtures.ts";
import { FACTS } from "./support/mail-contexts.ts";

const MINUTE_MS = 60_000;

function looking(told: Awaited<ReturnType<Look>>) {
  const asked: IncidentId[] = [];
  const look: Look = async (id) => {
    asked.push(id);
    return told;
  };
  return { asked, cloud: testCloud(undefined, undefined, look) };
}

test("a mail of a cluster -> one look, whose facts are in the mail; a suppressed duplicate -> none", async () => {
  const heard = [{ node: 1, receivedMs: NOON_MS - MINUTE_MS, sleepS: 900, temperatureC: 4.5 }];
  const { asked, cloud } = looking({ surroundings: { heard, firing: [] }, errors: [] });
  await cloud.deliver(death());
  await cloud.deliver(death({ minute: 15 }));
  expect(asked).toEqual([{ clusterId: "kitchen", kind: "node-dead", subject: 0 }]);
  expect(cloud.mails[0]?.text).toContain(
    "Node 1 publishes. Its last reading: 4.5 °C at 2026-01-01 11:59 UTC",
  );
  await cloud.deliver(recovery({ minute: 30 }));
  expect(asked).toHaveLength(2);
  expect(cloud.mails[1]?.text).toContain("No other incident fires in kitchen.");
});

test("what could not be read -> a mail without it, and a warning", async () => {
  const { cloud } = looking({ surroundings: {}, errors: ["TimeoutError: readings"] });
  expect(await cloud.deliver(death())).toBe("done");
  expect(cloud.mails).toHaveLength(1);
  expect(cloud.mails[0]?.text).not.toMatch(/^Now$/m);
  expect(cloud.log).toContainEqual(
    expect.objectContaining({ level: "warn", message: "no-surroundings", error: "TimeoutError: readings" }),
  );
});

test("a mail about the backend -> no cluster to look at", async () => {
  const { asked, cloud } = looking({ surroundings: {}, errors: [] });
  await cloud.deliver({
    source: "sweep",
    type: "firing",
    received_at: NOON_MS,
    cluster_id: "*",
    kind: "backend-failing",
    subject: 0,
    term: 0,
    at: new Date(NOON_MS).toISOString(),
    facts: FACTS["backend-failing"],
  } as Parameters<typeof cloud.deliver>[0]);
  expect(cloud.mails).toHaveLength(1);
  expect(asked).toEqual([]);
});

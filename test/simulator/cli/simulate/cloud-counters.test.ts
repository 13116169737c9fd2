import { CloudTally } from "../../../../simulator/cli/simulate/cloud-counters.ts";
import type { EpochMs } from "../../../../simulator/local-cloud/clock.ts";
import type { CloudLogEntry } from "../../../../simulator/local-cloud/cloud-log.ts";

const entry = (code: string, fields?: Record<string, unknown>): CloudLogEntry => ({
  at: Date.UTC(2026, 2, 2) as EpochMs,
  level: "info",
  source: "any",
  code,
  text: "",
  ...(fields === undefined ? {} : { fields }),
});
const decision = (send: boolean, why: string) => entry("function-log", { message: "decision", send, why });

test("mails -> kept with what their headers say; the first one's time is kept", () => {
  let uptimeS = 1.5;
  const tally = new CloudTally(() => uptimeS);
  expect(tally.firstMailS).toBeNull();
  tally.note(
    entry("mail-accepted", {
      to: ["you@example.org"],
      subject: "[ha2m] FIRING kitchen",
      headers: { "x-ha2m-state": "firing", "x-ha2m-incident": "node-dead#0", references: "<a@b>" },
    }),
  );
  uptimeS = 3;
  tally.note(entry("mail-accepted", { to: [], subject: "a mail of somebody else" }));
  expect(tally.firstMailS).toBe(1.5);
  expect(tally.mails).toEqual([
    {
      at: "2026-03-02T00:00:00.000Z",
      to: ["you@example.org"],
      kind: "firing",
      incident: "node-dead#0",
      thread: "<a@b>",
      subject: "[ha2m] FIRING kitchen",
    },
    {
      at: "2026-03-02T00:00:00.000Z",
      to: [],
      kind: "unknown",
      incident: "unknown",
      thread: null,
      subject: "a mail of somebody else",
    },
  ]);
});

test("alarms that rang or are over -> kept in their order, with the reason", () => {
  const tally = new CloudTally(() => 0);
  for (const state of ["ALARM", "OK"])
    tally.note(entry("alarm-state", { alarm: "ha2m-mails", state, reason: "it crossed" }));
  tally.note(entry("notice-published", { subject: "ALARM" }));
  const change = { at: "2026-03-02T00:00:00.000Z", alarm: "ha2m-mails", reason: "it crossed" };
  expect(tally.alarms).toEqual([
    { ...change, state: "ALARM" },
    { ...change, state: "OK" },
  ]);
});

test("decisions -> those that sent nothing are counted by their reason; other lines are not", () => {
  const tally = new CloudTally(() => 0);
  for (const why of ["already-told", "stale", "already-told"]) tally.note(decision(false, why));
  tally.note(decision(true, "opened"));
  tally.note(entry("function-log", { message: "claim-lost", send: false, why: "already-told" }));
  tally.note(entry("action-done"));
  expect(tally.suppressed).toEqual({ "already-told": 2, stale: 1 });
  expect(tally.mails).toEqual([]);
});

test("mails of one instant, in whatever order they come -> the same list", () => {
  const mail = (at: number, incident: string) => ({
    ...entry("mail-accepted", { headers: { "x-ha2m-state": "firing", "x-ha2m-incident": incident } }),
    at: at as EpochMs,
  });
  const mails = [mail(1_000, "b"), mail(2_000, "c"), mail(2_000, "a")];
  for (const order of [mails, [...mails].reverse()]) {
    const tally = new CloudTally(() => 0);
    for (const each of order) tally.note(each);
    expect(tally.mails.map(({ incident }) => incident)).toEqual(["b", "a", "c"]);
  }
});

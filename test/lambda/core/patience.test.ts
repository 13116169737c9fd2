/** A node that came back by itself lately: its FIRING mail waits, and what is over by then is one mail. */
import { dueNotification } from "../../../lambda/core/due-notification.ts";
import type { Firing, Resolved, Told } from "../../../lambda/core/incident.ts";
import { observe, type Signal } from "../../../lambda/core/observe.ts";
import { waitsUntilMs } from "../../../lambda/core/patience.ts";
import type { Facts } from "../../../lib/contract/incidents.ts";
import {
  config,
  death,
  inputOf,
  MINUTE_MS,
  NOON_MS,
  recovery,
  state,
} from "../send_cluster_mail/support/fixtures.ts";
import { id, knownAfter, sees, usual } from "./observing.ts";

const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const [channel] = config.policy.channels;
const endMs = NOON_MS + 95 * MINUTE_MS;

/** Told of the first episode's end, `ago` before the second begins. */
function again(agoMs: number, changes: Partial<Told> = {}, primary: number | null = 1): Firing {
  const over = knownAfter(death({ term: 3 }), recovery({ term: 3, minute: 95 })) as Resolved;
  const openedMs = endMs + agoMs;
  const facts: Facts = {
    kind: "node-dead",
    event: {
      type: "node_dead",
      node: 1,
      subject: 0,
      at: new Date(openedMs).toISOString(),
      took_over: true,
      state: { ...state, primary },
    },
  };
  const signal: Signal = { signal: "fires", order: { term: 4, atMs: openedMs }, nowMs: openedMs, facts };
  const { next } = observe(id, over, signal, usual);
  const told: Told = {
    ...{ kind: "resolved", flapping: false, reminders: 0, atMs: endMs },
    ...{ about: over.episode, ...changes },
  };
  return { ...(next as Firing), channels: { [channel!.id]: { through: 1, told } } };
}
const said = (incident: Firing | Resolved, nowMs: number, policy = config.policy): string => {
  const due = dueNotification(incident, channel!, policy, nowMs);
  return due.send ? `${due.kind}${due.only === true ? " alone" : ""}: ${due.why}` : due.why;
};

test("it came back six days ago -> FIRING waits for two hours and a half, and is then sent", () => {
  const firing = again(6 * DAY_MS);
  const { openedMs } = firing.episode;
  expect(said(firing, openedMs)).toBe("may-pass");
  expect(said(firing, openedMs + 149 * MINUTE_MS)).toBe("may-pass");
  expect(said(firing, openedMs + 150 * MINUTE_MS)).toBe("firing: reopened");
});

test("it is back meanwhile -> one mail that says both, at once", () => {
  const firing = again(6 * DAY_MS);
  const minute = (firing.episode.openedMs - NOON_MS) / MINUTE_MS + 117;
  const { known } = sees(firing, inputOf(recovery({ term: 4, minute })).signal);
  expect(said(known as Resolved, NOON_MS + (minute + 1) * MINUTE_MS)).toBe("resolved alone: reopened");
});

test.each<[string, Firing]>([
  ["it came back more than 30 days ago", again(30 * DAY_MS + 1)],
  ["the channel was not told that it was back", again(6 * DAY_MS, { kind: "firing" })],
  ["no other node measures", again(6 * DAY_MS, {}, null)],
])("%s -> FIRING at once", (_, firing) => {
  const { number } = firing.episode;
  expect(number).toBe(2);
  expect(said(firing, firing.episode.openedMs)).toMatch(/^(?:firing|resolved): /);
});

test("within four hours of its end, or where no sweep would come back to it -> no waiting", () => {
  const flapping = again(3 * HOUR_MS);
  expect(flapping.flaps).toBe(1);
  expect(said(flapping, flapping.episode.openedMs)).toBe("firing: reopened");
  const firing = again(6 * DAY_MS);
  expect(said(firing, firing.episode.openedMs, { ...config.policy, swept: false })).toBe("firing: reopened");
});

test("other kinds do not wait; nor does a first time", () => {
  const firing = again(6 * DAY_MS);
  const told = firing.channels[channel!.id]?.told;
  expect(waitsUntilMs(firing, told)).toBeDefined();
  expect(
    waitsUntilMs({ ...firing, facts: { kind: "sensor-failing", node: 0, fault: "absent", atMs: 1 } }, told),
  ).toBeUndefined();
  expect(waitsUntilMs(firing, undefined)).toBeUndefined();
});

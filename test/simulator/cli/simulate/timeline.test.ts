import { Timeline, wallClock } from "../../../../simulator/cli/simulate/timeline.ts";
import { after, type Instant, minutes, START } from "../../../../simulator/engine/time.ts";
import type { EpochMs } from "../../../../simulator/local-cloud/clock.ts";
import type { CloudLogEntry } from "../../../../simulator/local-cloud/cloud-log.ts";
import type { NodeEvent } from "../../../../simulator/node/node-event.ts";
import type { Decision } from "../../../../simulator/protocol/effects.ts";
import { recordingTerminal } from "../recording-terminal.ts";

/** A Monday. */
const EPOCH_MS = Date.UTC(2026, 2, 2);
const at = (minute: number): Instant => after(START, minutes(minute));

const decided = (minute: number, node: number, decision: Partial<Decision>): NodeEvent => ({
  at: at(minute),
  node,
  kind: "decided",
  decision: {
    role: "primary",
    why: "checked",
    term: 0,
    formatted: false,
    changes: [],
    unwritable: [],
    counts: [],
    ...decision,
  },
});
const reading = (minute: number, node: number, temperature_c: number): NodeEvent => ({
  at: at(minute),
  node,
  kind: "published",
  channel: "reading",
  payload: JSON.stringify({
    measured_at: new Date(EPOCH_MS + minute * 60_000).toISOString(),
    temperature_c,
  }),
});
const logged = (minute: number, entry: Partial<CloudLogEntry>): CloudLogEntry => ({
  at: (EPOCH_MS + minute * 60_000) as EpochMs,
  level: "info",
  source: "ses",
  code: "any",
  text: "",
  ...entry,
});
const suppressed = (minute: number) =>
  logged(minute, { fields: { message: "decision", send: false, why: "already-told" } });

function told(
  tell: (timeline: Timeline) => void,
  changes: Parameters<typeof recordingTerminal>[0] = {},
  runDays?: number,
  everySuspicion?: boolean,
): string {
  const { terminal, printed } = recordingTerminal(changes);
  const timeline = new Timeline(terminal, EPOCH_MS, runDays, everySuspicion);
  tell(timeline);
  timeline.close();
  return printed();
}

test("the story of a takeover, piped -> these lines", () => {
  const text = told((timeline) => {
    timeline.step({
      at: at(0),
      says: "node 0 gets its batteries; both EEPROMs are blank",
    });
    timeline.node(decided(0, 0, { formatted: true }));
    timeline.node(reading(0, 0, 21));
    timeline.node(decided(5, 1, { role: "dead", why: "dead" }));
    timeline.node({
      at: at(10),
      node: 1,
      kind: "reset-node",
      subject: 1,
      outcome: { done: true, map: { primary: 0, retry: 0, dead: 0, spare: 0, counters: [] }, unwritable: [] },
    } as NodeEvent);
    timeline.node(decided(11, 1, { role: "standby" }));
    timeline.node(reading(15, 0, 21.5));
    timeline.node(decided(26, 1, { role: "standby" }));
    timeline.node(reading(30, 0, 22));
    timeline.node({ at: at(45), node: 0, kind: "hung" });
    timeline.node(decided(56, 1, { role: "standby", changes: [{ kind: "suspected", node: 0 }] }));
    timeline.node(
      decided(71, 1, {
        changes: [
          { kind: "expelled", node: 0 },
          { kind: "took-over", node: 0 },
        ],
      }),
    );
    timeline.cloud(logged(71, { code: "mail-accepted", fields: { subject: "[ha2m] FIRING kitchen" } }));
    timeline.node(reading(71, 1, 20));
    for (const minute of [86, 101]) {
      timeline.cloud(suppressed(minute));
      timeline.node(reading(minute, 1, 20));
    }
  });
  expect(text).toBe(
    [
      "Mon 00:00  ·       node 0 gets its batteries; both EEPROMs are blank",
      "Mon 00:00  node 0  finds blank EEPROMs: formats them, is primary; the others are not admitted yet",
      "Mon 00:00  node 0  1 reading, 21.0 °C ▁",
      "Mon 00:05  node 1  finds itself marked dead: waits to be admitted",
      "Mon 00:10  node 1  writes to every EEPROM: admit node 1",
      "Mon 00:11  node 1  is standby: watches the primary",
      "Mon 00:15  node 0  2 readings, 21.5 to 22.0 °C ▁█",
      "Mon 00:45  node 0  hangs at its prompt",
      "Mon 01:11  node 1  sees no sign of life from node 0 twice: marks it dead",
      "Mon 01:11  node 1  takes over from node 0: is primary now",
      "Mon 01:11  mail    ✉ [ha2m] FIRING kitchen",
      "Mon 01:11  node 1  3 readings, 20.0 °C, 2 notifications suppressed ▁▁▁",
      "",
    ].join("\n"),
  );
});

const missedOnce = (timeline: Timeline): void => {
  timeline.node(decided(26, 1, { role: "standby", changes: [{ kind: "suspected", node: 0 }] }));
  timeline.node(decided(41, 1, { role: "standby", changes: [{ kind: "cleared", node: 0 }] }));
};

test("a node misses a healthy one once -> nothing is said of it", () => {
  expect(told(missedOnce)).toBe("Mon 00:26  node 1  is standby: watches the primary\n");
});

test("the same, and every suspicion was asked for -> it is said, and that it is over", () => {
  expect(told(missedOnce, {}, 0, true)).toBe(
    [
      "Mon 00:26  node 1  sees no sign of life from node 0: suspects it; once more, and it is marked dead",
      "Mon 00:26  node 1  is standby: watches the primary",
      "Mon 00:41  node 1  sees a sign of life from node 0 again: no longer suspects it",
      "",
    ].join("\n"),
  );
});

test("a node that was marked dead moves again -> that is said, once", () => {
  const text = told((timeline) => {
    timeline.node(decided(26, 1, { changes: [{ kind: "suspected", node: 0 }] }));
    timeline.node(decided(41, 1, { changes: [{ kind: "expelled", node: 0 }] }));
    timeline.node(decided(56, 1, { changes: [{ kind: "cleared", node: 0 }] }));
    timeline.node(decided(71, 1, { changes: [{ kind: "suspected", node: 0 }] }));
    timeline.node(decided(86, 1, { changes: [{ kind: "cleared", node: 0 }] }));
  });
  expect(text).toBe(
    [
      "Mon 00:41  node 1  sees no sign of life from node 0 twice: marks it dead",
      "Mon 00:56  node 1  sees a sign of life from node 0 again: no longer suspects it",
      "",
    ].join("\n"),
  );
});

test("resets -> a watchdog's has a line, as nothing else says it; the others have their own", () => {
  const text = told((timeline) => {
    for (const cause of ["power-on", "watchdog", "soft"] as const)
      timeline.node({ at: at(7), node: 0, kind: "reset", cause });
  });
  expect(text).toBe("Mon 00:07  node 0  is reset by its watchdog: it was awake for too long\n");
});

test("what goes wrong -> each a line that says why", () => {
  const text = told((timeline) => {
    timeline.node(decided(0, 1, { role: "unknown", why: "no-chip-readable" }));
    timeline.node(decided(0, 0, { role: "claiming" }));
    timeline.node(decided(1, 0, { unwritable: [1], changes: [{ kind: "primary-corrected", node: 0 }] }));
    timeline.node(decided(2, 0, { changes: [{ kind: "cleared", node: 1 }] }));
    timeline.node({ at: at(3), node: 0, kind: "sensor-failed", why: "crc" });
    timeline.node({ at: at(4), node: 0, kind: "connect-failed", why: "no Wi-Fi" });
    timeline.node({ at: at(5), node: 0, kind: "publish-failed", channel: "event", payload: "{}", why: "no" });
    timeline.node({
      at: at(6),
      node: 0,
      kind: "reset-node",
      subject: 1,
      outcome: { done: false, why: "blank" },
    });
    timeline.node({ at: at(6), node: 0, kind: "frozen" });
    timeline.node({ at: at(6), node: 0, kind: "never-wakes" });
    timeline.node({ at: at(6), node: 0, kind: "battery-flat" });
    timeline.cloud(logged(7, { level: "warn", source: "queue errors", text: "message 1 arrived" }));
    timeline.cloud(logged(8, { text: "message of kitchen-0: stored" }));
    for (const state of ["ALARM", "OK"])
      timeline.cloud(
        logged(9, { code: "alarm-state", fields: { alarm: "ha2m-mails", state, reason: "because" } }),
      );
  });
  expect(text).toBe(
    [
      "Mon 00:00  node 1  can read no EEPROM: does nothing",
      "Mon 00:00  node 0  claims the primary's role, and waits before it acts",
      "Mon 00:01  node 0  corrects the map: node 0 is the primary",
      "Mon 00:01  node 0  cannot write EEPROM 1",
      "Mon 00:02  node 0  can write EEPROM 1 again",
      "Mon 00:03  node 0  gets no temperature: crc",
      "Mon 00:04  node 0  connect-failed: no Wi-Fi",
      "Mon 00:05  node 0  publish-failed: no",
      "Mon 00:06  node 0  reset_node(1) does nothing: blank",
      "Mon 00:06  node 0  freezes: stays awake, and does nothing",
      "Mon 00:06  node 0  falls asleep, and will not wake",
      "Mon 00:06  node 0  stops: its batteries are flat",
      "Mon 00:07  queue errors message 1 arrived",
      "Mon 00:09  alarm   ALARM ha2m-mails: because",
      "Mon 00:09  alarm   OK ha2m-mails: because",
      "",
    ].join("\n"),
  );
});

test("two primaries -> the line of the first ends where the second begins", () => {
  const text = told((timeline) => {
    timeline.node(reading(0, 0, 20));
    timeline.node(reading(1, 1, 21));
    timeline.node(reading(15, 0, 22));
  });
  expect(text.split("\n").map((line) => line.slice(11, 27))).toEqual([
    "node 0  1 readin",
    "node 1  1 readin",
    "node 0  1 readin",
    "",
  ]);
});

test("a live terminal -> the line of readings is rewritten in place, and ended once", () => {
  const text = told(
    (timeline) => {
      timeline.node(reading(0, 0, 20));
      timeline.node(reading(15, 0, 21));
      timeline.node({ at: at(16), node: 0, kind: "hung" });
    },
    { live: true },
  );
  const line = "Mon 00:00  node 0  2 readings, 20.0 to 21.0 °C ▁█";
  expect(text).toBe(
    `\rMon 00:00  node 0  1 reading, 20.0 °C ▁\r${line}\r${line}\nMon 00:16  node 0  hangs at its prompt\n`,
  );
});

test("colour -> the same text, painted", () => {
  const tell = (timeline: Timeline) => timeline.node({ at: at(0), node: 0, kind: "hung" });
  const painted = told(tell, { colour: true });
  expect(painted).toContain("\u001b[31mhangs at its prompt\u001b[0m");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is looked for
  expect(painted.replace(/\u001b\[\d+m/g, "")).toBe(told(tell));
});

test("nothing to tell -> nothing printed", () => {
  expect(
    told((timeline) => {
      timeline.node({ at: at(0), node: 0, kind: "powered-on" });
      timeline.node({ at: at(0), node: 0, kind: "acting" });
      timeline.cloud(suppressed(1));
    }),
  ).toBe("");
});

test.each([
  [0, "Mon 00:00"],
  [(6 * 24 + 23) * 60 + 59, "Sun 23:59"],
])("wall clock, minute %d -> %s", (minute, expected) => {
  expect(wallClock(EPOCH_MS + minute * 60_000)).toBe(expected);
});

test.each([
  [0.24, "Tue 04:20:00", "Mon 00:00:00"],
  [0.25, "Tue 04:20", "Mon 00:00"],
  [7, "Tue 04:20", "Mon 00:00"],
  [7.5, "2026-03-17 04:20", "2026-03-02 00:00"],
])("a run of %d days -> %s, in every line, in columns", (runDays, late, first) => {
  expect(wallClock(Date.UTC(2026, 2, 17, 4, 20), runDays)).toBe(late);
  const text = told(
    (timeline) => {
      timeline.node({ at: at(0), node: 0, kind: "hung" });
      timeline.cloud(logged(0, { code: "mail-accepted", fields: { subject: "[ha2m] FIRING kitchen" } }));
      timeline.node(reading(0, 0, 21));
    },
    {},
    runDays,
  );
  expect(text.split("\n")).toEqual([
    `${first}  node 0  hangs at its prompt`,
    `${first}  mail    ✉ [ha2m] FIRING kitchen`,
    `${first}  node 0  1 reading, 21.0 °C ▁`,
    "",
  ]);
});

describe("a line that is too long for the terminal", () => {
  const long = (timeline: Timeline) => {
    timeline.node(decided(0, 0, { formatted: true }));
    timeline.cloud(
      logged(1, {
        level: "warn",
        source: "queue ReadingsErrors",
        text: "message 1 arrived: one two three four five",
      }),
    );
  };

  test("on a terminal -> goes on under its first word, each piece painted", () => {
    const lines = [
      "Mon 00:00  node 0  finds blank EEPROMs: formats",
      "                   them, is primary; the others",
      "                   are not admitted yet",
      "Mon 00:01  queue ReadingsErrors message 1",
      "                   arrived: one two three four",
      "                   five",
      "",
    ];
    expect(told(long, { wraps: true, columns: 48 })).toBe(lines.join("\n"));
    const painted = told(long, { wraps: true, columns: 48, colour: true });
    expect(painted).toContain("\u001b[33mfive\u001b[0m\n");
  });

  test("piped -> stays whole", () => {
    expect(told(long, { columns: 48 }).split("\n")).toEqual([
      "Mon 00:00  node 0  finds blank EEPROMs: formats them, is primary; the others are not admitted yet",
      "Mon 00:01  queue ReadingsErrors message 1 arrived: one two three four five",
      "",
    ]);
  });
});

test.each([
  [100, "1,440 readings, 0.0 to 6.0 °C, 1,000 notifications suppressed ▂▃▅▆▇█▁▂▃▅▆"],
  [80, "1,440 readings, 0.0 to 6.0 °C, 1,000 suppressed "],
  [60, "1,440 readings, 0.0 to 6.0 °C "],
])("a live line of a long run, %i columns -> as much as one line holds", (columns, expected) => {
  const { terminal, printed } = recordingTerminal({ live: true, columns });
  const timeline = new Timeline(terminal, EPOCH_MS, 30);
  for (let minute = 0; minute < 1_000; minute++) timeline.cloud(suppressed(minute));
  for (let minute = 0; minute < 1_440; minute++) timeline.node(reading(minute, 0, minute % 7));
  const last = printed().split("\r").at(-1);
  expect(last?.slice("2026-03-02 00:00  node 0  ".length)).toContain(expected);
  expect(last?.length).toBeLessThan(columns);
});

test.each([80, 60, 40])(
  "a terminal of %i columns -> a line of readings that is rewritten never wraps for its bars",
  (columns) => {
    const { terminal, printed } = recordingTerminal({ live: true, columns });
    const timeline = new Timeline(terminal, EPOCH_MS);
    for (let minute = 0; minute < 60; minute++) timeline.node(reading(minute, 0, minute % 7));
    timeline.close();
    const bare = "Mon 00:00  node 0  60 readings, 0.0 to 6.0 °C".length;
    for (const line of printed().split(/[\r\n]/))
      expect(line.length).toBeLessThanOrEqual(Math.max(columns - 1, bare));
  },
);

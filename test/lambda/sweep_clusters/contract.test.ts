/** What both functions come to together, told as stories: who hears what, and when. Against the DynamoDB API. */
import { death, MINUTE_MS, NOON_MS, recovery } from "../send_cluster_mail/support/fixtures.ts";
import { CALM } from "../send_cluster_mail/support/schedule.ts";
import type { World } from "../send_cluster_mail/support/world.ts";
import { DAY_MS, HOUR_MS, QUARTER_MS, useWorlds } from "./support/stories.ts";

const newWorld = useWorlds();

const hoursOf = (world: World): readonly number[] =>
  world.mails.map(({ atMs }) => Math.round((atMs - NOON_MS) / HOUR_MS));

describe("silence", () => {
  test("the last reading at noon, 15 min between two -> silent after four periods; the next reading resolves", async () => {
    const { world, sweepUntil, told } = await newWorld();
    await world.heartbeat("kitchen", 0, NOON_MS);
    await world.heartbeat("kitchen", 1, NOON_MS - DAY_MS);
    await sweepUntil(NOON_MS + 30 * MINUTE_MS);
    expect(told()).toEqual([]);
    await sweepUntil(NOON_MS + 6 * HOUR_MS);
    expect(told()).toEqual(["firing cluster-silent#0"]);
    expect(world.mails[0]!.atMs).toBe(NOON_MS + 60 * MINUTE_MS);
    await world.heartbeat("kitchen", 0, NOON_MS + 6 * HOUR_MS + MINUTE_MS);
    await sweepUntil(NOON_MS + 6 * HOUR_MS + 30 * MINUTE_MS);
    expect(told()).toEqual(["firing cluster-silent#0", "resolved cluster-silent#0"]);
  });

  test("a cluster that was never heard of -> no incident", async () => {
    const { sweepUntil, told } = await newWorld();
    await sweepUntil(NOON_MS + 3 * HOUR_MS);
    expect(told()).toEqual([]);
  });

  test("three weeks without broadband -> silent, reminders after 1, 3, 7, 14 and 21 days, resolved once", async () => {
    const { world, sweepUntil, told } = await newWorld();
    await world.heartbeat("kitchen", 0, NOON_MS - HOUR_MS);
    await sweepUntil(NOON_MS + 22 * DAY_MS, 6 * HOUR_MS);
    await world.heartbeat("kitchen", 0, NOON_MS + 22 * DAY_MS + 6 * HOUR_MS - MINUTE_MS);
    await sweepUntil(NOON_MS + 22 * DAY_MS + 6 * HOUR_MS, 6 * HOUR_MS);
    expect(told()).toEqual([
      "firing cluster-silent#0",
      ...Array(5).fill("reminder cluster-silent#0"),
      "resolved cluster-silent#0",
    ]);
    expect(hoursOf(world).map((hour) => hour / 24)).toEqual([0, 1, 3, 7, 14, 21, 22.25]);
    expect(new Set(world.mails.map(({ thread }) => thread)).size).toBe(1);
  });

  test("reminders_max is 0 -> none", async () => {
    const { world, sweepUntil, told } = await newWorld({ ALERTS: '{"reminders_max":0}' });
    await world.heartbeat("kitchen", 0, NOON_MS - HOUR_MS);
    await sweepUntil(NOON_MS + 3 * DAY_MS, 6 * HOUR_MS);
    expect(told()).toEqual(["firing cluster-silent#0"]);
  });
});

describe("answers", () => {
  const id = { clusterId: "kitchen", kind: "cluster-silent", subject: 0 } as const;

  test("acknowledged -> no reminders in this episode, again in the next", async () => {
    const { world, sweepUntil, told, answers } = await newWorld();
    await world.heartbeat("kitchen", 0, NOON_MS - HOUR_MS);
    await sweepUntil(NOON_MS);
    expect(await answers.note(id, 1, { kind: "acknowledge" }, NOON_MS + 1)).toBe("noted");
    await sweepUntil(NOON_MS + 3 * DAY_MS, 6 * HOUR_MS);
    await world.heartbeat("kitchen", 0, NOON_MS + 3 * DAY_MS);
    await sweepUntil(NOON_MS + 5 * DAY_MS, 6 * HOUR_MS);
    expect(told().map((line) => line.split(" ")[0])).toEqual(["firing", "resolved", "firing", "reminder"]);
  });

  test("snoozed for two days -> the reminder of the first day comes after them", async () => {
    const { world, sweepUntil, answers } = await newWorld();
    await world.heartbeat("kitchen", 0, NOON_MS - HOUR_MS);
    await sweepUntil(NOON_MS);
    await answers.note(id, 1, { kind: "snooze", untilMs: NOON_MS + 2 * DAY_MS }, NOON_MS + 1);
    await sweepUntil(NOON_MS + 60 * HOUR_MS, 6 * HOUR_MS);
    expect(hoursOf(world)).toEqual([0, 48]);
  });
});

describe("quiet hours", () => {
  const MAIL_TO = JSON.stringify([
    { address: "asleep@example.org", quiet: { from: "22:00", to: "07:00", time_zone: "UTC" } },
    "awake@example.org",
  ]);

  test("dead and back again at night -> told at once to whoever is awake; to the sleeper in the morning, both in one mail", async () => {
    const { world, sweepUntil, deliver } = await newWorld({ MAIL_TO });
    await sweepUntil(NOON_MS + 11 * HOUR_MS);
    await deliver(death({ minute: 665 }));
    await deliver(recovery({ minute: 680 }));
    await sweepUntil(NOON_MS + 20 * HOUR_MS);
    const toldTo = (channel: RegExp) =>
      world.mails
        .filter((mail) => channel.test(mail.channel))
        .map(({ state, atMs }) => [state, new Date(atMs).toISOString().slice(11, 16)]);
    expect(toldTo(/any/)).toEqual([
      ["firing", "23:05"],
      ["resolved", "23:20"],
    ]);
    expect(toldTo(/quiet/)).toEqual([["resolved", "07:00"]]);
    expect(world.mails.find(({ channel }) => channel !== "any-time")!.text).toMatch(
      /quiet hours.*only mail about it/s,
    );
  });
});

describe("flapping", () => {
  test("out and back every half hour -> told until the third time, then nothing until it has been steady", async () => {
    const { world, sweepUntil, deliver, told } = await newWorld();
    const quarters = 24;
    for (let quarter = 0; quarter < quarters; quarter += 2) {
      await deliver(death({ minute: quarter * 15 }));
      await sweepUntil(NOON_MS + quarter * QUARTER_MS);
      await deliver(recovery({ minute: (quarter + 1) * 15 }));
      await sweepUntil(NOON_MS + (quarter + 1) * QUARTER_MS);
    }
    const single = [...Array(2).fill(["firing", "resolved"]).flat(), "firing"];
    expect(told()).toEqual(single.map((state) => `${state} node-dead#0`));
    expect(world.mails.at(-1)!.text).toContain("Single mails stop here");
    await sweepUntil(NOON_MS + quarters * QUARTER_MS + 5 * HOUR_MS);
    expect(told().slice(single.length)).toEqual(["resolved node-dead#0"]);
    expect(new Set(world.mails.map(({ thread }) => thread))).toEqual(new Set([1]));
    expect(world.log.filter(({ why }) => why === "flapping").length).toBeGreaterThan(8);
  });

  test("out for good after it has flapped -> one mail says so after two hours", async () => {
    const { sweepUntil, deliver, told } = await newWorld();
    for (let quarter = 0; quarter < 12; quarter += 2) {
      await deliver(death({ minute: quarter * 15 }));
      await deliver(recovery({ minute: (quarter + 1) * 15 }));
    }
    await deliver(death({ minute: 180 }));
    await sweepUntil(NOON_MS + 6 * HOUR_MS);
    expect(told().slice(-2)).toEqual(["firing node-dead#0", "firing node-dead#0"]);
    expect(told()).toHaveLength(6);
  });
});

test("a loose contact, out for an hour every three hours -> five mails in eighteen hours, then how it ended", async () => {
  const { world, sweepUntil, deliver, told } = await newWorld();
  for (let hour = 0; hour < 18; hour += 3) {
    await deliver(death({ minute: hour * 60 }));
    await sweepUntil(NOON_MS + hour * HOUR_MS);
    await deliver(recovery({ minute: hour * 60 + 60 }));
    await sweepUntil(NOON_MS + (hour + 2) * HOUR_MS);
  }
  expect(told()).toHaveLength(5);
  await sweepUntil(NOON_MS + 24 * HOUR_MS);
  expect(told().at(-1)).toBe("resolved node-dead#0");
  expect(world.mails).toHaveLength(6);
});

describe("storm", () => {
  const CLUSTERS = JSON.stringify(
    Object.fromEntries(Array.from({ length: 8 }, (_, k) => [`room-${k}`, { nodes: 2, sleep_s: 900 }])),
  );
  const rooms = Array.from({ length: 8 }, (_, k) => `room-${k}`);

  test("eight clusters silent at once -> one digest that lists them; whoever was back before is listed so, the ends of the others are one digest", async () => {
    const { world, sweepUntil, told } = await newWorld({ CLUSTERS });
    for (const room of rooms) await world.heartbeat(room, 0, NOON_MS - HOUR_MS);
    await sweepUntil(NOON_MS);
    expect(told()).toEqual([]);
    expect(world.log.map(({ why }) => why)).toEqual(Array(8).fill("storm"));
    await world.heartbeat("room-0", 0, NOON_MS + 2 * MINUTE_MS);
    await sweepUntil(NOON_MS + 2 * QUARTER_MS);
    await world.heartbeat("room-0", 0, NOON_MS + 35 * MINUTE_MS);
    await sweepUntil(NOON_MS + HOUR_MS);
    for (const room of rooms) await world.heartbeat(room, 0, NOON_MS + HOUR_MS + MINUTE_MS);
    await sweepUntil(NOON_MS + 2 * HOUR_MS);
    expect(told()[0]).toMatch(/^digest digest#\d+$/);
    expect(world.mails[0]!.atMs).toBe(NOON_MS + 30 * MINUTE_MS);
    for (const room of rooms) expect(world.mails[0]!.text).toContain(room);
    expect(told().slice(1)).toEqual([expect.stringMatching(/^digest/)]);
    expect(world.mails[1]!.text).toContain("stands for the RESOLVED mails of 7 incidents");
    expect(world.mails[1]!.text).not.toContain("room-0");
  });

  test("the digest's attempt crashes for good -> the next sweep sends it, marked", async () => {
    const crashing = { ...CALM };
    const { world, sweepUntil, told } = await newWorld({ CLUSTERS }, crashing);
    for (const room of rooms) await world.heartbeat(room, 0, NOON_MS - HOUR_MS);
    await sweepUntil(NOON_MS + QUARTER_MS);
    world.crashNext(Array(400).fill("before"));
    await sweepUntil(NOON_MS + 2 * QUARTER_MS);
    world.crashNext([]);
    await sweepUntil(NOON_MS + 3 * QUARTER_MS);
    expect(told()).toHaveLength(1);
    expect(told()[0]).toContain("digest");
  });

  test("a sixth death within the hour -> in the digest; the five before it were told singly", async () => {
    const { world, sweepUntil, deliver, told } = await newWorld({
      CLUSTERS: '{"shed":{"nodes":8,"sleep_s":900}}',
    });
    for (let subject = 0; subject < 7; subject++)
      await deliver(death({ cluster_id: "shed", subject, node: 7, minute: subject }));
    expect(told()).toHaveLength(5);
    await sweepUntil(NOON_MS + HOUR_MS);
    expect(told().slice(5)).toEqual([expect.stringMatching(/^digest/)]);
    const digest = (await world.listed("any-time")).map(({ subject }) => subject);
    expect([...digest].sort()).toEqual([5, 6]);
  });
});

describe("what began together and ends together", () => {
  const CLUSTERS = '{"shed":{"nodes":8,"sleep_s":900}}';
  const shed = (subject: number, minute: number) => ({ cluster_id: "shed", subject, node: 7, minute });

  test("seven nodes are back within a minute -> one mail; whoever fires anew is told of at once", async () => {
    const { world, sweepUntil, deliver, told } = await newWorld({ CLUSTERS });
    for (let node = 0; node < 7; node++) await deliver(death(shed(node, node)));
    await sweepUntil(NOON_MS + 2 * HOUR_MS);
    const before = told().length;
    for (let node = 0; node < 7; node++) await deliver(recovery(shed(node, 150 + node / 10)));
    expect(told()).toHaveLength(before);
    await deliver(death(shed(3, 155)));
    expect(told().slice(before)).toEqual(["resolved node-dead#3", "firing node-dead#3"]);
    await sweepUntil(NOON_MS + 5 * HOUR_MS);
    expect(told().slice(before + 2)).toEqual([expect.stringMatching(/^digest/)]);
    expect(world.mails.at(-1)!.text).toContain("stands for the RESOLVED mails of 6 incidents");
  });

  test("one of three is back, the others stay -> RESOLVED by itself, within the hour", async () => {
    const { sweepUntil, deliver, told } = await newWorld({ CLUSTERS });
    for (const node of [0, 1, 2]) await deliver(death(shed(node, node)));
    await deliver(recovery(shed(1, 150)));
    await sweepUntil(NOON_MS + 200 * MINUTE_MS);
    expect(told().slice(3)).toEqual(["resolved node-dead#1"]);
  });

  test("long apart -> each at once", async () => {
    const { deliver, told } = await newWorld({ CLUSTERS });
    for (const node of [0, 1, 2]) await deliver(death(shed(node, node * 70)));
    await deliver(recovery(shed(1, 250)));
    expect(told().at(-1)).toBe("resolved node-dead#1");
  });
});

describe("a digest does not overtake", () => {
  const CLUSTERS = '{"shed":{"nodes":8,"sleep_s":900}}';
  const shed = (subject: number, minute: number) => ({ cluster_id: "shed", subject, node: 7, minute });
  const DAY = 24 * 60;

  test("SES is down, an end is owed, then a storm -> the end comes first; node 0, dead for good, is last told so", async () => {
    const { world, sweepUntil, deliver } = await newWorld({ CLUSTERS });
    await deliver(death(shed(0, 0)));
    world.sesDown = true;
    await deliver(recovery(shed(0, 95)));
    await sweepUntil(NOON_MS + 119 * MINUTE_MS);
    for (const node of [1, 2, 3, 4, 5]) await deliver(death(shed(node, 120 + node)));
    await deliver(death(shed(0, 127)));
    await sweepUntil(NOON_MS + 135 * MINUTE_MS);
    world.sesDown = false;
    await sweepUntil(NOON_MS + 40 * HOUR_MS);
    const words = world.mails.filter(({ incident }) => incident === "node-dead#0").map(({ state }) => state);
    expect(words).toEqual(["firing", "resolved", "firing", "reminder"]);
    expect((await world.listed("any-time")).map(({ subject }) => subject)).not.toContain(0);
  });

  test("a night with an end that is owed and a storm -> in the morning the end comes first", async () => {
    const MAIL_TO = JSON.stringify([
      { address: "asleep@example.org", quiet: { from: "21:30", to: "06:30", time_zone: "UTC" } },
    ]);
    const { world, sweepUntil, deliver } = await newWorld({ CLUSTERS, MAIL_TO });
    await deliver(death(shed(0, 0)));
    await deliver(recovery(shed(0, DAY - 13 * 60)));
    for (const node of [1, 2, 3, 4, 5, 0]) await deliver(death(shed(node, 14 * 60 + node)));
    await sweepUntil(NOON_MS + DAY * MINUTE_MS);
    const words = world.mails.filter(({ incident }) => incident === "node-dead#0").map(({ state }) => state);
    expect(words).toEqual(["firing", "resolved", "firing"]);
    expect((await world.listed("quiet-2130-0630-UTC")).map(({ subject }) => subject)).not.toContain(0);
  });
});

describe("split brain", () => {
  test("the wire is cut: each node reports the other dead, and chips that fail -> one mail, and its end", async () => {
    const { world, sweepUntil, deliver, told } = await newWorld();
    const publish = async (quarter: number) => {
      const atMs = NOON_MS + quarter * QUARTER_MS - MINUTE_MS;
      const cut = quarter > 1;
      await world.heartbeat("kitchen", 0, atMs, { term: 6, unwritable_eeproms: cut ? 2 : 0 });
      if (cut) await world.heartbeat("kitchen", 1, atMs + 30_000, { term: 7, unwritable_eeproms: 1 });
    };
    for (let quarter = 0; quarter < 12; quarter++) {
      await publish(quarter);
      if (quarter === 2) await deliver(death({ minute: 30, term: 7 }));
      if (quarter === 3) await deliver(death({ minute: 45, term: 6, subject: 1, node: 0, took_over: false }));
      await sweepUntil(NOON_MS + quarter * QUARTER_MS);
    }
    expect(told()).toEqual(["firing split-brain#0"]);
    await deliver(recovery({ minute: 190, term: 8 }));
    await deliver(recovery({ minute: 191, term: 8, subject: 1, node: 0 }));
    for (let quarter = 13; quarter < 24; quarter++) {
      await world.heartbeat("kitchen", 1, NOON_MS + quarter * QUARTER_MS - MINUTE_MS, { term: 8 });
      await sweepUntil(NOON_MS + quarter * QUARTER_MS);
    }
    expect(told()).toEqual(["firing split-brain#0", "resolved split-brain#0"]);
  });

  test("a node that was heard a moment ago and then no more -> its death is told once it is overdue", async () => {
    const { world, sweepUntil, deliver, told } = await newWorld();
    await world.heartbeat("kitchen", 0, NOON_MS, { term: 2 });
    await deliver(death({ minute: 10, term: 3 }));
    expect(told()).toEqual([]);
    expect(world.log.at(-1)).toMatchObject({ why: "in-doubt" });
    await sweepUntil(NOON_MS + 30 * MINUTE_MS);
    expect(told()).toEqual(["firing node-dead#0"]);
  });

  test("two nodes publish under the same term -> one mail that names both; one alone for four periods -> resolved", async () => {
    const { world, sweepUntil, told } = await newWorld();
    for (let quarter = 0; quarter < 4; quarter++) {
      for (const node of [0, 1])
        await world.heartbeat("kitchen", node, NOON_MS + quarter * QUARTER_MS - MINUTE_MS, { term: 7 });
      await sweepUntil(NOON_MS + quarter * QUARTER_MS);
    }
    expect(told()).toEqual(["firing split-brain#0"]);
    expect(world.mails[0]!.subject).toContain("nodes 0 and 1");
    for (let quarter = 4; quarter < 12; quarter++) {
      await world.heartbeat("kitchen", 1, NOON_MS + quarter * QUARTER_MS - MINUTE_MS, { term: 8 });
      await sweepUntil(NOON_MS + quarter * QUARTER_MS);
    }
    expect(told()).toEqual(["firing split-brain#0", "resolved split-brain#0"]);
  });

  test("a node that was told dead publishes, alone -> it is back, though nobody said so", async () => {
    const { world, sweepUntil, deliver, told } = await newWorld();
    await world.heartbeat("kitchen", 1, NOON_MS);
    await deliver(death({ minute: 0 }));
    for (let quarter = 1; quarter < 10; quarter++) {
      await world.heartbeat("kitchen", 0, NOON_MS + quarter * QUARTER_MS, { term: 3 });
      await sweepUntil(NOON_MS + quarter * QUARTER_MS);
    }
    expect(told()).toContain("resolved node-dead#0");
  });
});

test("an attempt that crashed for good -> the sweep sends its mail, marked", async () => {
  const { world, sweepUntil, deliver, told } = await newWorld();
  world.crashNext([undefined, undefined, "after", undefined, undefined, "before"]);
  await deliver(death());
  world.dropRetries();
  await sweepUntil(NOON_MS + HOUR_MS);
  expect(told()).toEqual(["firing node-dead#0", "firing node-dead#0"]);
  expect(world.mails.map(({ marked }) => marked)).toEqual([false, true]);
});

test("nothing new -> a sweep asks once for each cluster, once an hour for the backend, and says nothing", async () => {
  const { world, sweepUntil } = await newWorld();
  await world.heartbeat("kitchen", 0, NOON_MS);
  await world.heartbeat("kitchen", 0, NOON_MS + 5 * MINUTE_MS);
  await sweepUntil(NOON_MS + QUARTER_MS);
  const before = world.externalCalls;
  await sweepUntil(NOON_MS + 2 * QUARTER_MS);
  expect(world.externalCalls - before).toBe(2);
  for (let quarter = 2; quarter <= 4; quarter++)
    await world.heartbeat("kitchen", 0, NOON_MS + quarter * QUARTER_MS + MINUTE_MS);
  await sweepUntil(NOON_MS + 4 * QUARTER_MS);
  expect(world.externalCalls - before).toBe(2 + 2 + 3);
  expect(world.log).toEqual([]);
});

/** What recipients hear once the configuration was edited. Both functions, against the DynamoDB API. */
import { death, MINUTE_MS, NOON_MS, recovery } from "../send_cluster_mail/support/fixtures.ts";
import { DAY_MS, HOUR_MS, useWorlds } from "./support/stories.ts";

const CLUSTERS = '{"shed":{"nodes":8,"sleep_s":900}}';
const shed = (subject: number, minute: number) => ({ cluster_id: "shed", subject, node: 7, minute });
const night = (from: string, to = "06:30") => ({ from, to, time_zone: "UTC" });
const mailTo = (...recipients: readonly unknown[]) => JSON.stringify(recipients);
const ann = (from: string) => ({ address: "ann@example.org", quiet: night(from) });

const newWorld = useWorlds();
const newTold = async (MAIL_TO: string) => {
  const { toldTo, ...story } = await newWorld({ CLUSTERS, MAIL_TO });
  return { ...story, told: toldTo };
};

test("quiet hours are edited after a storm -> its digest is not mailed again, and what it told of is resolved once", async () => {
  const { world, told, deliver, sweepUntil } = await newTold(mailTo(ann("22:00")));
  for (const node of [0, 1, 2, 3, 4, 5, 6]) await deliver(death(shed(node, node)));
  await sweepUntil(NOON_MS + HOUR_MS);
  expect(told().at(-1)).toMatch(/^digest/);
  const before = told().length;
  world.configure({ MAIL_TO: mailTo(ann("21:15")) });
  await sweepUntil(NOON_MS + 3 * HOUR_MS);
  expect(told().slice(before)).toEqual([]);
  await deliver(recovery(shed(6, 200)));
  await sweepUntil(NOON_MS + 5 * HOUR_MS);
  expect(told().slice(before)).toEqual(["resolved node-dead#6 to ann"]);
});

test("quiet hours are edited while a digest waits for the morning -> it is told once, in the new morning", async () => {
  const { world, told, deliver, sweepUntil } = await newTold(mailTo(ann("21:00")));
  for (const node of [0, 1, 2, 3, 4, 5, 6]) await deliver(death(shed(node, 10 * 60 + node)));
  await sweepUntil(NOON_MS + 11 * HOUR_MS);
  expect(told()).toEqual([]);
  world.configure({ MAIL_TO: mailTo({ address: "ann@example.org", quiet: night("21:00", "08:00") }) });
  await sweepUntil(NOON_MS + 22 * HOUR_MS);
  expect(told().filter((one) => one.startsWith("digest"))).toHaveLength(1);
  expect(told()).toHaveLength(6);
  expect(Math.min(...world.mails.map(({ atMs }) => atMs))).toBe(NOON_MS + 20 * HOUR_MS);
});

test("edited, and edited back, with an end in between -> no second RESOLVED", async () => {
  const { world, told, deliver, sweepUntil } = await newTold(mailTo(ann("22:00")));
  await deliver(death(shed(2, 0)));
  world.configure({ MAIL_TO: mailTo(ann("22:30")) });
  await deliver(recovery(shed(2, 90)));
  world.configure({ MAIL_TO: mailTo(ann("22:00")) });
  await sweepUntil(NOON_MS + 4 * HOUR_MS);
  expect(told()).toEqual(["firing node-dead#2 to ann", "resolved node-dead#2 to ann"]);
});

test("a recipient is added to a channel -> hears that it fires, alone; then reminders and the end with the others", async () => {
  const { world, told, deliver, sweepUntil } = await newTold(mailTo("bob@example.org"));
  await deliver(death(shed(3, 0)));
  await sweepUntil(NOON_MS + 5 * HOUR_MS);
  world.configure({ MAIL_TO: mailTo("bob@example.org", "cy@example.org") });
  await sweepUntil(NOON_MS + 26 * HOUR_MS);
  await deliver(recovery(shed(3, 30 * 60)));
  expect(told()).toEqual([
    "firing node-dead#3 to bob",
    "firing node-dead#3 to cy",
    "reminder node-dead#3 to bob+cy",
    "resolved node-dead#3 to bob+cy",
  ]);
});

test("a recipient is added after the end -> hears nothing of it; one who is taken out is told no end", async () => {
  const { world, told, deliver, sweepUntil } = await newTold(mailTo("bob@example.org", "dan@example.org"));
  await deliver(death(shed(1, 0)));
  world.configure({ MAIL_TO: mailTo("bob@example.org") });
  await deliver(recovery(shed(1, 60)));
  world.configure({ MAIL_TO: mailTo("bob@example.org", "cy@example.org") });
  await sweepUntil(NOON_MS + 2 * DAY_MS);
  expect(told()).toEqual(["firing node-dead#1 to bob+dan", "resolved node-dead#1 to bob"]);
});

test("all recipients of a channel are replaced while it fires -> the new ones hear that it fires, and its end", async () => {
  const { world, told, deliver, sweepUntil } = await newTold(mailTo("bob@example.org"));
  await deliver(death(shed(4, 0)));
  world.configure({ MAIL_TO: mailTo("cy@example.org") });
  await sweepUntil(NOON_MS + HOUR_MS);
  await deliver(recovery(shed(4, 120)));
  expect(told().slice(1)).toEqual(["firing node-dead#4 to cy", "resolved node-dead#4 to cy"]);
});

test("a recipient moves to a channel of its own -> nothing is told again, and the end once", async () => {
  const { world, told, deliver, sweepUntil } = await newTold(mailTo("ann@example.org", "bob@example.org"));
  await deliver(death(shed(5, 0)));
  world.configure({ MAIL_TO: mailTo(ann("22:00"), "bob@example.org") });
  await sweepUntil(NOON_MS + 3 * HOUR_MS);
  await deliver(recovery(shed(5, 200)));
  expect(told()).toEqual([
    "firing node-dead#5 to ann+bob",
    "resolved node-dead#5 to ann",
    "resolved node-dead#5 to bob",
  ]);
});

test("a recipient's quiet hours are taken out while it fires, in two configurations -> nothing is told again, and the end once", async () => {
  const { world, told, deliver, sweepUntil } = await newTold(mailTo(ann("22:00"), "bob@example.org"));
  await deliver(death(shed(5, 0)));
  world.configure({ MAIL_TO: mailTo("ann@example.org", "bob@example.org") });
  await sweepUntil(NOON_MS + 3 * HOUR_MS);
  expect(told()).toEqual(["firing node-dead#5 to ann", "firing node-dead#5 to bob"]);
  await deliver(recovery(shed(5, 200)));
  await sweepUntil(NOON_MS + 5 * HOUR_MS);
  expect(told().slice(2)).toEqual(["resolved node-dead#5 to ann+bob"]);
});

test("quiet hours taken out, an end, and put back -> no second RESOLVED; put back before the end -> it comes in the morning", async () => {
  const [quiet, awake] = [
    mailTo(ann("20:00"), "bob@example.org"),
    mailTo("ann@example.org", "bob@example.org"),
  ];
  const { world, told, deliver, sweepUntil } = await newTold(quiet);
  await deliver(death(shed(4, 0)));
  await deliver(death(shed(2, 1)));
  world.configure({ MAIL_TO: awake });
  await deliver(recovery(shed(4, 70)));
  await sweepUntil(NOON_MS + 2 * HOUR_MS);
  world.configure({ MAIL_TO: quiet });
  await deliver(recovery(shed(2, 9 * 60)));
  await sweepUntil(NOON_MS + 20 * HOUR_MS);
  expect(told().filter((one) => one.includes("#4") && one.startsWith("resolved"))).toEqual([
    "resolved node-dead#4 to ann+bob",
  ]);
  expect(told().filter((one) => one.includes("#2") && one.startsWith("resolved"))).toEqual([
    "resolved node-dead#2 to bob",
    "resolved node-dead#2 to ann",
  ]);
});

test("quiet hours are taken out while RESOLVED waits for the morning, or for SES -> it is sent once to each", async () => {
  const [quiet, awake] = [
    mailTo(ann("20:00"), "bob@example.org"),
    mailTo("ann@example.org", "bob@example.org"),
  ];
  const { world, told, deliver, sweepUntil } = await newTold(quiet);
  await deliver(death(shed(1, 0)));
  await deliver(recovery(shed(1, 9 * 60)));
  await sweepUntil(NOON_MS + 10 * HOUR_MS);
  world.configure({ MAIL_TO: awake });
  await sweepUntil(NOON_MS + 11 * HOUR_MS);
  expect(told().slice(2)).toEqual(["resolved node-dead#1 to bob", "resolved node-dead#1 to ann"]);
  world.configure({ MAIL_TO: quiet });
  await sweepUntil(NOON_MS + 24 * HOUR_MS);
  await deliver(death(shed(3, 24 * 60)));
  world.sesDown = true;
  await deliver(recovery(shed(3, 25 * 60)));
  await sweepUntil(NOON_MS + 26 * HOUR_MS);
  world.configure({ MAIL_TO: awake });
  await sweepUntil(NOON_MS + 27 * HOUR_MS);
  world.sesDown = false;
  await sweepUntil(NOON_MS + 34 * HOUR_MS);
  expect(told().filter((one) => /resolved .*#3/.test(one))).toEqual(["resolved node-dead#3 to ann+bob"]);
});

test("quiet hours are taken out by night, after a node has flapped and come to rest -> its end is told to each once", async () => {
  const { world, told, deliver, sweepUntil } = await newTold(mailTo(ann("19:00"), "bob@example.org"));
  for (let turn = 0; turn < 4; turn++) {
    await deliver(death(shed(2, 60 * turn)));
    await sweepUntil(NOON_MS + turn * HOUR_MS + 1);
    await deliver(recovery(shed(2, 60 * turn + 30)));
  }
  await sweepUntil(NOON_MS + 9 * HOUR_MS);
  expect(told().at(-1)).toBe("resolved node-dead#2 to bob");
  world.configure({ MAIL_TO: mailTo("ann@example.org", "bob@example.org") });
  await sweepUntil(NOON_MS + 24 * HOUR_MS);
  expect(told().slice(-2)).toEqual(["resolved node-dead#2 to bob", "resolved node-dead#2 to ann"]);
});

test("a node is taken out of the configuration while it is dead -> no reminders", async () => {
  const { world, told, deliver, sweepUntil } = await newTold(mailTo("bob@example.org"));
  await deliver(death(shed(6, 0)));
  await deliver(death(shed(2, 1)));
  world.configure({ CLUSTERS: CLUSTERS.replace("8", "4") });
  await sweepUntil(NOON_MS + 4 * DAY_MS);
  expect(told().filter((one) => one.startsWith("reminder"))).toEqual(
    Array(2).fill("reminder node-dead#2 to bob"),
  );
});

const told5 = { term: 5, took_over: false };

test("a node is taken out while it is dead, and is not heard for a day -> RESOLVED once, which says why; its old reading opens nothing", async () => {
  const { world, told, deliver, sweepUntil } = await newTold(mailTo("bob@example.org"));
  await world.heartbeat("shed", 6, NOON_MS - HOUR_MS, { battery_mv: 4_000 });
  await deliver(death({ ...shed(6, 0), ...told5 }));
  await sweepUntil(NOON_MS + HOUR_MS);
  world.configure({ CLUSTERS: CLUSTERS.replace("8", "4") });
  await sweepUntil(NOON_MS + 3 * DAY_MS);
  expect(told().filter((one) => one.includes("node-dead"))).toEqual([
    "firing node-dead#6 to bob",
    "resolved node-dead#6 to bob",
  ]);
  const over = world.mails.find(({ incident, state }) => incident === "node-dead#6" && state === "resolved");
  expect(over?.subject).toBe("[ha2m] RESOLVED shed: node 6 is no longer in the configuration");
  expect(over?.atMs).toBeLessThanOrEqual(NOON_MS + DAY_MS + 15 * MINUTE_MS);
  expect(over?.atMs).toBeGreaterThan(NOON_MS + DAY_MS - 15 * MINUTE_MS);
  const firing = (await world.items("shed")).filter(({ state }) => state === "firing");
  expect(firing.map(({ id }) => id.kind)).toEqual(["cluster-silent"]);
});

test("a node that the configuration does not have is still heard, or is reported dead at every wake -> nothing is closed", async () => {
  const { world, told, deliver, sweepUntil } = await newTold(mailTo("bob@example.org"));
  world.configure({ CLUSTERS: CLUSTERS.replace("8", "4") });
  await deliver(death({ ...shed(7, 0), ...told5, node: 0 }));
  await deliver(death({ ...shed(6, 1), node: 0 }));
  for (let hour = 2; hour <= 60; hour += 2) {
    await world.heartbeat("shed", 7, NOON_MS + hour * HOUR_MS, { term: 5 });
    await sweepUntil(NOON_MS + hour * HOUR_MS);
  }
  expect(told().filter((one) => one.startsWith("resolved node-dead#6"))).toEqual([]);
  expect(world.mails.filter(({ subject }) => subject.includes("no longer"))).toEqual([]);
});

test("an EEPROM at an address beyond the nodes -> no node that was taken out: it is reminded of, and ends with a reading", async () => {
  const { world, told, deliver, sweepUntil } = await newTold(mailTo("bob@example.org"));
  world.configure({ CLUSTERS: CLUSTERS.replace("8", "4") });
  await deliver(death({ ...shed(6, 0), type: "setup_fault", problem: "chip-address", took_over: false }));
  for (let hour = 1; hour <= 50; hour++) {
    const setup_faults = hour < 50 ? 0b100_0000 : 0;
    await world.heartbeat("shed", 0, NOON_MS + hour * HOUR_MS, { setup_faults });
    await sweepUntil(NOON_MS + hour * HOUR_MS + 1);
  }
  await sweepUntil(NOON_MS + 50.5 * HOUR_MS);
  expect(told().filter((one) => one.includes("setup-fault"))).toEqual([
    "firing setup-fault#6 to bob",
    "reminder setup-fault#6 to bob",
    "resolved setup-fault#6 to bob",
  ]);
});

test("a cluster is taken out while something fires -> RESOLVED after a day, in nobody's quiet hours, and then it is forgotten", async () => {
  const { world, told, deliver, sweepUntil } = await newTold(mailTo(ann("15:00")));
  world.configure({ CLUSTERS: '{"shed":{"nodes":8,"sleep_s":900},"barn":{"nodes":2,"sleep_s":900}}' });
  await sweepUntil(NOON_MS + HOUR_MS);
  const barn = { cluster_id: "barn", subject: 1, node: 0, minute: 179, term: 2 };
  await deliver(death(barn));
  world.configure({ CLUSTERS: '{"shed":{"nodes":8,"sleep_s":900}}' });
  await sweepUntil(NOON_MS + 4 * DAY_MS);
  expect(told()).toEqual(["firing node-dead#1 to ann", "resolved node-dead#1 to ann"]);
  const [, over] = world.mails;
  expect(over?.subject).toBe("[ha2m] RESOLVED barn: no longer in the configuration");
  // Its day is over as the quiet hours of the second day begin. They end at half past six; clusters are looked for by the hour.
  expect(over?.atMs).toBe(NOON_MS + 43 * HOUR_MS);
  expect((await world.remembered("*")).clusters).toEqual(["shed"]);
});

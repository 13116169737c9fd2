import { counted, noCounts } from "../../../../../simulator/cli/simulate/deployed/counted-uplink.ts";
import { byBasicIngest } from "../../../../../simulator/node/basic-ingest.ts";
import { MemoryUplink } from "../../../../../simulator/node/memory-uplink.ts";
import { UplinkError } from "../../../../../simulator/node/uplink.ts";

test("readings by either way, events -> counted once acknowledged", async () => {
  const counts = noCounts();
  const uplink = counted(new MemoryUplink({ accept: () => undefined }), counts);
  await uplink.connect();
  await uplink.publish("rosie/reading/kitchen/0", "{}");
  await byBasicIngest(uplink).publish("rosie/reading/kitchen/0", "{}");
  await uplink.publish("rosie/event/kitchen/0", "{}");
  expect(counts).toMatchObject({ readings: 2, events: 1 });
  expect(counts.failures.size).toBe(0);
});

test("refused -> thrown on, counted by code with the first message, and not as published", async () => {
  const counts = noCounts();
  let n = 0;
  const accept = () => {
    n += 1;
    throw new UplinkError("publish-failed", `refused ${n}`);
  };
  const uplink = counted(new MemoryUplink({ accept }), counts);
  await uplink.connect();
  for (const text of ["refused 1", "refused 2"])
    await expect(uplink.publish("rosie/event/kitchen/0", "{}")).rejects.toThrow(text);
  expect(counts).toMatchObject({ readings: 0, events: 0 });
  expect([...counts.failures]).toEqual([["publish-failed", { count: 2, first: "refused 1" }]]);
});

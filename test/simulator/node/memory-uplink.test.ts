import { MemoryUplink } from "../../../simulator/node/memory-uplink.ts";
import { UplinkError } from "../../../simulator/node/uplink.ts";

const recording = (reach?: () => void) => {
  const taken: [string, string][] = [];
  const accept = (topic: string, payload: string) => void taken.push([topic, payload]);
  return { taken, uplink: new MemoryUplink({ accept, ...(reach === undefined ? {} : { reach }) }) };
};

test("publish -> the message is there when it returns, in order", () => {
  const { taken, uplink } = recording();
  uplink.connect();
  uplink.publish("a/b", "1");
  uplink.publish("a/c", "2");
  expect(taken).toEqual([
    ["a/b", "1"],
    ["a/c", "2"],
  ]);
});

test.each<[string, (uplink: MemoryUplink) => void]>([
  ["before connect", () => undefined],
  [
    "after disconnect",
    (uplink) => {
      uplink.connect();
      uplink.disconnect();
    },
  ],
])("publish %s -> not-connected, nothing taken", (_, prepare) => {
  const { taken, uplink } = recording();
  prepare(uplink);
  expect(() => uplink.publish("a/b", "1")).toThrow(expect.objectContaining({ code: "not-connected" }));
  expect(taken).toEqual([]);
});

test("the network goes away -> connect fails as it says, and the old connection is gone", () => {
  let away = false;
  const { uplink } = recording(() => {
    if (away) throw new UplinkError("connect-failed", "no Wi-Fi");
  });
  uplink.connect();
  away = true;
  expect(() => uplink.connect()).toThrow("no Wi-Fi");
  expect(() => uplink.publish("a/b", "1")).toThrow(expect.objectContaining({ code: "not-connected" }));
});

test("the broker refuses a message -> publish throws what it throws, the connection stays", () => {
  const taken: string[] = [];
  const uplink = new MemoryUplink({
    accept: (topic, payload) => {
      if (topic === "closed") throw new UplinkError("publish-failed", "no policy allows it");
      taken.push(payload);
    },
  });
  uplink.connect();
  expect(() => uplink.publish("closed", "1")).toThrow("no policy allows it");
  uplink.publish("open", "2");
  expect(taken).toEqual(["2"]);
});

import { Overrides } from "../../../simulator/scenario/overrides.ts";

test("put and healed -> as it was; healed again -> nothing happens", () => {
  const [overrides, device] = [new Overrides(), { share: 1 as number | undefined }];
  const heal = overrides.put(device, "share", 2);
  expect(device.share).toBe(2);
  heal();
  expect(device.share).toBe(1);
  device.share = 5;
  heal();
  expect(device.share).toBe(5);
});

test.each([
  [
    [0, 1, 2],
    [3, 3, 0],
  ],
  [
    [2, 1, 0],
    [2, 1, 0],
  ],
  [
    [1, 0, 2],
    [3, 3, 0],
  ],
  [
    [0, 2, 1],
    [3, 2, 0],
  ],
])("three at a time, healed in the order %p -> %p", (order, expected) => {
  const [overrides, device] = [new Overrides(), { share: 0 }];
  const heals = [1, 2, 3].map((share) => overrides.put(device, "share", share));
  const seen = order.map((which) => {
    heals[which]!();
    return device.share;
  });
  expect(seen).toEqual(expected);
});

test("all healed, then changed by somebody else -> that is what the next one gives back", () => {
  const [overrides, device] = [new Overrides(), { share: 0 }];
  overrides.put(device, "share", 1)();
  device.share = 7;
  overrides.put(device, "share", 2)();
  expect(device.share).toBe(7);
});

test("another device, another property -> left alone", () => {
  const overrides = new Overrides();
  const [one, other] = [
    { share: 0, name: "one" },
    { share: 0, name: "other" },
  ];
  const heal = overrides.put(one, "share", 1);
  overrides.put(one, "name", "struck");
  heal();
  expect([one, other]).toEqual([
    { share: 0, name: "struck" },
    { share: 0, name: "other" },
  ]);
});

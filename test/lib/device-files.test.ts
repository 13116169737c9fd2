import { deviceNamed, stemOf } from "../../lib/device-files.ts";

test.each([
  ["kitchen-0", { cluster: "kitchen", node: 0, generation: 1 }],
  ["shed-2-1", { cluster: "shed-2", node: 1, generation: 1 }],
  ["shed-2-1.12", { cluster: "shed-2", node: 1, generation: 12 }],
])("%s -> cluster, node, generation, and back", (stem, name) => {
  expect(deviceNamed(stem)).toEqual(name);
  expect(stemOf(name)).toBe(stem);
});

test.each([
  "kitchen",
  "kitchen-8",
  "kitchen-10",
  "kitchen-0.1",
  "kitchen-0.02",
  "kitchen-0.x",
  "Kitchen-0",
  "",
])("%p -> no node's name", (stem) => expect(deviceNamed(stem)).toBeUndefined());

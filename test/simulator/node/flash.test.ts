import { Flash } from "../../../simulator/node/flash.ts";

test("a person stops a node at its prompt soon after its first start -> the next start is the first that counts", () => {
  const flash = new Flash();
  flash.coldStart();
  flash.atPrompt();
  flash.coldStart();
  expect({ boots: flash.boots, coldStarts: flash.coldStarts }).toEqual({ boots: 3, coldStarts: 1 });
});

test("two cold starts without a sleep or a reading between -> both count, until the node has run on", () => {
  const flash = new Flash();
  flash.coldStart();
  flash.coldStart();
  expect(flash.coldStarts).toBe(2);
  flash.ranOn();
  expect(flash.coldStarts).toBe(0);
});

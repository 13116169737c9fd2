/** Transfers that fail now and then: they are tried again as often as the protocol asks for, and no more. */
import { Engine } from "../../../simulator/engine/engine.ts";
import { after, START, seconds } from "../../../simulator/engine/time.ts";
import { Trace } from "../../../simulator/engine/trace.ts";
import { At24c256 } from "../../../simulator/hardware/at24c256.ts";
import { BusyLine } from "../../../simulator/hardware/busy-line.ts";
import { EepromDriver } from "../../../simulator/hardware/eeprom-driver.ts";
import { I2cBus } from "../../../simulator/hardware/i2c-bus.ts";
import {
  addressOf,
  type Board,
  type BoardEffect,
  boardEffect,
  runEffect,
} from "../../../simulator/node/board.ts";
import type { Reply } from "../../../simulator/protocol/effects.ts";
import { TRANSFER_TRIES } from "../../../simulator/protocol/timing.ts";

const BYTES = Uint8Array.of(1, 2, 3);
const READ: BoardEffect = { do: "read", chip: 0, address: 0, length: 3 };
const WRITE: BoardEffect = { do: "write", chip: 0, address: 0, bytes: BYTES, verify: true };

/** @param spoiled how many of the first transfers fail on their way */
async function carriedOut(effect: BoardEffect, spoiled: number, tries?: number) {
  const engine = new Engine();
  const bus = new I2cBus({ clockHz: 400_000 });
  const chip = new At24c256({ address: addressOf(0) });
  bus.attach(chip);
  let asked = 0;
  const board: Board = {
    self: 0,
    eeprom: new EepromDriver(bus),
    busyLine: new BusyLine(),
    trace: new Trace(),
    now: () => engine.now,
    glitch: () => ++asked <= spoiled,
  };
  let reply: Reply;
  engine.spawn(
    "node-0",
    (function* () {
      reply = yield* runEffect(
        boardEffect(board, tries === undefined ? effect : ({ ...effect, tries } as BoardEffect)),
      );
    })(),
  );
  await engine.run(after(START, seconds(10)));
  return { reply, asked, kept: chip.memory.slice(0, 3) };
}

const BLANK = Uint8Array.of(0xff, 0xff, 0xff);

test.each([
  [0, 1, BLANK],
  [TRANSFER_TRIES - 1, TRANSFER_TRIES, BLANK],
  [TRANSFER_TRIES, TRANSFER_TRIES, undefined],
])("a read, and %p transfers are spoiled -> %p tries", async (spoiled, tries, reply) => {
  expect(await carriedOut(READ, spoiled, TRANSFER_TRIES)).toMatchObject({ reply, asked: tries });
});

test.each([
  [TRANSFER_TRIES - 1, true, BYTES],
  [TRANSFER_TRIES, false, BLANK],
])("a write, and %p transfers are spoiled -> %p", async (spoiled, reply, kept) => {
  expect(await carriedOut(WRITE, spoiled, TRANSFER_TRIES)).toMatchObject({ reply, kept });
});

test("a protocol that asks for no more than one try gets one", async () => {
  expect(await carriedOut(READ, 1)).toMatchObject({ reply: undefined, asked: 1 });
});

/** What each kind of fault does to the devices of a run, and how it is undone. */
import type { Rng } from "../engine/rng.ts";
import { type Instant, millis, seconds } from "../engine/time.ts";
import { PAGE_BYTES, PAGE_ENDURANCE } from "../hardware/at24c256.ts";
import type { Ds18b20Fault } from "../hardware/ds18b20.ts";
import { EEPROM_BYTES } from "../hardware/eeprom-image.ts";
import type { Service } from "../hardware/network.ts";
import { NimhPack } from "../hardware/nimh-pack.ts";
import { addressOf, type Board } from "../node/board.ts";
import type { VirtualNode } from "../node/virtual-node.ts";
import type { NodeDevices } from "./devices.ts";
import type { Fault, FaultName, FaultOf } from "./faults.ts";
import type { Heal, Overrides } from "./overrides.ts";
import type { Rig } from "./rig.ts";

/** The devices that a fault can strike. */
export interface Stricken {
  readonly rig: Rig;
  readonly overrides: Overrides;
  readonly now: Instant;
  readonly node: (node: number) => NodeDevices;
  readonly boards: readonly Board[];
  readonly powerOn: (node: number) => void;
  readonly powerOff: (node: number, torn: "addressed-bytes" | "whole-page") => void;
  /** Source of chance for this fault alone. */
  readonly rng: Rng;
}

type Strike<Name extends FaultName> = (fault: FaultOf<Name>, on: Stricken) => Heal | undefined;

const PERCENT = 0.01;
const NOTHING = (): void => undefined;

/** A fault that happens in an instant, and does not heal. */
const once =
  <Name extends FaultName>(act: (fault: FaultOf<Name>, on: Stricken) => void): Strike<Name> =>
  (fault, on) => {
    act(fault, on);
    return undefined;
  };

const node = <Name extends FaultName>(
  act: (node: VirtualNode, fault: FaultOf<Name>, on: Stricken) => void,
): Strike<Name> => once((fault, on) => act(on.node((fault as { node: number }).node).node, fault, on));

const away =
  <Name extends FaultName>(service: (fault: FaultOf<Name>, on: Stricken) => Service): Strike<Name> =>
  (fault, on) =>
    service(fault, on).takeAway();

const sensor =
  <Name extends FaultName>(how: (fault: FaultOf<Name>, rng: Rng) => Ds18b20Fault): Strike<Name> =>
  (fault, on) => {
    const { sensor } = on.node((fault as { node: number }).node);
    return on.overrides.put(sensor, "fault", how(fault, on.rng));
  };

const held =
  (line: "sda" | "scl"): ((fault: unknown, on: Stricken) => Heal) =>
  (_, on) => {
    const by = `fault ${on.rng.uint32()}`;
    on.rig.bus.lines.pullLow(on.now, line, by);
    return () => on.rig.bus.lines.letGo(on.now, line, by);
  };

const noise = (length: number, fill: number | undefined, rng: Rng): Uint8Array =>
  Uint8Array.from({ length }, () => fill ?? rng.below(256));

const STRIKES: { readonly [Name in FaultName]: Strike<Name> } = {
  "power-cut": ({ node, torn }, on) => {
    // Without power already, by another cut, an empty pack, or because it was never switched on: this fault does not
    // end that.
    if (!on.rig.powered(node)) return undefined;
    on.powerOff(node, torn);
    return () => {
      if (!on.rig.powered(node)) on.powerOn(node);
    };
  },
  "battery-low": node((struck, { percent }) =>
    struck.fit(new NimhPack({ stateOfCharge: percent * PERCENT })),
  ),
  reset: node((struck, { cause, held_s }) => struck.reset(cause, seconds(held_s ?? 0))),
  "stale-memory": node((struck, { held_s }) => struck.resetWithStaleMemory(seconds(held_s ?? 0))),
  "memory-lost": away(({ node }, on) => on.node(node).node.rtcMemory),
  hang: node((struck) => struck.hangAtNextWake()),
  freeze: node((struck) => struck.freeze()),
  stall: ({ node }, on) => on.node(node).node.stall(),
  "never-wakes": node((struck) => struck.neverWake()),
  oversleep: node((struck, { by_s }) => struck.oversleep(seconds(by_s))),
  "sleeps-on": ({ node }, on) => on.node(node).node.sleepOn(),
  "early-wake": node((struck) => struck.wakeNow()),
  "wake-together": node((struck, fault, on) => struck.wakeWith(on.node(fault.with).node)),
  "timer-drift": ({ node, percent }, on) =>
    on.overrides.put(on.node(node).node.clock, "error", percent * PERCENT),
  "impatient-driver": ({ node }, on) => on.overrides.put(on.rig.driver(node), "patient", false),
  "straddling-records": once(({ address }, on) => {
    for (const board of on.boards) board.recordAddress = address;
  }),
  "sda-held": held("sda"),
  "scl-held": held("scl"),
  "pull-ups-lost": ({ unlifted }, on) => on.rig.losePullUps(unlifted),
  "wire-cut": ({ node }, on) => on.rig.cutWire(node),
  "transfer-errors": ({ reads, writes, chip }, on) => {
    const glitch: Board["glitch"] = (kind, of) =>
      (chip === undefined || chip === of) && on.rng.chance(kind === "read" ? reads : writes);
    const heals = on.boards.map((board) => on.overrides.put(board, "glitch", glitch));
    return () => {
      for (const heal of heals) heal();
    };
  },
  "busy-line-stuck": (_, on) => on.rig.busyLine.holdHigh(),
  "busy-wire-cut": ({ node }, on) => on.rig.busyLine.cut(node),
  "eeprom-dislodged": ({ chip, fill }, on) => on.rig.dislodge(chip, fill),
  "eeprom-blank": once(({ chip }, on) => on.rig.replaceChip(chip)),
  "eeprom-other-type": once(({ chip, part }, on) => on.rig.replaceChip(chip, undefined, part)),
  "eeprom-noise": once(({ chip, fill }, on) => on.rig.replaceChip(chip, noise(EEPROM_BYTES, fill, on.rng))),
  "page-rot": once(({ chip, page, fill }, on) => {
    const { memory } = on.rig.chip(chip);
    memory.set(noise(PAGE_BYTES, fill, on.rng), (PAGE_BYTES * page) % memory.length);
  }),
  "write-protected": ({ chip }, on) => on.overrides.put(on.rig.chip(chip), "writeProtect", true),
  "wrong-strap": (fault, on) => on.overrides.put(on.rig.chip(fault.chip), "address", addressOf(fault.as)),
  "stuck-bit": ({ chip, address, bit, reads }, on) => {
    const struck = on.rig.chip(chip);
    struck.stickBits(address % struck.memory.length, 1 << bit, reads);
    return () => struck.freeBits();
  },
  "worn-page": once(({ chip, page }, on) => {
    const struck = on.rig.chip(chip);
    struck.wear(page % struck.pages, PAGE_ENDURANCE);
  }),
  "slow-write-cycle": ({ chip, ms }, on) => on.overrides.put(on.rig.chip(chip), "writeCycle", millis(ms)),
  "wifi-outage": away(({ node }, on) =>
    node === undefined ? on.rig.network.accessPoint : on.node(node).radio.link,
  ),
  "broadband-outage": away((_, on) => on.rig.network.broadband),
  "slow-join": (fault, on) => on.overrides.put(on.node(fault.node).radio, "joinS", fault.seconds),
  "joins-fail": ({ node, share }, on) => on.overrides.put(on.node(node).radio, "joinsFailing", share),
  "tls-failure": away(({ node }, on) => on.node(node).radio.tlsMemory),
  "certificate-expired": away(({ node }, on) => on.node(node).radio.certificate),
  "puback-lost": once(({ node, times }, on) => {
    on.node(node).radio.pubacksToLose += times;
  }),
  "time-server-silent": away((_, on) => on.rig.network.timeServer),
  "sensor-absent": sensor(() => ({ kind: "absent" })),
  "sensor-crc": sensor(({ share }, rng) => ({ kind: "crc-error", rate: share, rng })),
  "sensor-85": sensor(() => ({ kind: "stuck-85" })),
  "sensor-127": sensor(() => ({ kind: "reads-127.94" })),
  "sensor-zero": sensor(() => ({ kind: "all-zero" })),
  "sensor-stuck": sensor(({ celsius }) => ({ kind: "stuck-value", celsius })),
};

/** Lets a fault strike. @returns what undoes it; does nothing for a fault that happens in an instant */
export function strike(fault: Fault, on: Stricken): Heal {
  const how = STRIKES[fault.kind] as (fault: Fault, on: Stricken) => Heal | undefined;
  return how(fault, on) ?? NOTHING;
}

import type { Ds18b20 } from "../hardware/ds18b20.ts";
import type { Radio } from "../hardware/network.ts";
import type { Board } from "../node/board.ts";
import type { VirtualNode } from "../node/virtual-node.ts";

/** The devices of one node that faults can strike. */
export interface NodeDevices {
  readonly node: VirtualNode;
  readonly board: Board;
  readonly sensor: Ds18b20;
  readonly radio: Radio;
}

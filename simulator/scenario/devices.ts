import type { Ds18b20 } from "../hardware/ds18b20.ts";
import type { Radio } from "../hardware/network.ts";
import type { Board } from "../node/board.ts";
import type { VirtualNode } from "../node/virtual-node.ts";

/** What one node is made of, as far as faults strike it. */
export interface NodeDevices {
  readonly node: VirtualNode;
  readonly board: Board;
  readonly sensor: Ds18b20;
  readonly radio: Radio;
}

/** A cluster's folders in a temporary place, for the tests of what is done in them. */
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DeviceFolders } from "../../../../simulator/cli/provision/device-folders.ts";
import type { IotAccount } from "../../../../simulator/cli/provision/iot-account.ts";
import type { DeviceOutputs } from "../../../../simulator/cli/shared/stack-outputs.ts";

export class Folders implements DeviceFolders {
  readonly root = mkdtempSync(join(tmpdir(), "ha2m-provision-"));
  readonly cluster = "kitchen";
  readonly dir = join(this.root, "kitchen");
  readonly ca = join(this.dir, "ca.pem");
  readonly endpoint = join(this.dir, "endpoint.json");
  readonly csrs = join(this.root, "devices");

  get files(): string[] {
    return [this.dir, this.csrs].flatMap((dir) => (existsSync(dir) ? readdirSync(dir).sort() : []));
  }

  remove(): void {
    rmSync(this.root, { recursive: true });
  }
}

export const outputsOf = (certificates: Readonly<Record<string, string>>): DeviceOutputs => ({
  name: "ha2m",
  file: "cdk-outputs.json",
  region: "us-east-1",
  things: ["kitchen-0", "kitchen-1"],
  certificates: new Map(Object.entries(certificates)),
});

/** An account with these certificates; what is set is noted in `set`. */
export const accountOf = (
  certificates: Readonly<Record<string, { readonly pem: string; readonly status: string }>>,
  set: string[] = [],
): IotAccount => ({
  dataEndpoint: async () => "a1b2-ats.iot.us-east-1.amazonaws.com",
  certificate: async (id) => {
    const found = certificates[id];
    if (found === undefined) throw new Error(`no certificate ${id}`);
    return found;
  },
  setStatus: async (id, status) => void set.push(`${id} ${status}`),
  close: () => undefined,
});

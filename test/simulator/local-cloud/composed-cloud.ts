/** The local cloud as a whole, on a clock that the test moves, from a copy of the assembly that the test may change. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Channel, nodeTopic } from "../../../lib/contract/topics.ts";
import { verifiedAddresses } from "../../../simulator/cli/shared/mail-addresses.ts";
import type { ChaosOptions } from "../../../simulator/local-cloud/chaos.ts";
import type { CloudLogEntry } from "../../../simulator/local-cloud/cloud-log.ts";
import { type LocalCloud, startLocalCloud } from "../../../simulator/local-cloud/local-cloud.ts";
import { storedReadings } from "../../../simulator/local-cloud/stored-readings.ts";
import { readDeviceCredentials } from "../../../simulator/node/device-credentials.ts";
import { MqttUplink } from "../../../simulator/node/mqtt-uplink.ts";
import { ManualClock } from "./functions/runner-fixture.ts";

const PIPELINE = "Ha2mPipeline.template.json";

/** A resource of the pipeline, as far as the tests change it: a role has the policies, a rule the payload. */
export interface TemplateResource {
  readonly Type: string;
  readonly Properties: {
    readonly Policies: readonly {
      readonly PolicyDocument: { Statement: readonly { Action: unknown; Sid?: string }[] };
    }[];
    readonly TopicRulePayload: Record<string, unknown>;
    readonly FunctionName: string;
    readonly Code: { readonly S3Key: string };
  };
}

/** What a queue takes: a rule's error record or, with the `request…` fields, a function's failed event. */
export interface QueuedRecord {
  readonly base64OriginalPayload?: string;
  readonly failures?: readonly { readonly errorMessage: string }[];
  readonly requestPayload?: { readonly original_base64: string };
  readonly scheduled_time?: string;
}

/** A copy of the synthesized app. Its bundle stands in no npm package, so that it is CommonJS as where it is deployed. */
export class AssemblyCopy {
  readonly dir = mkdtempSync(join(tmpdir(), "ha2m-assembly-"));

  constructor(assemblyDir: string) {
    cpSync(assemblyDir, this.dir, { recursive: true });
  }

  /** Changes the pipeline's resources of one type; by logical id, so that a test can pick one of several. */
  edit(type: string, change: (resource: TemplateResource, logicalId: string) => void): void {
    const file = join(this.dir, PIPELINE);
    const template = JSON.parse(readFileSync(file, "utf8")) as {
      Resources: Record<string, TemplateResource>;
    };
    for (const [logicalId, resource] of Object.entries(template.Resources))
      if (resource.Type === type) change(resource, logicalId);
    writeFileSync(file, JSON.stringify(template));
  }

  /** Takes a statement from the role whose logical id begins so. */
  forbid(role: string, sid: string): void {
    this.edit("AWS::IAM::Role", ({ Properties }, logicalId) => {
      if (!logicalId.startsWith(role)) return;
      for (const { PolicyDocument } of Properties.Policies)
        PolicyDocument.Statement = PolicyDocument.Statement.filter(({ Sid }) => Sid !== sid);
    });
  }

  /** Puts code in front of a function's bundle. */
  prepend(functionName: string, code: string): void {
    this.edit("AWS::Lambda::Function", ({ Properties }) => {
      if (Properties.FunctionName !== functionName) return;
      const file = join(this.dir, `asset.${Properties.Code.S3Key.replace(".zip", "")}`, "index.js");
      writeFileSync(file, `${code}\n${readFileSync(file, "utf8")}`);
    });
  }

  remove(): void {
    rmSync(this.dir, { recursive: true, force: true });
  }
}

/** A mail that the local SES took. */
export interface SentMail {
  readonly subject: string;
  readonly text: string;
}

export class ComposedCloud {
  readonly clock = new ManualClock();
  readonly log: CloudLogEntry[] = [];
  readonly #uplinks = new Map<number, MqttUplink>();
  #cloud: LocalCloud | undefined;

  /**
   * @param chaos rates, for seed 1
   * @param verified in SES's sandbox, @default the configured addresses
   * @throws what `startLocalCloud` throws
   */
  async start(
    assemblyDir: string,
    chaos?: ChaosOptions["rates"],
    verified: readonly string[] = verifiedAddresses(),
  ): Promise<this> {
    this.#cloud = await startLocalCloud({
      assemblyDir,
      clock: this.clock,
      realNowMs: Date.now(),
      verified,
      log: (entry) => this.log.push(entry),
      chaos: chaos === undefined ? undefined : { rates: chaos, seed: 1 },
    });
    await this.#cloud.ready;
    return this;
  }

  /** What arrived in the queues: name of the queue, and the message, parsed. */
  get queued(): { readonly queue: string; readonly body: QueuedRecord }[] {
    return this.cloud.queues.flatMap(({ name, messages }) =>
      messages.map(({ body }) => ({ queue: name, body: JSON.parse(body) as QueuedRecord })),
    );
  }

  get cloud(): LocalCloud {
    if (this.#cloud === undefined) throw new Error("the cloud was not started");
    return this.#cloud;
  }

  /** As a node does it: the device SDK, mutual TLS, QoS 1. All at once where there are several. */
  async publish(channel: Channel, node: number, ...payloads: readonly string[]): Promise<void> {
    const uplink = this.#uplinks.get(node) ?? (await this.#connect(node));
    const topic = nodeTopic(channel, "kitchen", node);
    await Promise.all(payloads.map((payload) => uplink.publish(topic, payload)));
  }

  async #connect(node: number): Promise<MqttUplink> {
    const { nodes, mqtt } = this.cloud;
    const { thing, certPath, keyPath } = nodes[node]!;
    const credentials = await readDeviceCredentials(
      { ca: mqtt.caPath, cert: certPath, key: keyPath },
      Date.now(),
    );
    const uplink = new MqttUplink({ thing, host: mqtt.host, port: mqtt.port, ...credentials });
    await uplink.connect();
    this.#uplinks.set(node, uplink);
    return uplink;
  }

  /** Lets everything finish, and then every retry that the clock still holds: Lambda's come after one and two minutes. */
  async settle(): Promise<void> {
    await this.cloud.idle();
    for (const minutes of [1, 2]) {
      this.clock.pass(minutes * 60_000);
      await this.cloud.idle();
    }
  }

  /** Lets time pass, and everything that a quarter of an hour brings finish before the next one begins. */
  async pass(quarterHours: number): Promise<void> {
    for (let i = 0; i < quarterHours; i++) {
      this.clock.pass(15 * 60_000);
      await this.cloud.idle();
    }
  }

  get mails(): SentMail[] {
    return this.log
      .filter(({ code }) => code === "mail-accepted")
      .map(({ fields }) => fields as unknown as SentMail);
  }

  /** Why each event was mailed, or was not. */
  decisions(send: boolean): string[] {
    return this.log
      .filter(({ fields }) => fields?.message === "decision" && fields.send === send)
      .map(({ fields }) => String(fields?.why));
  }

  texts(code: string): string[] {
    return this.log.filter((entry) => entry.code === code).map(({ text }) => text);
  }

  /** Keys of the readings that are stored. */
  async stored(): Promise<string[]> {
    return [...(await storedReadings("kitchen", this.cloud.dynamodb)).keys()];
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#uplinks.values()].map((uplink) => uplink.disconnect()));
    await this.#cloud?.stop();
    jest.restoreAllMocks();
  }
}

/**
 * The part of the AWS IoT data plane by which a program publishes without MQTT: Publish, for whoever replays what a rule
 * failed on. Every other operation is refused by name.
 *
 * Source: AWS IoT API reference, "Publish". The message goes to the rules alone; not emulated: that subscribers at the
 * broker receive it, QoS, retained messages, properties of MQTT 5.
 */
import { type Answer, type Front, type FrontRequest, startServer } from "./server.ts";

export interface IotDataFrontOptions {
  /** `arn:aws:iot:REGION:ACCOUNT:topic/` */
  readonly topicArnPrefix: string;
  readonly publish: (topic: string, payload: Uint8Array, principal: string) => void;
  /** Undefined: allowed. */
  readonly refuse: (accessKeyId: string, action: string, resource: string) => string | undefined;
  readonly onDenied: (text: string) => void;
  readonly onError: (error: unknown) => void;
}

const PUBLISH = /^\/topics\/([^?]+)(?:\?|$)/;
/** "The payload for every publish request can be no larger than 128 KB." */
const PAYLOAD_BYTES_MAX = 128 * 1_024;

export const startIotDataFront = (options: IotDataFrontOptions): Promise<Front> =>
  startServer({
    what: "AWS IoT data",
    answer: async (request) => answerTo(request, options),
    onError: options.onError,
  });

function answerTo(request: FrontRequest, options: IotDataFrontOptions): Answer {
  const refused = (status: number, code: string, text: string): Answer => {
    options.onDenied(`${code}: ${text}`);
    return refusal(status, code, text);
  };
  const { method, path, accessKeyId, body } = request;
  const asked = PUBLISH.exec(path)?.[1];
  if (method !== "POST" || asked === undefined)
    return refused(400, "InvalidRequestException", `${method} ${path} is not emulated; Publish is`);
  if (accessKeyId === undefined) return refused(401, "UnauthorizedException", "the request is not signed");
  const topic = topicOf(asked);
  if (topic === undefined) return refused(400, "InvalidRequestException", `the topic ${asked} is no topic`);
  const denied = options.refuse(accessKeyId, "iot:Publish", `${options.topicArnPrefix}${topic}`);
  if (denied !== undefined) return refused(403, "ForbiddenException", denied);
  if (body.length > PAYLOAD_BYTES_MAX)
    return refused(413, "RequestEntityTooLargeException", `the payload has ${body.length} bytes`);
  options.publish(topic, body, accessKeyId);
  return { status: 200, headers: { "content-type": "application/json" }, body: "{}" };
}

/** Undefined: not encoded as a URL is, or a filter. */
function topicOf(encoded: string): string | undefined {
  try {
    const topic = decodeURIComponent(encoded);
    return /[+#\0]/.test(topic) ? undefined : topic;
  } catch {
    return undefined;
  }
}

const refusal = (status: number, code: string, message: string): Answer => ({
  status,
  headers: { "content-type": "application/json", "x-amzn-errortype": code },
  body: JSON.stringify({ message }),
});

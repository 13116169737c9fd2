/**
 * The part of the AWS IoT data plane by which a program publishes without MQTT: Publish, for the replay of messages on
 * which a rule failed. Every other operation is refused by name.
 *
 * Source: AWS IoT API reference, "Publish"; "HTTPS" ("Publishing HTTPS messages"). A message has the same limits as by
 * MQTT. It goes to the rules alone. Not emulated: delivery to subscribers of the broker, retained messages, properties
 * of MQTT 5.
 */
import { publishLimit, REASON } from "../iot/broker-limits.ts";
import { type Front, type FrontRequest, type HttpResponse, startServer } from "./server.ts";

/** Where published messages go, and who may publish. */
export interface IotDataFrontOptions {
  /** `arn:aws:iot:REGION:ACCOUNT:topic/` */
  readonly topicArnPrefix: string;
  /** Resolves when the rules have the message. @throws Error when the cloud ends */
  readonly publish: (topic: string, payload: Uint8Array, principal: string) => Promise<void>;
  /** Undefined: allowed. */
  readonly refuse: (accessKeyId: string, action: string, resource: string) => string | undefined;
  readonly onDenied: (text: string) => void;
  readonly onError: (error: unknown) => void;
}

const PUBLISH = /^\/topics\/([^?]+)(?:\?(.*))?$/;

/** The AWS IoT data API: `Publish` alone. */
export const startIotDataFront = (options: IotDataFrontOptions): Promise<Front> =>
  startServer({
    what: "AWS IoT data",
    answer: (request) => answerTo(request, options),
    onError: options.onError,
  });

async function answerTo(request: FrontRequest, options: IotDataFrontOptions): Promise<HttpResponse> {
  const refused = (status: number, code: string, text: string): HttpResponse => {
    options.onDenied(`${code}: ${text}`);
    return refusal(status, code, text);
  };
  const { method, path, accessKeyId, body } = request;
  const [, asked, query = ""] = PUBLISH.exec(path) ?? [];
  if (method !== "POST" || asked === undefined)
    return refused(400, "InvalidRequestException", `${method} ${path} is not emulated; Publish is`);
  if (accessKeyId === undefined) return refused(401, "UnauthorizedException", "the request is not signed");
  const topic = topicOf(asked);
  if (topic === undefined) return refused(400, "InvalidRequestException", `the topic ${asked} is no topic`);
  const limit = publishLimit({ topic, payloadBytes: body.length, ...asksFor(query) });
  if (limit !== undefined)
    return limit.reasonCode === REASON.packetTooLarge
      ? refused(413, "RequestEntityTooLargeException", limit.text)
      : refused(400, "InvalidRequestException", limit.text);
  const denied = options.refuse(accessKeyId, "iot:Publish", `${options.topicArnPrefix}${topic}`);
  if (denied !== undefined) return refused(403, "ForbiddenException", denied);
  try {
    await options.publish(topic, body, accessKeyId);
  } catch (error) {
    return refused(503, "ServiceUnavailableException", String(error));
  }
  return { status: 200, headers: { "content-type": "application/json" }, body: "{}" };
}

function asksFor(query: string): { readonly qos: number; readonly retain: boolean } {
  const parameters = new URLSearchParams(query);
  return { qos: Number(parameters.get("qos") ?? 0), retain: parameters.get("retain") === "true" };
}

/** The topic of a request's path; undefined: it is not URL-encoded, or is a filter. */
function topicOf(encoded: string): string | undefined {
  try {
    const topic = decodeURIComponent(encoded);
    return /[+#\0]/.test(topic) ? undefined : topic;
  } catch {
    return undefined;
  }
}

const refusal = (status: number, code: string, message: string): HttpResponse => ({
  status,
  headers: { "content-type": "application/json", "x-amzn-errortype": code },
  body: JSON.stringify({ message }),
});

/** The function URLs of the template. */

import type { Front } from "../api/server.ts";
import type { CloudClock } from "../clock.ts";
import type { CloudLog } from "../cloud-log.ts";
import type { Assembly, ResolvedResource } from "../template/assembly.ts";
import { startFunctionUrl } from "./function-url.ts";
import type { Functions } from "./template-functions.ts";

interface LogAndClock {
  readonly clock: CloudClock;
  readonly log: CloudLog;
}

/** Serves each function URL, and puts its address into `urls`, by the name of its resource. */
export async function serveUrls(
  assembly: Assembly,
  functions: Promise<Functions>,
  { clock, log }: LogAndClock,
  started: (server: Promise<Front>) => Promise<Front>,
  urls: Map<string, string>,
): Promise<void> {
  const serve = async (resource: ResolvedResource): Promise<void> => {
    const note = (level: "warn" | "error", code: string) => (cause: unknown) =>
      log({ at: clock.now(), level, source: `url ${resource.name}`, code, text: String(cause) });
    const { endpoint } = await started(
      startFunctionUrl(resource, {
        clock,
        invoke: async (functionArn, event) => (await functions).invokeByUrl(functionArn, event),
        onRefused: note("warn", "request-refused"),
        onError: note("error", "front-failed"),
      }),
    );
    urls.set(resource.name, `${endpoint}/`);
  };
  await Promise.all(assembly.resources("AWS::Lambda::Url").map(serve));
}

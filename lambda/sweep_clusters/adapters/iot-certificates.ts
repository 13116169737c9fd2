/** What AWS IoT has attached to the nodes' things. Calls of its control plane are free of charge. */
import {
  DescribeCertificateCommand,
  type IoTClient,
  ListThingPrincipalsCommand,
  ResourceNotFoundException,
} from "@aws-sdk/client-iot";
import { thingName } from "../../../lib/contract/topics.ts";
import type { Certificate } from "../core/detect/certificates.ts";
import type { Certificates } from "../core/ports.ts";

/**
 * The first page of a thing's principals: a node has one certificate, and two while it is rotated.
 * @param name the deployment's
 */
export const openCertificates = (name: string, client: IoTClient): Certificates => ({
  of: async (clusterId, node) => {
    const ids = (await principalsOf(client, thingName(clusterId, node, name))).flatMap(
      (arn) => /:cert\/(.+)$/.exec(arn)?.[1] ?? [],
    );
    return (await Promise.all(ids.map((id) => describe(client, id)))).flat();
  },
});

/** Empty: there is no such thing, or nothing is attached to it. */
async function principalsOf(client: IoTClient, thing: string): Promise<readonly string[]> {
  try {
    const { principals = [] } = await client.send(new ListThingPrincipalsCommand({ thingName: thing }));
    return principals;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return [];
    throw error;
  }
}

/** Empty: AWS IoT does not say until when it is valid. */
async function describe(client: IoTClient, certificateId: string): Promise<readonly Certificate[]> {
  const { certificateDescription } = await client.send(new DescribeCertificateCommand({ certificateId }));
  const { status, validity } = certificateDescription ?? {};
  if (status === undefined || validity?.notAfter === undefined) return [];
  return [{ status, expiresMs: validity.notAfter.getTime() }];
}

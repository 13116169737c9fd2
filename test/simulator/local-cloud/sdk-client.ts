import { iot, mqtt } from "aws-iot-device-sdk-v2";
import type { KeyedCertificate } from "../../../simulator/local-cloud/iot/certificates.ts";

/** Where it connects to, and whom it trusts. */
interface Endpoint {
  readonly authority: { readonly caPem: string };
  readonly broker: { readonly host: string; readonly port: number };
}

/** A connection of the device SDK, as a device with more liberties than a node takes. */
export interface SdkClient {
  readonly connection: mqtt.MqttClientConnection;
  /** Resolves when the broker has closed the connection. */
  readonly closed: Promise<void>;
  /** Takes a second after the broker has closed the connection, and no time otherwise. */
  end(): Promise<void>;
}

export async function sdkConnect(
  { authority, broker }: Endpoint,
  clientId: string,
  { certPem, keyPem }: KeyedCertificate,
  will?: mqtt.MqttWill,
): Promise<SdkClient> {
  const builder = iot.AwsIotMqttConnectionConfigBuilder.new_mtls_builder(certPem, keyPem)
    .with_certificate_authority(authority.caPem)
    .with_endpoint(broker.host)
    .with_port(broker.port)
    .with_client_id(clientId)
    .with_clean_session(true);
  if (will !== undefined) builder.with_will(will);
  const connection = new mqtt.MqttClient().new_connection(builder.build());
  let ended: Promise<void> | undefined;
  const end = () => {
    ended ??= connection.disconnect();
    return ended;
  };
  const closed = new Promise<void>((resolve) => {
    connection.on("interrupt", () => {
      void end(); // or it would connect again
      resolve();
    });
  });
  await connection.connect();
  return { connection, closed, end };
}

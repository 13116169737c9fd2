/**
 * A process that does one thing with an uplink, for tests of how the process ends and of what the device SDK keeps to
 * itself. Its argument is the options as JSON; it prints `ok` or an error's code.
 */
import { MqttUplink, type MqttUplinkOptions } from "../../../simulator/node/mqtt-uplink.ts";
import { UplinkError } from "../../../simulator/node/uplink.ts";

async function main(options: MqttUplinkOptions): Promise<string> {
  const uplink = new MqttUplink(options);
  try {
    await uplink.connect();
    await uplink.publish("rosie/reading/kitchen/0", "{}");
    await uplink.disconnect();
    return "ok";
  } catch (error) {
    return error instanceof UplinkError ? `${error.code} ${error.message}` : String(error);
  }
}

void main(JSON.parse(process.argv[2] ?? "{}") as MqttUplinkOptions).then((outcome) =>
  process.stdout.write(`${outcome}\n`),
);

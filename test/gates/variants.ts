/** The stacks in the forms that a configuration can give them; between them they have every resource that there can be. */
import { exampleConfig, synthesize } from "../lib/example-app.ts";

const csrs = [{ cluster: "kitchen", node: 0, generation: 1, pem: "a CSR" }];

/** Everything there is, in a deployment of that name. */
export const whole = (name?: string, mail: object = {}) =>
  synthesize(
    {
      ...exampleConfig,
      ...(name === undefined ? {} : { name }),
      mail: { ...exampleConfig.mail, identity: "example.com", ...mail },
      readings: { basic_ingest: true },
      notify: { event_bus: true, sns: [{ protocol: "sms", endpoint: "+447700900123" }] },
      answer: { links: true },
      alarms: { email: ["you@example.com"] },
      watch: "full",
    },
    csrs,
  );

export const variants = {
  "as little as can be": synthesize(),
  "everything there is": whole(),
  "over what an earlier deployment left": synthesize({
    ...exampleConfig,
    mail: { ...exampleConfig.mail, identity_exists: true },
    readings: { table: "old-readings" },
    alerts: { table: "old-clusters" },
  }),
};

/** Every template of a form, by the stack's name. */
export const templatesOf = ({ data, pipeline, devices }: (typeof variants)["as little as can be"]) => ({
  Ha2mData: data,
  Ha2mPipeline: pipeline,
  Ha2mDevices: devices,
});

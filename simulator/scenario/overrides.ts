/** Undoes what was done; a second time it does nothing. */
export type Heal = () => void;

/**
 * What lasting faults have put in place of properties of devices. Of several that hold the same property at a time the last
 * one counts; when it heals, the one before it counts again, and when all have healed, the property is as it was.
 */
export class Overrides {
  /** By device and property: what was there at first, then what each fault has put in its place. */
  readonly #layers = new Map<object, Map<PropertyKey, { readonly value: unknown }[]>>();

  /** `device[name]` is `value` until it heals. */
  put<Device extends object, Name extends keyof Device>(
    device: Device,
    name: Name,
    value: Device[Name],
  ): Heal {
    const layers = this.#of(device, name);
    const layer = { value };
    layers.push(layer);
    device[name] = value;
    return () => {
      const index = layers.indexOf(layer);
      if (index < 0) return;
      layers.splice(index, 1);
      device[name] = layers.at(-1)!.value as Device[Name];
      // What is there next time may be another.
      if (layers.length === 1) this.#layers.get(device)!.delete(name);
    };
  }

  #of<Device extends object>(device: Device, name: keyof Device): { readonly value: unknown }[] {
    const byName = this.#layers.get(device) ?? new Map<PropertyKey, { readonly value: unknown }[]>();
    this.#layers.set(device, byName);
    const layers = byName.get(name) ?? [{ value: device[name] }];
    byName.set(name, layers);
    return layers;
  }
}

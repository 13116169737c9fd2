/** Undoes a fault; a second call does nothing. */
export type Heal = () => void;

/**
 * The values that lasting faults have given to properties of devices. Where several faults hold a property, the last
 * one counts; when it heals, the one before it counts again. When all have healed, the property has its first value.
 */
export class Overrides {
  /** By device and property: what was there at first, then what each fault has put in its place. */
  readonly #layers = new Map<object, Map<PropertyKey, { readonly value: unknown }[]>>();

  /** Sets `device[name]` to `value`. @returns what undoes it */
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
      // The first value may be a different one next time.
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

/**
 * Reads a cloud assembly: the manifest, every stack's template, and the assets. Values are resolved only when a
 * resource is asked for, so that resources that are not emulated need no support here.
 *
 * Not read: nested stacks, stages, Conditions, Mappings, Transforms (a template that uses one of the last three is
 * refused).
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { EXISTING } from "../../../lib/contract/existing.ts";
import { NO_VALUE, resolveValue, type Scope, TemplateError } from "./intrinsics.ts";
import { type Account, EMULATED, type Identity, IGNORED, typeOf } from "./resource-types.ts";

/** A resource with its properties as CloudFormation would see them. */
export interface ResolvedResource {
  readonly stack: string;
  readonly logicalId: string;
  readonly type: string;
  /** Physical name: the explicit one, or `<stack>-<logical id>`. */
  readonly name: string;
  readonly arn: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** Something in the template that the local cloud does not emulate. */
export interface NotEmulated {
  /** A resource type or, after a colon, a feature of one: `AWS::DynamoDB::Table: expiry by TTL`. */
  readonly type: string;
  readonly count: number;
}

interface RawResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

type Resources = Readonly<Record<string, RawResource>>;

interface Template {
  readonly Description?: string;
  readonly Metadata?: { readonly [EXISTING]?: Resources };
  readonly Resources?: Resources;
  readonly Outputs?: Readonly<
    Record<string, { readonly Value: unknown; readonly Export?: { readonly Name: unknown } }>
  >;
  readonly Parameters?: Readonly<Record<string, { readonly Default?: unknown }>>;
}

interface Stack {
  readonly name: string;
  readonly template: Template;
  /** The text of the template in the assembly. */
  readonly text: string;
}

/** A stack as it is deployed. */
export interface DeployedStack extends Pick<Stack, "name" | "text"> {
  readonly description: string | undefined;
}

const REFUSED_SECTIONS = ["Conditions", "Mappings", "Transform"] as const;

/** The CDK's output folder, read: stacks in order, resources with their intrinsic functions resolved. */
export class Assembly {
  readonly dir: string;
  readonly account: Account;
  readonly #stacks: readonly Stack[];
  readonly #assets: ReadonlyMap<string, string>;

  constructor(dir: string, account: Account, stacks: readonly Stack[], assets: ReadonlyMap<string, string>) {
    this.dir = dir;
    this.account = account;
    this.#stacks = stacks;
    this.#assets = assets;
  }

  /** All stacks, in the order of the manifest. */
  get stacks(): DeployedStack[] {
    return this.#stacks.map(({ name, text, template }) => ({
      name,
      text,
      description: template.Description,
    }));
  }

  /**
   * Every resource of the given types, in the order of the templates, those that a template uses but does not make
   * included.
   * @throws TemplateError when a value in one cannot be resolved
   */
  resources(...types: readonly string[]): ResolvedResource[] {
    return this.#resolved(types, ({ Resources, Metadata }) => ({ ...Resources, ...Metadata?.[EXISTING] }));
  }

  /** Only those that a template uses but does not make. @throws TemplateError when a value in one cannot be resolved */
  existing(...types: readonly string[]): ResolvedResource[] {
    return this.#resolved(types, ({ Metadata }) => Metadata?.[EXISTING] ?? {});
  }

  /** By stack and name: the outputs, as `cdk deploy --outputs-file` writes them. @throws TemplateError */
  outputs(): Record<string, Record<string, unknown>> {
    const ofStack = (stack: Stack) =>
      Object.entries(stack.template.Outputs ?? {}).map(([id, { Value }]) => [
        id,
        resolveValue(Value, `${stack.name} output ${id}`, this.#scope(stack)),
      ]);
    return Object.fromEntries(
      this.#stacks.map((stack) => [stack.name, Object.fromEntries(ofStack(stack))] as const),
    );
  }

  /** The resources that are not emulated, counted by type. */
  notEmulated(): NotEmulated[] {
    const counts = new Map<string, number>();
    for (const { template } of this.#stacks)
      for (const { Type } of Object.values(template.Resources ?? {}))
        if (EMULATED[Type] === undefined && !IGNORED.has(Type)) counts.set(Type, (counts.get(Type) ?? 0) + 1);
    return [...counts].map(([type, count]) => ({ type, count })).sort((x, y) => (x.type < y.type ? -1 : 1));
  }

  /** The folder of the asset behind an S3 key. @throws TemplateError when the assembly holds none. */
  assetDir(s3Key: string, path: string): string {
    const asset = this.#assets.get(s3Key);
    if (asset === undefined)
      throw new TemplateError(`${path}: no asset of this assembly is uploaded as ${s3Key}`);
    if (!existsSync(asset))
      throw new TemplateError(`${path}: the asset ${asset} is missing; synthesize again`);
    return asset;
  }

  #resolved(types: readonly string[], from: (template: Template) => Resources): ResolvedResource[] {
    return this.#stacks.flatMap((stack) =>
      Object.entries(from(stack.template))
        .filter(([, raw]) => types.includes(raw.Type))
        .map(([logicalId, raw]) => this.#resolve(stack, logicalId, raw)),
    );
  }

  #resolve(stack: Stack, logicalId: string, raw: RawResource): ResolvedResource {
    const path = `${stack.name}/${logicalId}`;
    const properties = resolveValue(raw.Properties ?? {}, path, this.#scope(stack)) as Record<
      string,
      unknown
    >;
    const identity = this.#identity(stack, logicalId, raw);
    return {
      stack: stack.name,
      logicalId,
      type: raw.Type,
      name: identity.name,
      arn: typeOf(raw.Type)!.arn(identity),
      properties,
    };
  }

  #identity(stack: Stack, logicalId: string, raw: RawResource): Identity {
    const path = `${stack.name}/${logicalId}`;
    const property = typeOf(raw.Type)?.nameProperty;
    const explicit = property === undefined ? undefined : raw.Properties?.[property];
    const name =
      explicit === undefined ? NO_VALUE : resolveValue(explicit, `${path}.${property}`, this.#scope(stack));
    return { ...this.account, name: typeof name === "string" ? name : `${stack.name}-${logicalId}` };
  }

  #scope(stack: Stack): Scope {
    const { accountId, region } = this.account;
    const pseudo: Readonly<Record<string, unknown>> = {
      "AWS::AccountId": accountId,
      "AWS::Region": region,
      "AWS::Partition": "aws",
      "AWS::URLSuffix": "amazonaws.com",
      "AWS::StackName": stack.name,
      "AWS::NoValue": NO_VALUE,
    };
    return {
      ref: (name, path) => {
        if (name in pseudo) return pseudo[name];
        const parameter = stack.template.Parameters?.[name];
        if (parameter?.Default !== undefined) return parameter.Default;
        const identity = this.#named(stack, name, path);
        return (identity.type.ref ?? (({ name: own }: Identity) => own))(identity);
      },
      attribute: (logicalId, attribute, path) => {
        const identity = this.#named(stack, logicalId, path);
        if (attribute === "Arn") return identity.type.arn(identity);
        const get = identity.type.attributes?.[attribute];
        if (get === undefined)
          throw new TemplateError(`${path}: the attribute ${logicalId}.${attribute} is not known here`);
        return get(identity);
      },
      imported: (name, path) => this.#exported(name, path),
    };
  }

  #named(
    stack: Stack,
    logicalId: string,
    path: string,
  ): Identity & { type: NonNullable<ReturnType<typeof typeOf>> } {
    const raw = stack.template.Resources?.[logicalId];
    if (raw === undefined) throw new TemplateError(`${path}: the stack ${stack.name} has no ${logicalId}`);
    const type = typeOf(raw.Type);
    if (type === undefined)
      throw new TemplateError(`${path}: refers to ${logicalId}, a ${raw.Type}, which is not emulated`);
    return { ...this.#identity(stack, logicalId, raw), type };
  }

  #exported(name: string, path: string): unknown {
    for (const stack of this.#stacks)
      for (const output of Object.values(stack.template.Outputs ?? {})) {
        if (output.Export === undefined) continue;
        const scope = this.#scope(stack);
        if (resolveValue(output.Export.Name, `${stack.name} Export`, scope) !== name) continue;
        return resolveValue(output.Value, `${stack.name} export ${name}`, scope);
      }
    throw new TemplateError(`${path}: no stack of this assembly exports ${name}`);
  }
}

const readText = (file: string): { readonly text: string; readonly value: unknown } => {
  try {
    const text = readFileSync(file, "utf8");
    return { text, value: JSON.parse(text) };
  } catch (cause) {
    throw new TemplateError(`${file} cannot be read; synthesize again: npx cdk synth`, { cause });
  }
};

const readJson = (file: string): unknown => readText(file).value;

interface Manifest {
  readonly artifacts?: Readonly<
    Record<
      string,
      {
        readonly type: string;
        readonly properties?: { readonly templateFile?: string; readonly file?: string };
      }
    >
  >;
}

interface AssetManifest {
  readonly files?: Readonly<
    Record<
      string,
      {
        readonly source: { readonly path?: string };
        readonly destinations: Readonly<Record<string, { readonly objectKey: string }>>;
      }
    >
  >;
}

/** Reads an assembly. @throws TemplateError when the folder has none, or one that uses what is not read here */
export function loadAssembly(dir: string, account: Account): Assembly {
  const { artifacts = {} } = readJson(join(dir, "manifest.json")) as Manifest;
  const stacks: Stack[] = [];
  const assets = new Map<string, string>();
  for (const [name, { type, properties }] of Object.entries(artifacts)) {
    if (type === "aws:cloudformation:stack" && properties?.templateFile !== undefined)
      stacks.push({ name, ...readTemplate(join(dir, properties.templateFile), name) });
    if (type === "cdk:asset-manifest" && properties?.file !== undefined)
      addAssets(dir, properties.file, assets);
  }
  if (stacks.length === 0) throw new TemplateError(`${dir} holds no stack; synthesize again: npx cdk synth`);
  return new Assembly(dir, account, stacks, assets);
}

function readTemplate(file: string, stack: string): Pick<Stack, "template" | "text"> {
  const { text, value } = readText(file);
  const template = value as Record<string, unknown>;
  const refused = REFUSED_SECTIONS.filter((section) => section in template);
  if (refused.length > 0)
    throw new TemplateError(`${stack}: ${refused.join(", ")} in a template is not emulated`);
  return { template, text };
}

function addAssets(dir: string, file: string, assets: Map<string, string>): void {
  const { files = {} } = readJson(join(dir, file)) as AssetManifest;
  for (const { source, destinations } of Object.values(files))
    for (const { objectKey } of Object.values(destinations))
      if (source.path !== undefined) assets.set(objectKey, join(dir, source.path));
}

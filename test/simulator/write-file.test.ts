import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FileError, writeFile, writeFiles } from "../../simulator/write-file.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ha2m-write-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string) => join(folder, name);
const modeOf = (name: string) => statSync(at(name)).mode & 0o777;

test("a new file, and one that is there -> written, with its mode kept and nothing beside it", () => {
  writeFile({ path: at("a"), data: "one" });
  chmodSync(at("a"), 0o640);
  writeFile({ path: at("a"), data: Uint8Array.of(0x74, 0x77, 0x6f) });
  expect([readFileSync(at("a"), "utf8"), modeOf("a")]).toEqual(["two", 0o640]);
  expect(readdirSync(folder)).toEqual(["a"]);
});

test("a link in the way -> followed; for a file with a mode of its own, as a key, replaced", () => {
  writeFileSync(at("real"), "old");
  symlinkSync("real", at("link"));
  writeFile({ path: at("link"), data: "new" });
  expect([readlinkSync(at("link")), readFileSync(at("real"), "utf8")]).toEqual(["real", "new"]);
  writeFile({ path: at("link"), data: "secret", mode: 0o600 });
  expect([readFileSync(at("real"), "utf8"), readFileSync(at("link"), "utf8"), modeOf("link")]).toEqual([
    "new",
    "secret",
    0o600,
  ]);
});

test("what a process with the same number left beside it -> replaced", () => {
  writeFileSync(at(`.a.${process.pid}.tmp`), "a longer text of before");
  writeFile({ path: at("a"), data: "new" });
  expect([readFileSync(at("a"), "utf8"), readdirSync(folder)]).toEqual(["new", ["a"]]);
});

describe("what cannot be written -> one line with option, path and why, and nothing has changed", () => {
  test.each<[string, string[], RegExp]>([
    ["a folder in the way", ["dir"], /^--svg: cannot write .*dir: a folder is in the way \(EISDIR\)$/],
    ["a file where a folder is meant", ["file", "x"], /: a file is in the way of a folder \(ENOTDIR\)$/],
    ["no folder", ["none", "x"], /: its folder is not there \(ENOENT\)$/],
  ])("%s", (_, path, message) => {
    mkdirSync(at("dir"));
    writeFileSync(at("file"), "old");
    const write = () =>
      writeFiles(
        [
          { path: at("file"), data: "new" },
          { path: join(folder, ...path), data: "new" },
        ],
        "--svg",
      );
    expect(write).toThrow(FileError);
    expect(write).toThrow(message);
    expect(readFileSync(at("file"), "utf8")).toBe("old");
    expect(readdirSync(folder).sort()).toEqual(["dir", "file"]);
  });

  const device = existsSync("/dev/full") ? test : test.skip;
  device("a device that is full -> said; the device stays one", () => {
    expect(() => writeFile({ path: "/dev/full", data: "x" }, "--outputs")).toThrow(
      "--outputs: cannot write /dev/full: the disk is full (ENOSPC)",
    );
    expect(statSync("/dev/full").isCharacterDevice()).toBe(true);
  });

  const canMount = process.platform === "linux" && process.getuid?.() === 0;
  (canMount ? test : test.skip)("a disk that is full -> none of the files is new, none is cut", () => {
    const disk = at("disk");
    mkdirSync(disk);
    try {
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", disk], { stdio: "ignore" });
    } catch {
      return; // root of a container, without the right to mount
    }
    try {
      writeFileSync(join(disk, "image"), Buffer.alloc(32_768, 1));
      const image = (name: string) => ({ path: join(disk, name), data: Buffer.alloc(32_768, 2) });
      expect(() => writeFiles([image("image"), image("other")])).toThrow(
        /other: the disk is full \(ENOSPC\)$/,
      );
      expect(readdirSync(disk)).toEqual(["image"]);
      expect(readFileSync(join(disk, "image")).every((byte) => byte === 1)).toBe(true);
    } finally {
      execFileSync("umount", [disk]);
    }
  });
});

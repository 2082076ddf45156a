#!/usr/bin/env python3
"""Builds what the Dockerfile builds, without an engine.

Reads the Dockerfile, follows the stages from the image back to its base, and does in a scratch folder what an engine would
do in the builder: COPY takes only what .dockerignore lets through, ENV is set, RUN is run as it stands. Packages of the
base's distribution have to be there already. Then the image's own stage is held against what was built. It is built for this
machine's architecture, as the builder does.
"""

import json
import os
import platform
import re
import shlex
import shutil
import struct
import subprocess
import sys
import tomllib
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}
# What a command gets from outside; everything else comes from the Dockerfile.
INHERITED = ["PATH", "HOME", "CARGO_HOME", "CARGO_BUILD_JOBS", "RUSTUP_HOME", "HTTPS_PROXY", "https_proxy", "NO_PROXY"]
KEPT = ["target", "tools"]
PT_INTERP = 3
# Where cargo-auditable puts the list of dependencies.
DEPENDENCIES = b".dep-v0"


class Wrong(Exception):
    """What is wrong with the Dockerfile, or missing on this machine."""


@dataclass
class Stage:
    """One stage: its base, its name, and its instructions."""

    base: str
    name: str
    instructions: list[tuple[str, str]] = field(default_factory=list)


def stages(text: str) -> list[Stage]:
    """The stages of a Dockerfile."""
    kept = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    found: list[Stage] = []
    for line in re.sub(r"\\\n\s*", " ", "\n".join(kept)).splitlines():
        if not line.strip():
            continue
        keyword, rest = line.split(maxsplit=1)
        if keyword == "FROM":
            base, *name = rest.split(" AS ")
            found.append(Stage(base.strip(), name[0].strip() if name else ""))
        elif found:
            found[-1].instructions.append((keyword, rest.strip()))
        else:
            raise Wrong(f"{keyword} before the first FROM is not known here")
    return found


def chain(all_stages: list[Stage], name: str, arch: str) -> tuple[str, list[Stage]]:
    """The base image of a stage, and the stages from there to it."""
    by_name = {stage.name: stage for stage in all_stages if stage.name}
    above: list[Stage] = []
    while name in by_name:
        stage = by_name[name]
        above.insert(0, stage)
        name = stage.base.replace("${TARGETARCH}", arch)
    if "$" in name or name.startswith("build-"):
        raise Wrong(f"no stage builds for {arch}")
    return name, above


def lets_through(path: str) -> bool:
    """Whether .dockerignore lets a file into the build: the last pattern that fits it, or a folder above it, decides."""
    here = Path(path)
    ways = [path, *(str(parent) for parent in here.parents if str(parent) != ".")]
    through = True
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        pattern = line.strip()
        if pattern and not pattern.startswith("#"):
            if any(fnmatch(way, pattern.removeprefix("!").rstrip("/")) for way in ways):
                through = pattern.startswith("!")
    return through


def files_below(source: str) -> list[str]:
    """The files that a COPY from the build's context takes, from the context's root."""
    start = ROOT / source
    paths = [start] if start.is_file() else sorted(path for path in start.rglob("*") if path.is_file())
    taken = [name for name in (path.relative_to(ROOT).as_posix() for path in paths) if lets_through(name)]
    if not taken:
        raise Wrong(f"COPY {source}: there is no such file, or .dockerignore keeps it out")
    return taken


def copy(words: list[str], folder: Path) -> None:
    """Does a COPY from the build's context."""
    *sources, destination = words
    into = folder / destination
    for source in sources:
        for name in files_below(source):
            inner = Path(name).relative_to(source)
            as_folder = destination.endswith("/") or destination == "."
            target = into / inner if str(inner) != "." else (into / Path(name).name if as_folder else into)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target)


def need_packages(command: str) -> None:
    """Makes sure that what a command installs is here."""
    install = re.search(r"apt-get install ([^&]*)", command)
    for package in (word for word in install[1].split() if not word.startswith("-")):
        if subprocess.run(["dpkg-query", "-W", package], capture_output=True, check=False).returncode != 0:
            raise Wrong(f"the package {package} is missing: apt-get install {package}")


def build(above: list[Stage], scratch: Path, toolchain: str) -> None:
    """Does what the stages of the builder say."""
    env = {name: os.environ[name] for name in INHERITED if name in os.environ}
    env["RUSTUP_TOOLCHAIN"] = toolchain
    folder = scratch
    for keyword, rest in (instruction for stage in above for instruction in stage.instructions):
        if keyword == "WORKDIR":
            folder = scratch / rest.lstrip("/")
            folder.mkdir(parents=True, exist_ok=True)
        elif keyword == "ENV":
            env.update(word.split("=", 1) for word in shlex.split(rest))
        elif keyword == "COPY":
            print(f"image: COPY {rest}", flush=True)
            copy(rest.split(), folder)
        elif keyword == "RUN" and "apt-get install" in rest:
            need_packages(rest)
        elif keyword == "RUN":
            print(f"image: RUN {rest}", flush=True)
            if subprocess.run(["/bin/sh", "-c", rest], cwd=folder, env=env, check=False).returncode != 0:
                raise Wrong(f"RUN {rest}")
        else:
            raise Wrong(f"{keyword} in the builder is not known here")


def needs_loader(binary: bytes) -> bool:
    """Whether a program needs a dynamic loader, and so libraries that the base does not have."""
    if binary[:5] != b"\x7fELF\x02":
        raise Wrong("what was built is no 64-bit program")
    (offset,) = struct.unpack_from("<Q", binary, 32)
    size, count = struct.unpack_from("<HH", binary, 54)
    return any(struct.unpack_from("<I", binary, offset + size * i)[0] == PT_INTERP for i in range(count))


def check_image(stage: Stage, scratch: Path) -> None:
    """Holds the image's own stage against what was built."""
    if not stage.base.endswith(":nonroot"):
        raise Wrong(f"{stage.base} is not a base for a user that is not root")
    placed = {}
    for keyword, rest in stage.instructions:
        words = rest.split()
        if keyword == "COPY" and words[0].startswith("--from="):
            placed[words[2]] = scratch / words[1].lstrip("/")
        elif keyword == "COPY":
            files_below(words[0])
        elif keyword == "USER" and not re.fullmatch(r"[1-9]\d{4,}:[1-9]\d{4,}", rest):
            raise Wrong(f"USER {rest} is not a high number")
    said = dict(stage.instructions)
    if "USER" not in said or "ENTRYPOINT" not in said:
        raise Wrong("the image names no user or no program")
    (program,) = json.loads(said["ENTRYPOINT"])
    if program not in placed:
        raise Wrong(f"nothing is copied to {program}")
    binary = placed[program].read_bytes()
    if needs_loader(binary):
        raise Wrong("the program is not static")
    if DEPENDENCIES not in binary:
        raise Wrong("the program does not carry the list of its dependencies")
    print(f"image: {program} is static and has {len(binary) / 1e6:.1f} MB")


def main() -> None:
    """Builds, and checks the result."""
    arch = MACHINES.get(platform.machine())
    if arch is None:
        raise Wrong(f"there is no image for {platform.machine()}")
    all_stages = stages((ROOT / "Dockerfile").read_text())
    image = all_stages[-1]
    (builder,) = {rest.split()[0] for keyword, rest in image.instructions if "--from=" in rest and keyword == "COPY"}
    base, above = chain(all_stages, builder.removeprefix("--from="), arch)
    wanted = tomllib.loads((ROOT / "rust-toolchain.toml").read_text())["toolchain"]["channel"]
    if not base.startswith(f"rust:{wanted}-"):
        raise Wrong(f"the builder is {base}, and rust-toolchain.toml says {wanted}")

    # What cargo built before is kept, as an engine keeps a layer; everything else begins anew.
    scratch = ROOT / "target" / "image" / arch
    for entry in (scratch / "build").glob("*"):
        if entry.name not in KEPT:
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    build(above, scratch, wanted)
    check_image(image, scratch)


if __name__ == "__main__":
    try:
        main()
    except Wrong as wrong:
        sys.exit(f"image: {wrong}")

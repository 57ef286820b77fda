"""Finds what contradicts the oldest Rust that Cargo.toml promises (rust-version): a dependency that
asks for a newer one, or a pipeline that builds with another.
"""

import json
import pathlib
import re
import subprocess
import sys
import tomllib

ROOT = pathlib.Path(__file__).parents[2]
PIPELINES = [".github/workflows/ci.yml", ".gitlab-ci.yml"]


def version(text):
    return tuple(int(part) for part in (text + ".0").split(".")[:3])


def main():
    workspace = tomllib.loads((ROOT / "Cargo.toml").read_text())["workspace"]
    promised = workspace["package"]["rust-version"]
    asked = subprocess.run(
        ["cargo", "metadata", "--locked", "--format-version", "1"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    packages = json.loads(asked.stdout)["packages"]
    faults = [
        f"{package['name']} {package['version']} asks for Rust {package['rust_version']}"
        for package in packages
        if version(package["rust_version"] or "1.0") > version(promised)
    ]
    for pipeline in PIPELINES:
        built = re.findall(r"rust:(\d+\.\d+)-", (ROOT / pipeline).read_text())
        if built != [promised]:
            faults.append(f"{pipeline} builds with Rust {', '.join(built) or 'of no version'}")
    if faults:
        sys.exit(f"Cargo.toml promises Rust {promised}, but " + ";\n".join(faults))
    print(f"Rust {promised} is enough for {len(packages)} packages")


main()

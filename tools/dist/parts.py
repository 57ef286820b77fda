"""What the program is made of: the crates that are linked into it and the npm packages of its page.

Crates that only take part in building (procedural macros, build scripts) are left out, as are those of
other systems and those of tests.
"""

import base64
import json
import os
import subprocess
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
TARGET = "x86_64-unknown-linux-gnu"


class Part:
    """A crate or an npm package, with the directory of its sources."""

    def __init__(self, kind, name, version, licence, sources, hashes, url):
        self.kind, self.name, self.version = kind, name, version
        # Old crates write a slash where the standard has OR.
        self.licence = (licence or "").replace("/", " OR ")
        self.sources, self.hashes, self.url = Path(sources), hashes, url
        self.needs = []

    @property
    def purl(self):
        name = self.name.replace("@", "%40")
        return f"pkg:{self.kind}/{name}@{self.version}"


def crates():
    """Podium itself and what is linked into it: (root, parts)."""
    command = [os.environ.get("CARGO", "cargo"), "metadata", "--locked", "--format-version=1"]
    told = subprocess.run([*command, f"--filter-platform={TARGET}"], cwd=ROOT, check=True,
                          stdout=subprocess.PIPE).stdout
    metadata = json.loads(told)
    packages = {one["id"]: one for one in metadata["packages"]}
    nodes = {one["id"]: one for one in metadata["resolve"]["nodes"]}
    lock = tomllib.loads((ROOT / "Cargo.lock").read_text())
    sums = {(one["name"], one["version"]): one.get("checksum") for one in lock["package"]}

    def is_linked(package):
        return any(set(target["kind"]) & {"lib", "rlib", "cdylib", "staticlib"}
                   for target in packages[package]["targets"])

    def needs(package):
        for needed in nodes[package]["deps"]:
            kinds = {kind["kind"] for kind in needed["dep_kinds"]}
            if None in kinds and is_linked(needed["pkg"]):
                yield needed["pkg"]

    [root] = [one["id"] for one in metadata["packages"]
              if one["name"] == "podium" and one["source"] is None]
    parts, waiting = {}, [root]
    while waiting:
        package = waiting.pop()
        if package in parts:
            continue
        one = packages[package]
        checksum = sums[one["name"], one["version"]]
        hashes = [("SHA-256", checksum)] if checksum else []
        parts[package] = Part("cargo", one["name"], one["version"], one["license"],
                              Path(one["manifest_path"]).parent, hashes, one["repository"])
        waiting.extend(needs(package))
    for package, part in parts.items():
        part.needs = [parts[needed] for needed in needs(package)]
    return parts[root], [part for package, part in parts.items() if package != root]


# Vue's compiler and its server side, and types: they work while the page is built, and are not in it.
NOT_IN_THE_PAGE = {"@vue/compiler-dom", "@vue/compiler-sfc", "@vue/server-renderer", "csstype"}


def page():
    """The npm packages that are bundled into the page."""
    lock = json.loads((ROOT / "ui" / "package-lock.json").read_text())["packages"]
    parts, waiting = {}, sorted(lock[""]["dependencies"])
    while waiting:
        name = waiting.pop()
        if name in parts or name in NOT_IN_THE_PAGE:
            continue
        place = f"node_modules/{name}"
        one = lock[place]
        algorithm, _, digest = one["integrity"].partition("-")
        hashes = [(algorithm.upper().replace("SHA", "SHA-"), base64.b64decode(digest).hex())]
        parts[name] = Part("npm", name, one["version"], one.get("license"), ROOT / "ui" / place,
                           hashes, None)
        waiting.extend(one.get("dependencies", {}))
    for name, part in parts.items():
        needs = lock[f"node_modules/{name}"].get("dependencies", {})
        part.needs = [parts[needed] for needed in needs if needed in parts]
    return list(parts.values())

"""Writes the bill of materials (CycloneDX 1.6) of the program: sbom.py BINARY > podium.cdx.json

The same sources give the same bytes: the time is SOURCE_DATE_EPOCH, the serial number follows from the
contents.
"""

import datetime
import hashlib
import json
import os
import sys
import uuid
from pathlib import Path

import parts

# The name space of serial numbers, an arbitrary constant.
SERIALS = uuid.UUID("6f2f2b0c-5d51-4d5e-9f0b-0d8f2c2a7b11")


def component(part):
    told = {
        "type": "library",
        "bom-ref": part.purl,
        "name": part.name,
        "version": part.version,
        "purl": part.purl,
    }
    if part.licence:
        told["licenses"] = [{"expression": part.licence}]
    if part.hashes:
        told["hashes"] = [{"alg": name, "content": digest} for name, digest in part.hashes]
    if part.url:
        told["externalReferences"] = [{"type": "vcs", "url": part.url}]
    return told


def main(binary):
    root, crates = parts.crates()
    page = parts.page()
    others = sorted(crates + page, key=lambda part: part.purl)
    subject = component(root) | {
        "type": "application",
        "hashes": [{"alg": "SHA-256", "content": hashlib.sha256(Path(binary).read_bytes()).hexdigest()}],
    }
    depends = [{"ref": root.purl, "dependsOn": sorted({one.purl for one in root.needs + page})}]
    depends += [{"ref": part.purl, "dependsOn": sorted({one.purl for one in part.needs})}
                for part in others]
    moment = datetime.datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), datetime.UTC)
    bom = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "timestamp": moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "lifecycles": [{"phase": "build"}],
            "component": subject,
        },
        "components": [component(part) for part in others],
        "dependencies": depends,
    }
    serial = uuid.uuid5(SERIALS, json.dumps(bom, sort_keys=True))
    bom = {"$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json", **bom,
           "serialNumber": f"urn:uuid:{serial}"}
    json.dump(bom, sys.stdout, indent=1, ensure_ascii=False)
    print()


if __name__ == "__main__":
    main(sys.argv[1])

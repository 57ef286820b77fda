"""Checks the compose file: what its parts need of one another is there, each is held to little, and
Podium understands its settings.

Usage: composition.py PODIUM
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml
from checks import expect, outcome

HERE = Path(__file__).resolve().parent.parent / "compose"


def filled(text):
    """With the defaults of ${NAME:-default}."""
    return re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", text)


def check_service(name, service, whole):
    expect(
        "no-new-privileges:true" in service["security_opt"],
        f"{name}: no more rights than at its start",
    )
    expect(service["cap_drop"] == ["ALL"], f"{name}: no capabilities but those named")
    expect("restart" in service, f"{name}: what happens when it ends")
    for needed, condition in service.get("depends_on", {}).items():
        expect("healthcheck" in whole["services"][needed], f"{name} waits for {needed} to be well")
        expect(condition == {"condition": "service_healthy"}, f"{name} waits for {needed}")
    for kind in ("secrets", "networks"):
        for one in service.get(kind, []):
            expect(one in whole[kind], f"{name}: {kind} has {one}")
    for volume in service.get("volumes", []):
        source = volume.split(":")[0]
        there = (HERE / source).exists() if source.startswith(".") else source in whole["volumes"]
        expect(there, f"{name}: {source} is there")
    text = yaml.safe_dump(service.get("environment", {}))
    expect(not re.search(r"sk-|password: [^/]", text), f"{name}: no secrets in its environment")


def check_podium(service, podium):
    expect(service["read_only"] is True, "podium: a root that is not written to")
    expect(
        all(filled(port).startswith("127.0.0.1:") for port in service["ports"]),
        "podium: for this machine",
    )
    with tempfile.TemporaryDirectory() as place:
        made = subprocess.run(["cp", "secrets", place], cwd=HERE, check=True) and subprocess.run(
            ["./secrets"], cwd=place, capture_output=True, text=True, check=True
        )
        expect(made.stdout.count("made") == 3, "secrets are made")
        again = subprocess.run(["./secrets"], cwd=place, capture_output=True, text=True, check=True)
        expect(again.stdout == "", "and stay")
        environment = {"PATH": os.environ["PATH"], "HOME": place}
        for name, value in service["environment"].items():
            value = filled(value)
            if name.endswith("_FILE"):
                secret = os.path.basename(value)
                expect(secret in service["secrets"], f"podium: {secret} is given to it")
                value = os.path.join(place, "secrets.d", secret)
            environment[name] = value
        environment |= {"LITELLM_BASE_URL": "http://127.0.0.1:1", "PODIUM_DATA_DIR": ":memory:"}
        asked = subprocess.run(
            [podium, "check"],
            cwd=place,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        expect("ok    configuration" in asked.stdout, f"podium: {asked.stderr or asked.stdout}")


def main(podium):
    whole = yaml.safe_load((HERE / "compose.yml").read_text())
    for name, service in whole["services"].items():
        check_service(name, service, whole)
    check_podium(whole["services"]["podium"], podium)
    gateway = yaml.safe_load((HERE / "litellm.yaml").read_text())
    served = {one["model_name"] for one in gateway["model_list"]}
    asked = set(re.findall(r'"(workshop/\w+)"', (HERE / "workshop.py").read_text()))
    expect(asked == served, f"the workshop asks for the gateway's models: {asked ^ served}")
    expect(
        all("mock_response" in one["litellm_params"] for one in gateway["model_list"]),
        "no provider is called",
    )
    return outcome()


if __name__ == "__main__":
    sys.exit(main(os.path.abspath(sys.argv[1])))

"""Checks the Kubernetes manifests and the Helm chart: rendered by the real engines, valid by the
cluster's own schemas, safe, consistent, and configured as the program itself understands.

Usage: manifests.py PODIUM
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import jsonschema
import kubernetes_validate
import rendering
from checks import expect, faults, outcome

# The oldest with all that is used, and the newest that is known.
VERSIONS = ["1.27", "1.37"]
SERVICE_MONITOR = json.loads((Path(__file__).parent / "servicemonitor.schema.json").read_text())


def check_schema(where, one):
    what = f"{where}: {one['kind']} {one['metadata']['name']}"
    try:
        if one["kind"] == "ServiceMonitor":
            jsonschema.validate(one, SERVICE_MONITOR)
        else:
            for version in VERSIONS:
                kubernetes_validate.validate(one, version, strict=True)
        expect(True, what)
    except (jsonschema.ValidationError, kubernetes_validate.ValidationError) as error:
        expect(False, f"{what}: {error.message}")


def check_pod(where, workload):
    spec = workload["spec"]["template"]["spec"]
    pod, [container] = spec["securityContext"], spec["containers"]
    own = container["securityContext"]
    expect(workload["spec"]["replicas"] == 1, f"{where}: the data file has one writer")
    expect(
        pod["runAsNonRoot"] and pod["runAsUser"] == 65532 == pod["fsGroup"], f"{where}: not root"
    )
    expect(pod["seccompProfile"] == {"type": "RuntimeDefault"}, f"{where}: seccomp")
    expect(own["readOnlyRootFilesystem"] is True, f"{where}: a root that is not written to")
    expect(own["allowPrivilegeEscalation"] is False, f"{where}: no more rights than at the start")
    expect(own["capabilities"] == {"drop": ["ALL"]}, f"{where}: no capabilities")
    expect(
        spec["enableServiceLinks"] is False, f"{where}: PODIUM_PORT from a service is no setting"
    )
    expect(spec["automountServiceAccountToken"] is False, f"{where}: no token of the cluster")
    expect({"cpu", "memory"} <= set(container["resources"]["requests"]), f"{where}: requests")
    expect("memory" in container["resources"]["limits"], f"{where}: a limit of memory")
    for probe, path in [("startup", "/livez"), ("liveness", "/livez"), ("readiness", "/readyz")]:
        asked = container[f"{probe}Probe"]["httpGet"]
        expect(asked == {"path": path, "port": "http"}, f"{where}: {probe} asks {path}")
    volumes = {one["name"] for one in spec["volumes"]}
    volumes |= {
        one["metadata"]["name"] for one in workload["spec"].get("volumeClaimTemplates") or []
    }
    expect(
        volumes == {"data", "secrets"}, f"{where}: a volume for data, one for secrets: {volumes}"
    )


def check_selectors(where, objects, labels):
    for one in objects:
        spec = one.get("spec", {})
        selector = spec.get("podSelector", spec.get("selector"))
        if one["kind"] in ("StatefulSet", "PodDisruptionBudget", "ServiceMonitor", "NetworkPolicy"):
            selector = selector["matchLabels"]
        elif one["kind"] != "Service":
            continue
        expect(
            selector and selector.items() <= labels.items(),
            f"{where}: {one['kind']} selects the pod",
        )
        if one["kind"] == "NetworkPolicy":
            expect(set(spec["policyTypes"]) == {"Ingress", "Egress"}, f"{where}: both ways")
            peers = [peer for rule in spec["ingress"] or [] for peer in rule["from"]]
            expect(all("namespaceSelector" in peer for peer in peers), f"{where}: who may come in")
            expect(
                labels not in [peer.get("podSelector", {}).get("matchLabels") for peer in peers],
                f"{where}: others may come in, not Podium itself",
            )


def check_configuration(where, podium, objects, container):
    """The program reads what it is given; a gateway is not asked."""
    [values] = [one["data"] for one in objects if one["kind"] == "ConfigMap"]
    with tempfile.TemporaryDirectory() as place:
        environment = {"PATH": os.environ["PATH"], "HOME": place, **values}
        for variable in container["env"]:
            name, value = variable["name"], variable["value"]
            if name.endswith("_FILE"):
                value = os.path.join(place, os.path.basename(value))
                Path(value).write_text("sk-0123456789-0123456789-0123456789-0123456789")
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
        helps = subprocess.run(
            [podium, "--help"], capture_output=True, text=True, check=True
        ).stdout
    expect("ok    configuration" in asked.stdout, f"{where}: {asked.stderr or asked.stdout}")
    expect(values["LITELLM_BASE_URL"].startswith("http"), f"{where}: a gateway")
    # An ingress controller lets its clients' X-Forwarded-User through.
    expect(
        "PODIUM_TRUSTED_PROXIES" not in values,
        f"{where}: who the ingress controller says is believed",
    )
    for name in {**values, **{one["name"]: "" for one in container["env"]}}:
        expect(name in helps, f"{where}: Podium has no variable {name}")


def main(podium):
    for where, objects in [*rendering.overlays(), *rendering.releases()]:
        before = len(faults)
        for one in objects:
            check_schema(where, one)
        [workload] = [one for one in objects if one["kind"] == "StatefulSet"]
        template = workload["spec"]["template"]
        check_pod(where, workload)
        check_selectors(where, objects, template["metadata"]["labels"])
        check_configuration(where, podium, objects, template["spec"]["containers"][0])
        expect(
            not [one for one in objects if one["kind"] == "Secret"], f"{where}: no secrets in it"
        )
        print(f"{'ok  ' if len(faults) == before else 'FAIL'}  {where}: {len(objects)} objects")
    for values, word, said in rendering.refusals():
        expect(said and word in said, f"helm takes {values}, or says only: {said}")
    for severity, message in rendering.lint():
        expect(severity < 2, f"helm lint: {message}")
    return outcome()


if __name__ == "__main__":
    sys.exit(main(os.path.abspath(sys.argv[1])))

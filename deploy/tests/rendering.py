"""Renders Podium's manifests as those who apply them do: by kustomize's and Helm's engines."""

import asyncio
from pathlib import Path

import helm_python
import pykustomize
import yaml
from helm_python import chart

DEPLOY = Path(__file__).resolve().parent.parent
CHART = DEPLOY / "helm" / "podium"
OVERLAYS = ["base", "overlays/workshop", "overlays/production"]

# What people choose: the least, everything, and a board without a volume.
RELEASES = {
    "least": {"gateway": {"baseUrl": "http://litellm.litellm.svc:4000"}},
    "everything": {
        "gateway": {"baseUrl": "https://litellm.example.com"},
        "image": {"repository": "registry.example.com/podium", "tag": "1.2.3"},
        "imagePullSecrets": [{"name": "registry"}],
        "variables": {
            "PODIUM_OIDC_ISSUER": "https://id.example.com/realms/example",
            "PODIUM_OIDC_CLIENT_ID": "podium",
            "PODIUM_PUBLIC_URL": "https://podium.example.com",
            "PODIUM_HSTS": True,
            "PODIUM_BACKFILL_DAYS": 400,
        },
        "secretFiles": {"PODIUM_OIDC_CLIENT_SECRET_FILE": "oidc-client-secret"},
        "persistence": {"storageClassName": "fast", "size": "20Gi"},
        "ingress": {"enabled": True},
        "serviceMonitor": {"enabled": True, "tokenSecret": "podium-metrics"},
        "nodeSelector": {"kubernetes.io/arch": "amd64"},
        "tolerations": [{"key": "spot", "operator": "Exists"}],
    },
    "board": {
        "gateway": {"baseUrl": "http://litellm.litellm.svc:4000"},
        "access": "board",
        "persistence": {"enabled": False},
        "networkPolicy": {"from": [], "egress": []},
    },
}

# What must be refused, and a word that the message has.
REFUSED = [
    ({}, "gateway.baseUrl"),
    ({"gateway": {"baseUrl": "http://x"}, "access": "public"}, "access"),
    (
        {"gateway": {"baseUrl": "http://x"}, "variables": {"LITELLM_API_KEY": "sk-secret"}},
        "LITELLM_API_KEY",
    ),
    ({"gateway": {"baseUrl": "http://x"}, "replicas": 3}, "replicas"),
    ({"gateway": {"baseUrl": "http://x"}, "persistence": {"size": "much"}}, "size"),
]


def overlays():
    """Each overlay with its objects."""
    for overlay in OVERLAYS:
        built = asyncio.run(pykustomize.build(DEPLOY / "kubernetes" / overlay))
        yield f"kustomize {overlay}", [one for one in yaml.safe_load_all(built.yaml) if one]


def releases():
    """Each release of the chart with its objects."""
    with chart.Chart.load(CHART) as loaded:
        for name, values in RELEASES.items():
            loaded.validate_schema(values)
            rendered = loaded.render(values, name=name, namespace="podium")
            objects = []
            for path, text in rendered.items():
                if not path.endswith("NOTES.txt"):
                    objects += [one for one in yaml.safe_load_all(text) if one]
            yield f"helm {name}", objects


def refusals():
    """Values that the chart must not take, each with what it says (None if it takes them)."""
    with chart.Chart.load(CHART) as loaded:
        for values, word in REFUSED:
            try:
                loaded.validate_schema(values)
                loaded.render(values, name="refused", namespace="podium")
                yield values, word, None
            except helm_python.HelmError as error:
                yield values, word, str(error)


def lint():
    """What Helm's own linter says: (severity, message)."""
    report = chart.lint(CHART, RELEASES["least"], strict=True, kube_version="v1.37.0")
    return [(one["severity"], f"{one['path']}: {one['error']}") for one in report["messages"]]

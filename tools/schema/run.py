"""Asks demos everything that openapi.json says may be asked, and more that may not, and judges each
answer by the document: one demo that is open to all, and one where an admin's token asks.

Usage: run.py PODIUM [options of `schemathesis run`]
"""

import http.client
import json
import os
import pathlib
import re
import subprocess
import sys
import threading

ROOT = pathlib.Path(__file__).parents[2]
CONFIG = pathlib.Path(__file__).with_name("schemathesis.toml")
SCHEMATHESIS = pathlib.Path(sys.executable).with_name("schemathesis")
# Of what is simulated in a demo, so no secret.
KEY = "sk-demo-admin"


class Demo:
    """A `podium demo` on a port of its own, ended by its own process."""

    def __init__(self, podium, access):
        self.process = subprocess.Popen(
            [podium, "demo", "--listen", "127.0.0.1:0"],
            env={**os.environ, "PODIUM_ACCESS": access, "PODIUM_LOG": "warn"},
            stdout=subprocess.PIPE,
            text=True,
        )
        said = ""
        for line in self.process.stdout:
            said += line
            found = re.search(r"http://localhost:(\d+)/docs", line)
            if found:
                break
        else:
            sys.exit(f"{podium} demo does not start:\n{said}")
        self.port = int(found[1])
        # What nobody reads would hold it up.
        threading.Thread(target=self.process.stdout.read, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=20)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def post(self, path, body, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers |= {"Content-Type": "application/json", "Origin": self.url}
        connection.request("POST", path, json.dumps(body), headers)
        answer = connection.getresponse()
        told = json.loads(answer.read())
        if answer.status >= 300:
            sys.exit(f"{path}: {answer.status} {told}")
        return answer, told

    def admin_token(self):
        answer, _ = self.post("/api/v1/sign-in", {"key": KEY})
        cookie = answer.headers["Set-Cookie"].split(";")[0]
        _, made = self.post("/api/v1/tokens", {"name": "schema", "role": "admin"}, Cookie=cookie)
        # Not to be revoked by the questions themselves.
        os.environ["SCHEMA_TOKEN_ID"] = made["id"]
        return made["token"]


def ask(demo, options, headers=()):
    """Whether every answer was as the document has it."""
    command = [
        SCHEMATHESIS,
        "--config-file",
        CONFIG,
        "run",
        ROOT / "openapi.json",
        "--url",
        demo.url,
    ]
    for header in headers:
        command += ["--header", header]
    path = {**os.environ, "PYTHONPATH": str(CONFIG.parent)}
    asked = subprocess.run([*command, *options], cwd=ROOT / "target", env=path)
    return asked.returncode == 0


def main():
    podium, *options = sys.argv[1:]
    print("Open to all", flush=True)
    with Demo(podium, "open") as demo:
        fine = ask(demo, options)
    print("\nPrivate, asked by an admin's token", flush=True)
    with Demo(podium, "private") as demo:
        fine &= ask(demo, options, [f"Authorization: Bearer {demo.admin_token()}"])
    if not fine:
        sys.exit("Some answers are not as openapi.json has them; each of them is above.")


main()

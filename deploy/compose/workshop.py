"""Makes a workshop at a LiteLLM gateway: teams, a key each, and chat completions over a while.

Everything goes through the gateway's own interface. Teams that are there already are used again,
each with a new key. From the environment: LITELLM_BASE_URL, LITELLM_API_KEY_FILE (or
LITELLM_API_KEY), WORKSHOP_REQUESTS (600, at most 10000), WORKSHOP_SECONDS (60).
"""

import collections
import concurrent.futures
import json
import os
import random
import sys
import time
import urllib.error
import urllib.request

BASE = os.environ["LITELLM_BASE_URL"].rstrip("/")
TEAMS = ["Otters", "Herons", "Badgers", "Kingfishers", "Hedgehogs", "Swifts"]
# How often a model is asked; the last is always busy.
MODELS = {"workshop/swift": 6, "workshop/sage": 3, "workshop/house": 2, "workshop/busy": 1}
AT_ONCE = 4


def master_key():
    if path := os.environ.get("LITELLM_API_KEY_FILE"):
        with open(path, encoding="utf-8") as file:
            return file.read().strip()
    return os.environ["LITELLM_API_KEY"]


def ask(method, path, key, body=None):
    """The status and the answer."""
    request = urllib.request.Request(
        BASE + path,
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, None
    except OSError as error:
        sys.exit(f"workshop: the gateway at {BASE} cannot be reached: {error}")


def must(method, path, key, body=None):
    status, answer = ask(method, path, key, body)
    if status >= 300:
        sys.exit(f"workshop: {method} {path} was answered with {status}; is the key an admin's?")
    return answer


def attendees(master):
    """A key for each team."""
    there = {team.get("team_alias"): team["team_id"] for team in must("GET", "/team/list", master)}
    keys = {}
    for name in TEAMS:
        team = there.get(name) or must("POST", "/team/new", master, {"team_alias": name})["team_id"]
        alias = f"{name.lower()}-{random.randrange(16**6):06x}"
        made = must("POST", "/key/generate", master, {"team_id": team, "key_alias": alias})
        keys[name] = made["key"]
    return keys


def work(key, wait):
    time.sleep(wait)
    model = random.choices(list(MODELS), list(MODELS.values()))[0]
    words = " ".join(["word"] * random.randint(5, 200))
    body = {"model": model, "messages": [{"role": "user", "content": words}]}
    return ask("POST", "/v1/chat/completions", key, body)[0]


def main():
    requests = min(int(os.environ.get("WORKSHOP_REQUESTS", "600")), 10_000)
    seconds = float(os.environ.get("WORKSHOP_SECONDS", "60"))
    keys = attendees(master_key())
    for name, key in keys.items():
        print(f"{name:<12} {key}", flush=True)
    # Some are more eager than others.
    eager = list(range(len(keys), 0, -1))
    pause = seconds * AT_ONCE / max(requests, 1)
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        chosen = random.choices(list(keys.values()), eager, k=requests)
        statuses = collections.Counter(pool.map(lambda key: work(key, pause), chosen))
    print(f"{requests} requests: {dict(sorted(statuses.items()))}", flush=True)
    if not statuses[200]:
        sys.exit("workshop: the gateway answered none of them")


if __name__ == "__main__":
    main()

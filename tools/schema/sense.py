"""What a document cannot say: which parameters make sense together. A case that is valid by
openapi.json is made one that has an answer; one that is not valid is left as it is.
"""

import datetime
import os

import schemathesis
from schemathesis import GenerationMode

OWN_TOKEN = os.environ.get("SCHEMA_TOKEN_ID")
ZONES = ["UTC", "Europe/Berlin", "Asia/Kathmandu", "America/St_Johns", "Pacific/Kiritimati"]
USUAL = ["tokens", "requests", "failed_requests", "spend_usd"]
PAIRS = [("start_date", "end_date"), ("compare_start", "compare_end")]


def of_workshop(day):
    """One of the days of the demo's workshop in the place of any: of these everything is known."""
    ordinal = datetime.date.fromisoformat(day).toordinal()
    # From yesterday back: where it is still evening, today in UTC is in the future, and refused.
    return datetime.datetime.now(datetime.UTC).date() - datetime.timedelta(days=1 + ordinal % 3)


def settle_days(asked):
    """Days that lie in order, and a zone that there is."""
    for first, last in PAIRS:
        days = sorted(of_workshop(asked[name]) for name in (first, last) if asked.get(name))
        for name in [last, first]:
            if asked.get(name):
                asked[name] = days.pop().isoformat()
    if asked.get("tz"):
        asked["tz"] = ZONES[len(asked["tz"]) % len(ZONES)]


def settle_comparison(asked):
    """Either a named comparison or days of its own, and only of days."""
    own = [name for name in ("compare_start", "compare_end") if asked.get(name)]
    if len(own) == 1 or asked.get("compare"):
        for name in own:
            del asked[name]
    if asked.get("compare") == "previous_to_now":
        asked["grain"] = "total"
    elif asked.get("compare") or asked.get("compare_start"):
        asked["grain"] = "1d"


def listed(value):
    return [] if not value else value.split(",") if isinstance(value, str) else value


def settle_columns(asked):
    """Only columns that are there can be ordered by, and only the teams can be told in full."""
    if asked.get("zeros"):
        asked["by"] = "team"
    columns = {"bucket", *listed(asked.get("by")), *(listed(asked.get("measures")) or USUAL)}
    if asked.get("order"):
        order = [name for name in listed(asked["order"]) if name.lstrip("+-") in columns]
        asked["order"] = ",".join(order)


def settle_token(asked):
    """Teams are for the role `team`, and an admin's token is never in an address."""
    if asked.get("role") == "team":
        asked["teams"] = asked.get("teams") or ["team"]
    else:
        asked["teams"] = []
    if asked.get("role") == "admin":
        asked["in_address"] = False


@schemathesis.hook
def before_call(context, case, **kwargs):
    # The token that asks goes on asking.
    if OWN_TOKEN and (case.path_parameters or {}).get("id") == OWN_TOKEN:
        case.path_parameters["id"] = "of-nobody"
    if case.meta is None or case.meta.generation.mode != GenerationMode.POSITIVE:
        return
    has_body = case.operation.path in ("/api/v1/query", "/api/v1/tokens") and case.method == "POST"
    asked = case.body if has_body else case.query
    if not isinstance(asked, dict):
        return
    settle_days(asked)
    if case.operation.path == "/api/v1/query":
        settle_comparison(asked)
        settle_columns(asked)
    if case.operation.path == "/api/v1/tokens":
        settle_token(asked)

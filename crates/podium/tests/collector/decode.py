"""Reads requests that were sent over OTLP with the project's own classes, and prints their spans.

Arguments: files, each with the body of a request. What the classes do not know is an error.
"""

import json
import sys

from google.protobuf.json_format import MessageToDict
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

spans = []
for path in sys.argv[1:]:
    with open(path, "rb") as file:
        request = ExportTraceServiceRequest.FromString(file.read())
    again = ExportTraceServiceRequest.FromString(request.SerializeToString())
    request.DiscardUnknownFields()
    assert request == again, f"fields that are not known: {path}"
    for of_resource in MessageToDict(request, preserving_proto_field_name=True)["resource_spans"]:
        assert of_resource["resource"]["attributes"], "the resource is told"
        for of_scope in of_resource["scope_spans"]:
            assert of_scope["scope"]["name"] == "podium"
            spans.extend(of_scope["spans"])
print(json.dumps(spans))

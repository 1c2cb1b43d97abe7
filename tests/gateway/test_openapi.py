"""What `GET /openapi.json` says of the interface."""

import json

import pytest

from gateway.callbacks.receiver import RECEIVE
from gateway.openapi import DESCRIBE, OpenApi, document
from gateway.pushes.desk import CANCEL, SHOW
from gateway.pushes.intake import ENQUEUE
from gateway.pushes.item import PushItem
from tests.gateway.fakes import request


@pytest.fixture
def described():
    return json.loads(document((ENQUEUE, SHOW, CANCEL, RECEIVE, DESCRIBE)))


def test_every_operation_stands_at_its_path(described):
    assert described["openapi"] == "3.1.0"
    assert {path: list(methods) for path, methods in described["paths"].items()} == {
        "/v1/pushes": ["post"],
        "/v1/pushes/{id}": ["get", "delete"],
        "/callback/{account}": ["post"],
        "/openapi.json": ["get"],
    }


def test_a_push_has_the_fields_that_validate_it(described):
    item = described["components"]["schemas"]["PushItem"]
    assert set(item["properties"]) == set(PushItem.__struct_fields__)
    assert item["required"] == ["account", "to"]
    assert item["additionalProperties"] is False
    batch = described["components"]["schemas"]["PushBatch"]["properties"]["pushes"]
    assert batch["items"] == {"$ref": "#/components/schemas/PushItem"}
    assert batch["maxItems"] == 10_000


def test_every_form_of_a_batch_is_named(described):
    content = described["paths"]["/v1/pushes"]["post"]["requestBody"]["content"]
    assert list(content) == ["application/json", "application/x-ndjson", "application/msgpack"]


def test_what_wants_a_key_says_so_and_may_be_401(described):
    enqueue, receive = described["paths"]["/v1/pushes"]["post"], described["paths"]["/callback/{account}"]["post"]
    assert enqueue["security"] == [{"upstream": []}]
    assert "401" in enqueue["responses"]
    assert "security" not in receive
    assert described["components"]["securitySchemes"]["upstream"]["scheme"] == "bearer"


def test_problems_are_problems_and_say_when_to_come_back(described):
    full = described["paths"]["/v1/pushes"]["post"]["responses"]["429"]
    assert list(full["content"]) == ["application/problem+json"]
    assert "Retry-After" in full["headers"]


def test_every_reference_is_there(described):
    def references(node):
        if isinstance(node, dict):
            yield from [node["$ref"]] if "$ref" in node else []
            for each in node.values():
                yield from references(each)
        elif isinstance(node, list):
            for each in node:
                yield from references(each)

    schemas = described["components"]["schemas"]
    assert {reference.rpartition("/")[2] for reference in references(described)} <= set(schemas)


async def test_it_is_answered_as_json_and_made_once():
    api = OpenApi((DESCRIBE,))
    first = await api.show(request("GET", "/openapi.json"))
    assert (first.status, first.content_type) == (200, "application/json")
    assert await api.show(request("GET", "/openapi.json")) is first

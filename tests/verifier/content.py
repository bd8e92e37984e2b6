"""Content records: their bodies by the JSON Schemas of docs/kinds.json, and what their headers repeat."""

import datetime
import json
import pathlib
import re

from records import BODY, ZERO, check_file, read_json, require

SCHEMAS = pathlib.Path(__file__).resolve().parents[2] / "docs" / "kinds.json"
NUMBERS = {32: "organisation", 33: "practice", 34: "need", 35: "offer", 36: "adoption", 37: "translation", 38: "review"}
SUBJECTS = {"adoption": "practice", "translation": "of", "review": "of"}
TYPES = {"object": dict, "array": list, "string": str, "integer": int, "boolean": bool}
DIVISIONS = {1: 8, 2: 5, 3: 6, 4: 9, 5: 6, 6: 6, 7: 6, 8: 6, 9: 8, 10: 9}


def check_text(schema, text):
    """Whether a text is what a schema without members asks."""
    if len(text) > schema.get("maxLength", BODY) or not re.search(schema.get("pattern", ""), text):
        return False
    if "oneOf" in schema and text not in {term["const"] for term in schema["oneOf"]}:
        return False
    if schema.get("format") == "email":
        name, at, host = text.partition("@")
        return bool(name and at) and "@" not in host and "." in host and all(host.split("."))
    if schema.get("format") == "date":
        try:
            datetime.date.fromisoformat(text)
        except ValueError:
            return False
    return True


def wrong_places(schema, value, at=""):
    """The JSON pointers at which a value is not what the schema asks."""
    if not isinstance(value, TYPES[schema["type"]]) or (isinstance(value, bool) and schema["type"] != "boolean"):
        return [at]
    if isinstance(value, int):
        return [] if schema.get("minimum", value) <= value <= schema.get("maximum", value) else [at]
    if isinstance(value, str):
        return [] if check_text(schema, value) else [at]
    if isinstance(value, list):
        if not schema["minItems"] <= len(value) <= schema["maxItems"]:
            return [at]
        return [place for n, item in enumerate(value) for place in wrong_places(schema["items"], item, f"{at}/{n}")]
    if len(value) < schema.get("minProperties", 0):
        return [at]
    places = [f"{at}/{name}" for name in schema.get("required", []) if name not in value]
    for name, member in value.items():
        names, members = schema.get("propertyNames", {}), schema.get("properties", {}).get(name, schema.get("additionalProperties"))
        if not check_text(names, name):
            places.append(f"{at}/{name}")
        elif members:
            places += wrong_places(members, member, f"{at}/{name}")
    return places


def is_topic(number):
    division, group = divmod(number // 10, 10)
    return division in DIVISIONS and group <= DIVISIONS[division] and (group > 0 or number % 10 == 0)


def check_kind(raw, network):
    record = check_file(raw, network)
    require("body" in record, "Commitment")
    body = read_json(record["body"])
    require(record["kind"] in NUMBERS, "Kind")
    name = NUMBERS[record["kind"]]
    schema = next(each for each in json.loads(SCHEMAS.read_text(encoding="utf-8")) if each["title"] == name)
    places = wrong_places(schema, body)
    if not places and "topic" in body and not is_topic(body["topic"]):
        places = ["/topic"]
    require(not places, places and places[0])
    subject = bytes.fromhex(body[SUBJECTS[name]]) if name in SUBJECTS else ZERO
    territory = body["places"][0]["code"] if "places" in body else ""
    topic = body.get("topic", 0)
    agrees = name not in SUBJECTS or record["subject"] == subject
    require(agrees and (record["territory"], record["topic"]) == (territory, topic), "Header")
    return {"kind": name, "subject": subject, "territory": territory, "topic": topic}

"""What all shapes on the wire share: camelCase, strict, nothing unknown accepted; and the fields that many have."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from fastapi import Path
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic.alias_generators import to_camel

from symphony_connect import platforms


def _digits(value: Any) -> Any:
    """In paths and queries an integer is digits alone: `+5`, ` 5` and `5.0` are mistakes."""
    if isinstance(value, str) and not re.fullmatch(r"-?[0-9]{1,17}", value):
        raise ValueError("must be a whole number")
    return value


Digits = BeforeValidator(_digits)
"""Stands last in an `Annotated`: limits that follow it would not be JSON Schema's."""
BrandId = Annotated[
    int, Field(ge=1, le=2**53 - 1, description="The integer you chose for the brand.", examples=[12345]), Digits
]
PLAIN = r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f]*$"
"""What bodies may hold as text: no control character but tab and line ends (`web/strict.py` refuses the others)."""
Name = Annotated[
    str,
    Field(min_length=1, max_length=200, examples=["Northwind Bikes"], json_schema_extra={"pattern": PLAIN}),
]
# Only what is asked has to be a platform that is there: in answers a later version may name more.
# Shorter than any token: the answer repeats an unknown name, which may be a token in the wrong place.
PlatformName = Annotated[
    str,
    Field(
        min_length=1,
        max_length=30,
        description="As `GET /platforms` lists them.",
        examples=platforms.names()[:1],
        json_schema_extra={"enum": platforms.names()},
    ),
]
ROW_ID = "^[0-9A-Za-z_]+$"
# Anything else is answered like an id that is not there.
IdPath = Annotated[str, Path(max_length=60, json_schema_extra={"pattern": ROW_ID})]
TokenText = Annotated[
    str,
    Field(min_length=1, max_length=8192, examples=["EXAMPLE-TOKEN-0000"], json_schema_extra={"pattern": "^[!-~]+$"}),
]
Time = Annotated[str, Field(json_schema_extra={"format": "date-time"}, examples=["2027-01-21T11:49:35Z"])]
Url = Annotated[str, Field(json_schema_extra={"format": "uri"})]
# A `const` that is no text breaks generated clients, openapi-generator's among them.
Yes = Annotated[Literal[True], WithJsonSchema({"type": "boolean", "description": "Always true.", "examples": [True]})]
No = Annotated[Literal[False], WithJsonSchema({"type": "boolean", "description": "Always false.", "examples": [False]})]


class Wire(BaseModel):
    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        alias_generator=to_camel,
        populate_by_name=True,
        use_attribute_docstrings=True,
        json_schema_serialization_defaults_required=True,
    )

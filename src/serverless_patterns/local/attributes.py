"""Attributes that the emulator doesn't know, replaced by the properties that they repeat."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from serverless_patterns.local.assembly import Template

_REPEATED = {("AWS::EC2::VPC", "CidrBlock")}
"""Types and attributes; each says what the property of its name says."""


def spell_out_attributes(templates: Sequence[Template]) -> None:
    """Replace in place every reference to such an attribute by what the template says."""
    for template in templates:
        template.content = _spelt_out(template, template.content)


def _spelt_out(template: Template, value: Any) -> Any:
    match value:
        case {"Fn::GetAtt": [str(name), str(attribute)]}:
            resource = template.resources.get(name, {})
            said = resource.get("Properties", {}).get(attribute)
            is_repeated = (resource.get("Type"), attribute) in _REPEATED and said is not None
            return said if is_repeated else value
        case dict():
            return {key: _spelt_out(template, part) for key, part in value.items()}
        case list():
            return [_spelt_out(template, part) for part in value]
    return value

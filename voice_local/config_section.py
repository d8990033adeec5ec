"""What every section of the settings has in common."""

from __future__ import annotations

from typing import get_origin

from pydantic import BaseModel, ConfigDict, ValidationInfo, field_validator


class Section(BaseModel):
    """Frozen, without settings of other names, with finite numbers. A list may be written as one
    text, parted by commas, as a variable of the environment holds it."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @field_validator("*", mode="before")
    @classmethod
    def _listed(cls, given: object, about: ValidationInfo) -> object:
        if isinstance(given, str) and "\0" in given:
            raise ValueError("holds a null character")
        field = cls.model_fields.get(about.field_name or "")
        if not isinstance(given, str) or field is None or get_origin(field.annotation) is not tuple:
            return given
        return tuple(part.strip() for part in given.split(",") if part.strip())

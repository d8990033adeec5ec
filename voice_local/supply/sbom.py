"""A software bill of materials in CycloneDX 1.6 (ECMA-424): every model and every wheel of a
bundle."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from voice_local.models.folder import Manifest

SPDX = {
    "mit": "MIT",
    "apache-2.0": "Apache-2.0",
    "bsd-2-clause": "BSD-2-Clause",
    "cc0-1.0": "CC0-1.0",
}


def make(
    manifest: Manifest, wheels: Sequence[dict[str, str]], about: dict[str, Any]
) -> dict[str, Any]:
    """The document. `wheels`: name, version, file and sha256 of each."""
    components = [_model(name, known, manifest) for name, known in manifest.models.items()]
    components += [_wheel(wheel) for wheel in wheels]
    application = {
        "type": "application",
        "bom-ref": "voice-local",
        "name": "voice-local",
        "version": about["voice_local"],
    }
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid4()}",
        "version": 1,
        "metadata": {
            "timestamp": about["made"],
            "component": application,
            "properties": [
                {"name": "voice-local:profile", "value": about["profile"]},
                {"name": "voice-local:platform", "value": about["platform"]},
            ],
        },
        "components": components,
        "dependencies": [
            {"ref": "voice-local", "dependsOn": [one["bom-ref"] for one in components]}
        ],
    }


def _license(name: str) -> list[dict[str, Any]]:
    known = SPDX.get(name.lower())
    return [{"license": {"id": known} if known else {"name": name}}]


def _model(name: str, known: dict[str, Any], manifest: Manifest) -> dict[str, Any]:
    files = [key for key in manifest.files if key == name or key.startswith(f"{name}/")]
    return {
        "type": "machine-learning-model",
        "bom-ref": f"model:{name}",
        "name": name,
        "version": str(known.get("source", "")),
        "licenses": _license(str(known.get("license", "unknown"))),
        "properties": [
            {"name": "voice-local:stage", "value": str(known.get("stage", ""))},
            {"name": "voice-local:architecture", "value": str(known.get("architecture", ""))},
        ],
        "components": [
            {
                "type": "file",
                "bom-ref": f"file:{key}",
                "name": key,
                "hashes": [{"alg": "SHA-256", "content": manifest.files[key]["sha256"]}],
            }
            for key in files
        ],
    }


def _wheel(wheel: dict[str, str]) -> dict[str, Any]:
    purl = f"pkg:pypi/{wheel['name']}@{wheel['version']}"
    return {
        "type": "library",
        "bom-ref": purl,
        "name": wheel["name"],
        "version": wheel["version"],
        "purl": purl,
        "hashes": [{"alg": "SHA-256", "content": wheel["sha256"]}],
    }

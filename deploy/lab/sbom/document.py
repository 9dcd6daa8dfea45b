"""An inventory as a CycloneDX document, the same text for the same inventory."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, Property, XsUri
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

from lab.errors import LabError
from lab.sbom.inventory import Debian, Inventory, Python
from lab.sbom.lock import File, installable, normalised

DISTRIBUTION = "debian-13"  # what every image stands on: trixie


def render(inventory: Inventory, locked: Mapping[str, Sequence[File]]) -> str:
    """The document; raises LabError if it is not what CycloneDX's schema asks for."""
    image = Component(
        name=inventory.image, version=inventory.inputs, type=ComponentType.CONTAINER, bom_ref=inventory.image
    )
    parts = [
        *(_debian(one) for one in inventory.debian),
        *(_python(one, inventory, locked) for one in inventory.python),
    ]
    bom = Bom(components=parts)
    bom.metadata.component = image
    bom.metadata.timestamp = None  # type: ignore[assignment]  # two runs over one image write one text
    bom.serial_number = uuid.uuid5(uuid.NAMESPACE_OID, repr(inventory))
    bom.register_dependency(image, parts)
    text = JsonV1Dot6(bom).output_as_string(indent=2)
    wrong = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    if wrong is not None:
        raise LabError(f"the bill of materials of {inventory.image} is not valid CycloneDX: {wrong}")
    return text + "\n"


def _debian(package: Debian) -> Component:
    qualifiers = {"arch": package.architecture, "distro": DISTRIBUTION}
    purl = PackageURL("deb", "debian", package.name, package.version, qualifiers)
    source = f"{package.source} {package.source_version}"
    return Component(
        name=package.name,
        version=package.version,
        type=ComponentType.LIBRARY,
        purl=purl,
        bom_ref=purl.to_string(),
        properties=[Property(name="debian:source", value=source)],
    )


def _python(package: Python, inventory: Inventory, locked: Mapping[str, Sequence[File]]) -> Component:
    name = normalised(package.name)
    purl = PackageURL("pypi", None, name, package.version)
    files = installable(list(locked.get(name, ())), inventory.python_version, inventory.architecture)
    return Component(
        name=name,
        version=package.version,
        type=ComponentType.LIBRARY,
        purl=purl,
        bom_ref=purl.to_string(),
        external_references=[_distribution(file) for file in files],
    )


def _distribution(file: File) -> ExternalReference:
    return ExternalReference(
        type=ExternalReferenceType.DISTRIBUTION,
        url=XsUri(file.url),
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=file.sha256)],
    )

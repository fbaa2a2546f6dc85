"""Which packages of this Python are others than the plugin pins."""

from importlib import metadata
from pathlib import Path
from typing import NamedTuple

from packaging.requirements import Requirement
from packaging.version import InvalidVersion, Version


class Difference(NamedTuple):
    """A package whose `installed` version is not the `pinned` one."""

    package: str
    installed: str
    pinned: str

    def __str__(self) -> str:
        return f"{self.package} {self.installed} (pinned {self.pinned})"

    @property
    def is_older(self) -> bool:
        """Whether the installed version comes before the pinned one."""
        return Version(self.installed) < Version(self.pinned)


def pins(*files: Path) -> dict[str, str]:
    """Return {package: version} that requirements or constraints files of pip pin for this Python."""
    lines = [line.partition("#")[0].strip() for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    asked = [Requirement(line) for line in lines if line]
    return {
        pin.name: specifier.version
        for pin in asked
        for specifier in pin.specifier
        if pin.marker is None or pin.marker.evaluate()
    }


def differences(*files: Path) -> list[Difference]:
    """Return the `Difference`s between the pins of `files` and what is installed, in the order of the files.

    A build such as 2.13.0+cpu is as good as 2.13.0. What is not installed is left out: most pins are of packages that
    others bring, and not everywhere. So is what has no version that can be read.
    """
    found = []
    for package, pinned in pins(*files).items():
        try:
            installed = metadata.version(package)
            is_as_pinned = Version(Version(installed).public) == Version(pinned)
        except (metadata.PackageNotFoundError, InvalidVersion, TypeError):  # TypeError: no version at all
            continue
        if not is_as_pinned:
            found.append(Difference(package, installed, pinned))
    return found

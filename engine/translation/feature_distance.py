"""How far images are apart in what a network sees in them: the Fréchet distance of its features."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Optional, Protocol

import numpy as np
from numpy.typing import ArrayLike

LATTICE = 128
"""Areas whose features are asked for begin at multiples of so many pixels: samples lie alike in all of them."""

_EVEN = 8
"""Pixels along a side of an even area; the first sample begins where it does."""


class Features(Protocol):
    """A network that describes samples of images.

    KEY: the number that the distance is given as. TITLE, ABOUT: what reports call it, and say of it. SAMPLES: what is
    described. name: of the network. count: features of a sample. margin: pixels around an area, on each side, that its
    samples reach. area: pixels along a side of areas that are described within seconds.
    """

    KEY: str
    TITLE: str
    ABOUT: str
    SAMPLES: str
    name: str
    count: int
    margin: int
    area: int

    def vectors(self, colours: np.ndarray, valid: np.ndarray) -> np.ndarray:
        """Return the features [N, count] of an area's samples, of those all of whose pixels are valid.

        colours [C, h, w] in 0..1 and valid [h, w] reach `margin` pixels further than the area, on each side.
        """


class FeatureComparison:
    """The features of images and of their reference, as sums over areas."""

    def __init__(self, features: Features, images: Iterable[str]) -> None:
        self.features = features
        self._reference = FeatureSums(features.count)
        self._images = {image: FeatureSums(features.count) for image in images}

    def add(
        self, images: Mapping[str, tuple[np.ndarray, np.ndarray]], reference: tuple[np.ndarray, np.ndarray]
    ) -> None:
        """Take an area in, of images by name and of the reference: (colours, valid) as `Features.vectors` has them."""
        self._reference.add(self.features.vectors(*reference))
        for image, seen in images.items():
            self._images[image].add(self.features.vectors(*seen))

    def add_even(self, image: str, colour: np.ndarray) -> None:
        """Say that an image has one colour [C] everywhere, and thus the same features."""
        side = 2 * self.features.margin + _EVEN
        even = np.broadcast_to(colour.astype(np.float32)[:, None, None], (len(colour), side, side))
        self._images[image].add(np.repeat(self.features.vectors(even, np.ones((side, side), bool)), 2, 0))

    @property
    def samples(self) -> int:
        """How many samples of the reference were seen."""
        return self._reference.count

    @property
    def doubt(self) -> str:
        """A sentence on samples that are too few for the covariance of so many features; "" where they are not."""
        if self.samples < 2:
            return (
                f"Both images know {self.samples} whole {self.features.SAMPLES}, and two are the least for a distance."
            )
        if self.samples <= self.features.count:
            return (
                f"{self.samples:,} samples are no more than the {self.features.count:,} features of each, so that the "
                "distance comes out too large: compare it only with those of as many samples, or give larger images."
            )
        return ""

    def distances(self) -> dict[str, Optional[float]]:
        """Return the squared Fréchet distance of each image to the reference; None of fewer than two samples."""
        if self.samples < 2:
            return dict.fromkeys(self._images)
        reference = self._reference.normal()
        return {
            image: frechet_distance(sums.normal(), reference) if sums.count > 1 else None
            for image, sums in self._images.items()
        }


class FeatureSums:
    """Mean and covariance of feature vectors that come window by window."""

    def __init__(self, features: int) -> None:
        self._count, self._sum, self._products = 0, np.zeros(features), np.zeros((features, features))

    def add(self, vectors: ArrayLike) -> None:
        """Take vectors [N, F] in."""
        vectors = np.asarray(vectors, np.float64)
        self._count += len(vectors)
        self._sum += vectors.sum(0)
        self._products += vectors.T @ vectors

    @property
    def count(self) -> int:
        """How many vectors came."""
        return self._count

    def normal(self) -> "Normal":
        """Return the normal distribution with the moments of what came: of at least two vectors."""
        mean = self._sum / self._count
        return Normal(mean, (self._products - self._count * np.outer(mean, mean)) / (self._count - 1))


@dataclass(frozen=True)
class Normal:
    """A normal distribution of features: mean [F] and covariance [F, F]."""

    mean: np.ndarray
    covariance: np.ndarray

    @cached_property
    def root(self) -> np.ndarray:
        """The symmetric root of the covariance."""
        values, vectors = np.linalg.eigh(self.covariance)
        return (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T


def frechet_distance(one: Normal, other: Normal) -> float:
    """Return the squared Fréchet distance between normal distributions; the root is taken of the other's covariance.

    D. C. Dowson and B. V. Landau, "The Fréchet distance between multivariate normal distributions", Journal of
    Multivariate Analysis 12 (3), 1982; as M. Heusel et al., "GANs Trained by a Two Time-Scale Update Rule Converge to a
    Local Nash Equilibrium", NeurIPS 2017, use it, on features of whatever network.
    """
    product = other.root @ one.covariance @ other.root  # symmetric, with the eigenvalues of the covariances' product
    common = np.sqrt(np.maximum(np.linalg.eigvalsh((product + product.T) / 2), 0)).sum()
    apart = np.square(one.mean - other.mean).sum()
    return max(float(apart + np.trace(one.covariance) + np.trace(other.covariance) - 2 * common), 0.0)

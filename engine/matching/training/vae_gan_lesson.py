"""The lesson of the VAE-GAN that makes hard negatives, as published: it grows on the way.

L. H. Hughes, "Deep Learning for Matching High-Resolution SAR and Optical Imagery", dissertation, Technische Universität
München, 2020 ("Hughes 2020"), §3.2.1 and §4.4 (section 2.2 and algorithm 1 of the paper there); what differs from it is
called "our choice" here.
"""

from collections.abc import Iterator

import torch
from torch import Generator, Tensor
from torch.nn import functional as F

from ....models.matching.losses import divergence_from_unit_normal, gradient_penalty
from ....models.matching.vae_gan import LATENT, Discriminator, Growth, Vae, levels_of, sampled
from ...training.lesson import Lesson, Part, Plan
from ...training.only_judging import only_judging
from ..pixel_matcher import scale_sar
from .patch_cells import PatchPool

VAE = "vae"
"""The name of the network that is kept."""

BATCH = 128
PHASE = 60_000
"""Images that are shown while a size fades in, and again after that."""

_RATE, _ENCODER_RATE = 1e-3, 5e-4
_RECONSTRUCTION = 0.6
_PENALTY = 10
"""That of Gulrajani et al. (our choice: the paper does not tell its own)."""


class VaeGanLesson(Lesson):
    """Untrained networks, on the SAR patches of a pool, reduced to `side` pixels.

    There are `steps` in all, shared out so that each phase shows as many images: 4 pixels, then each doubled size while
    it fades in and again when it has. Batches are the plan's up to 16 pixels and halve with each size from there on.
    Adam (0, 0.99) at 1e-3, the encoder's at 5e-4. Equation 6 has the sign of the critic's loss the other way round than
    equation 7 asks for: here the critic learns to call real images larger. It sees images made from codes and from the
    prior, half of its loss each, and is penalised between real ones and those from codes. Reconstruction is summed over
    the batch, as equation 7 has it, where divergence and critic are means: as a mean it is worth less than the nats
    that a code costs, and codes come to tell nothing. width: most channels. value_range: (low, high), what SAR values
    are scaled by.
    """

    def __init__(
        self, pool: PatchPool, side: int, value_range: tuple[float, float], steps: int, width: int = LATENT
    ) -> None:
        self._pool, self._value_range = pool, value_range
        self._levels, self._steps = levels_of(side), steps
        self._reduction(side)
        self._vae, self._discriminator = Vae(side, width), Discriminator(side, width)
        self.networks = {VAE: self._vae, "discriminator": self._discriminator}
        self.optimisers = tuple(
            torch.optim.Adam(network.parameters(), lr=rate, betas=(0.0, 0.99))
            for network, rate in (
                (self._discriminator, _RATE),
                (self._vae.encoder, _ENCODER_RATE),
                (self._vae.decoder, _RATE),
            )
        )

    def begin(self, step: int) -> None:
        """Let the networks be as large as they are in this step.

        All layers are there from the beginning; those that an image does not pass yet have no gradients and stay.
        """
        growth = growth_at(step, self._steps, self._levels)
        self._vae.grow(growth)
        self._discriminator.grow(growth)

    def draw(self, step: int, count: int, generator: Generator) -> Tensor:
        """Return SAR patches in 0..1 as large as networks are in this step; what fades in does so in them, too."""
        growth = growth_at(step, self._steps, self._levels)
        numbers = self._pool.draw(max(1, count // _reduced(growth.side)), generator)
        images = scale_sar(self._pool.sar(numbers), self._value_range)
        images = F.avg_pool2d(images, self._reduction(growth.side))
        if growth.alpha < 1:
            coarse = F.interpolate(F.avg_pool2d(images, 2), scale_factor=2)
            images = torch.lerp(coarse, images, growth.alpha)
        return images

    def losses(self, batch: Tensor) -> Iterator[Part]:
        """Yield the parts of discriminator, encoder and decoder."""
        encoder, decoder, judge = self._vae.encoder, self._vae.decoder, self._discriminator
        of_judge, of_encoder, of_decoder = self.optimisers
        with torch.no_grad(), self.precision():
            codes = sampled(*encoder(batch)).float()
            from_prior = torch.randn_like(codes)
            again, made = decoder(codes).float(), decoder(from_prior).float()
        with self.precision():
            judged = [judge(images).float().mean() for images in (batch, again, made)]
        critic = (judged[1] + judged[2]) / 2 - judged[0]
        shares = torch.rand(len(batch), device=batch.device)
        penalty = gradient_penalty(judge, batch, again, shares)
        yield Part(of_judge, critic + _PENALTY * penalty, {"critic": critic, "penalty": penalty})

        with self.precision(), only_judging(decoder):
            mean, log_variance = (each.float() for each in encoder(batch))
            codes = sampled(mean, log_variance)
            again = decoder(codes)
        divergence = divergence_from_unit_normal(mean, log_variance)
        error = _distance(batch, again)
        yield Part(of_encoder, divergence + error, {"divergence": divergence, "reconstruction": error / len(batch)})

        with self.precision(), only_judging(judge):
            again, made = decoder(codes.detach()), decoder(from_prior)
            fooled = judge(again).float().mean() + judge(made).float().mean()
        yield Part(of_decoder, _RECONSTRUCTION * _distance(batch, again) - fooled, {"fooled": fooled})

    def _reduction(self, side: int) -> int:
        """Return by how much the pool's patches are reduced to a side; raises ValueError unless evenly."""
        factor, rest = divmod(self._pool.side, side)
        if rest or not factor:
            raise ValueError(f"Patches of {self._pool.side} pixels do not reduce to {side} evenly.")
        return factor


def growth_at(step: int, steps: int, levels: int) -> Growth:
    """Return the `Growth` in a step, from 0, of so many in which networks grow `levels` times."""
    lengths = [(0, False, 1)]
    for level in range(1, levels + 1):
        # As many images take more steps where batches are smaller.
        lengths += [(level, is_fading, _reduced(Growth(level, 1.0).side)) for is_fading in (True, False)]
    done = step / steps * sum(length for *_, length in lengths)
    for level, is_fading, length in lengths:
        if done < length:
            return Growth(level, done / length if is_fading else 1.0)
        done -= length
    return Growth(levels, 1.0)


def plan_of(side: int, phase: int = PHASE, seed: int = 1, batch: int = BATCH) -> Plan:
    """Return the plan of networks that grow to `side` pixels and are shown `phase` images in each phase; rates stay."""
    sides = [Growth(level, 1.0).side for level in range(levels_of(side) + 1)]
    units = _reduced(sides[0]) + 2 * sum(_reduced(each) for each in sides[1:])
    return Plan(units * phase // batch, batch, seed, checkpoint_every=100, report_every=25)


def _reduced(side: int) -> int:
    """Return by how much batches are smaller than the plan's at a side: 128 images become 16 at 128 pixels.

    Only the first and last are published; they halve from 16 pixels on (our choice).
    """
    return max(1, side // 16)


def _distance(images: Tensor, others: Tensor) -> Tensor:
    """The Euclidean distance of images (equation 3), the sum over the batch (equation 7)."""
    return (images - others.float()).flatten(1).norm(dim=1).sum()

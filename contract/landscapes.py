"""The kinds of landscape that the simulator invents; all numbers are our choice."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Landscape:
    """What distinguishes one landscape from another.

    relief: standard deviation of the heights over 10 km, metres. erosion: how many steps running water has carved it.
    water: share of the ground that lakes or the sea cover. tilt: slope of the ground towards a coast. river: width in
    metres, 0 for none. forest: share of the land that is not settled. field: width and length of parcels, metres.
    settlements: number per km², at least one where their density exceeds 0.38. reach: their radius in metres. density:
    of their centre, from 0 (open land) over 0.2 (a village) and 0.5 (a suburb) to 1 (a city of towers). highways:
    how many cross 10 km. districts: kinds of districts and their shares in the settlements, whatever the density; none
    where density decides.
    """

    relief: float
    erosion: int = 0
    water: float = 0.0
    tilt: float = 0.0
    river: float = 0.0
    forest: float = 0.2
    field: tuple[float, float] = (80.0, 240.0)
    settlements: float = 0.1
    reach: float = 350.0
    density: float = 0.35
    highways: int = 1
    districts: tuple[tuple[str, float], ...] = ()


LANDSCAPES = {
    "plain": Landscape(8, river=35, forest=0.12, field=(95, 280), settlements=0.12),
    "prairie": Landscape(6, forest=0.03, field=(270, 420), settlements=0.03, reach=500, highways=2),
    "hills": Landscape(60, erosion=12, river=14, forest=0.4, field=(55, 150), settlements=0.12, reach=300),
    "mountains": Landscape(
        600, erosion=22, river=16, forest=0.5, field=(45, 110), settlements=0.03, reach=250, highways=0
    ),
    "coast": Landscape(35, erosion=8, water=0.4, tilt=0.007, settlements=0.06, reach=1100, density=0.75),
    "lakes": Landscape(18, water=0.18, forest=0.6, field=(70, 160), settlements=0.06, reach=300),
    "village": Landscape(12, erosion=5, river=9, forest=0.2, field=(50, 160), settlements=0.3, reach=420, density=0.4),
    "suburb": Landscape(30, erosion=6, forest=0.15, settlements=0.15, reach=3000, density=0.55, highways=2),
    "city": Landscape(10, river=90, forest=0.1, settlements=0.1, reach=4000, density=0.87, highways=3),
    "terraces": Landscape(4, forest=0.15, settlements=0.15, reach=3000, density=0.6, highways=2, districts=(
        ("terraces", 0.45), ("courts", 0.27), ("houses", 0.08), ("slabs", 0.1), ("park", 0.1))),
    "old_town": Landscape(6, river=24, settlements=0.1, reach=3000, density=0.8, districts=(
        ("perimeter", 0.28), ("courts", 0.3), ("old town", 0.24), ("rows", 0.1), ("park", 0.08))),
    "estate": Landscape(8, forest=0.2, settlements=0.1, reach=3000, density=0.7, highways=2, districts=(
        ("slabs", 0.56), ("terraces", 0.2), ("towers", 0.08), ("rows", 0.08), ("park", 0.08))),
    "harbour": Landscape(3, water=0.25, settlements=0.15, reach=3000, density=0.7, highways=2, districts=(
        ("halls", 0.45), ("industry", 0.35), ("terraces", 0.1), ("courts", 0.1))),
}  # fmt: skip

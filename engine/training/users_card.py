"""What the cards of all models that were trained on users' layers have in common."""

from datetime import date
from typing import Any

from ...models.card import Card


def users_card(name: str, **entries: Any) -> Card:
    """Return the card of a model that is ready today, called as the user asked; entries: the others of `Card`."""
    licence = "that of the layers it was trained on"
    return Card(name=name.strip(), date=date.today().isoformat(), licence=licence, **entries)

"""What reports say of a model by its card."""

from typing import Any

from ...contract.report_page import NOT_DEFINED, properties, table
from ...models.card import MEASURES, Card


def sar_model(card: Card) -> dict[str, str]:
    """Return what a page says of a model for SAR images, as names and texts."""
    sar = card.inputs["sar"]
    return {
        "Name": card.name,
        "Summary": card.summary,
        "Learnt from": ", ".join(card.training_sets) or "not said",
        "SAR images": f"{sar['unit']}; {', '.join(sar['polarisations']) or 'any polarisation'}",
        "Pixels": card.pixel_sizes,
        "Licence": card.licence,
    }


def validation_table(card: Card) -> str:
    """Return what the model card says of the model's validation: one row a test, one column a measure, and remarks."""
    tests = {name: measures for name, measures in card.validation.items() if isinstance(measures, dict)}
    remarks = {str(name): _text(value) for name, value in card.validation.items() if name not in tests}
    measures = list(dict.fromkeys(measure for test in tests.values() for measure in test))
    rows = [(name, *(_text(test[each]) if each in test else "" for each in measures)) for name, test in tests.items()]
    header = ("Test", *(MEASURES.get(each, str(each).replace("_", " ")) for each in measures))
    results = table(header, rows, numeric=range(1, len(header))) if rows else ""
    return results + (properties(remarks) if remarks else "")


def listed(values: dict[str, Any]) -> str:
    """Return a dict as text, nested ones in brackets."""
    return "; ".join(f"{str(key).replace('_', ' ')}: {_text(value)}" for key, value in values.items()) or NOT_DEFINED


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return f"({listed(value)})"
    if isinstance(value, (list, tuple)):
        return ", ".join(map(_text, value))
    return f"{value:.4g}" if isinstance(value, float) else str(value)

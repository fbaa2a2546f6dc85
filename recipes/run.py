"""Run a recipe: `python recipes/run.py ROOM.NAME [ARGUMENTS]`; without a name, say which there are."""

import importlib
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    """Run the `main` of the recipe that is named first; it finds the other arguments in `sys.argv`."""
    if len(sys.argv) < 2:
        recipes = sorted(path.relative_to(ROOT / "recipes") for path in (ROOT / "recipes").glob("*/ship_*.py"))
        names = ", ".join(".".join(path.with_suffix("").parts) for path in recipes)
        sys.exit(f"{__doc__}\nThere are: {names}.")
    sys.path.append(str(ROOT / "engine"))
    from package import load_package

    load_package()
    from sarbridge.engine.compute.memory import keep_freed_memory
    from sarbridge.engine.process_environment import set_environment

    set_environment()
    keep_freed_memory()
    name = sys.argv.pop(1)
    sys.argv[0] = f"{sys.argv[0]} {name}"
    importlib.import_module(f"sarbridge.recipes.{name}").main()


if __name__ == "__main__":
    main()

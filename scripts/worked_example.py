"""Print the commands of the user guide's worked example, for a shell: `python3 scripts/worked_example.py | bash`."""

import re
from pathlib import Path

_GUIDE = Path(__file__).resolve().parents[1] / "docs" / "user_guide.md"


def commands() -> str:
    """Return what the guide prints in blocks of `bash` under the heading "Worked example"."""
    chapter = re.search(r"^## Worked example$.*?^## ", _GUIDE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return "".join(re.findall(r"^```bash\n(.*?)^```$", chapter.group(), re.MULTILINE | re.DOTALL))


if __name__ == "__main__":
    print(commands(), end="")

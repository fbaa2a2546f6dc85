"""The one exception for what the user can put right."""

from .secrets import without_secrets


class UserError(Exception):
    """One sentence for the user: which layer, what is wrong, what to do; secrets of sources in it are masked.

    Anything else that is raised is a bug and is reported with its traceback.
    """

    def __init__(self, sentence: str) -> None:
        super().__init__(without_secrets(sentence))

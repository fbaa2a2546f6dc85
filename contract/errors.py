"""The one exception for what the user can put right."""


class UserError(Exception):
    """One sentence for the user: which layer, what is wrong, what to do.

    Anything else that is raised is a bug and is reported with its traceback.
    """

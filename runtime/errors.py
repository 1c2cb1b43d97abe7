"""What ends a command: every one is a single line on stderr and an exit status."""


class CommandError(Exception):
    """The work failed; `str()` is the one line that says why, without secrets."""

    status = 1


class ConfigurationError(CommandError):
    """The command line or the configuration is wrong; the line says where, and the way out."""

    status = 2


def cause_of(error: BaseException) -> CommandError | None:
    """The first `CommandError` in an exception or a group of them: trio wraps what a nursery's task raises."""
    if isinstance(error, CommandError):
        return error
    if isinstance(error, BaseExceptionGroup):
        for member in error.exceptions:
            found = cause_of(member)
            if found is not None:
                return found
    return None


def first_of(error: BaseException) -> BaseException:
    """The exception itself, or the first in a group of them."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error

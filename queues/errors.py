"""What can go wrong between a stage and the store."""


class StoreUnavailableError(Exception):
    """The store did not do what was asked: gone, too slow, full or refusing.

    The outcome of the call is unknown; every call of this package may be repeated without harm.
    """


class StoreMismatchError(Exception):
    """The store holds data of another schema version or shard count, or lacks what we need of it."""


class TooManyWaitingError(StoreUnavailableError):
    """The bound on callers waiting for a batch is reached; nothing was appended."""

"""Why a pipeline is not read as a plan."""


class CannotLift(Exception):
    """A pipeline does what no plan does; the message says what."""

"""From the command line's flags to a shape; a flag that the shape has no use for is refused by its name."""

from collections.abc import Mapping
from typing import Any, Final, Literal

import msgspec

from loadtests.arrivals.options import FLAGS
from loadtests.arrivals.schedule import Constant, Poisson, Shape, Spike, Step, Trace

ShapeName = Literal["constant", "poisson", "step", "spike", "trace"]

_KINDS: Final[dict[ShapeName, type[Shape]]] = {
    "constant": Constant,
    "poisson": Poisson,
    "step": Step,
    "spike": Spike,
    "trace": Trace,
}


def shape_of(name: ShapeName, given: Mapping[str, Any]) -> Shape:
    """The shape of that name; `given` are the flags' values by the shapes' field names, None where one was not given.

    Raises ValueError naming the flags that are senseless, or missing.
    """
    kind = _KINDS[name]
    fields = msgspec.structs.fields(kind)
    values = {field: value for field, value in given.items() if value is not None}
    senseless = [FLAGS[field] for field in values if field not in {each.name for each in fields}]
    if senseless:
        raise ValueError(f"{', '.join(senseless)}: makes no sense with --shape {name}")
    missing = [FLAGS[each.name] for each in fields if each.required and each.name not in values]
    if missing:
        raise ValueError(f"--shape {name} needs {', '.join(missing)}")
    return kind(**values)

"""tf.errors: the exceptions of a run, as TensorFlow names them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from diptych.ir import DiptychError, Location, MemoryBudgetExceeded

from ..exports import export

if TYPE_CHECKING:
    from .operation import Operation


@export("errors.OpError", "OpError")
class OpError(DiptychError):
    """An error of the runtime. `op` is the operation that failed, where one is known."""

    code = 2

    def __init__(
        self,
        node_def: Any,
        op: Operation | None,
        message: str,
        error_code: int | None = None,
        *,
        hint: str | None = None,
    ) -> None:
        self.op = op
        self.node_def = node_def
        self.error_code = self.code if error_code is None else error_code
        location: Location | None = None if op is None else op.location
        super().__init__(message, location=location, hint=hint)

    def text(self) -> str:
        """The message, the node and the user's line that made it."""
        lines = [self.message]
        if self.op is not None:
            lines.append(f"\t [[{{{{node {self.op.name}}}}}]]")
        if self.location is not None:
            lines.append(f"  at {self.location.described()}")
        if self.hint is not None:
            lines.append(f"  try: {self.hint}")
        return "\n".join(lines)


def _declare(name: str, code: int, doc: str) -> type[OpError]:
    def __init__(self: OpError, node_def: Any, op: Operation | None, message: str, *, hint: str | None = None) -> None:
        OpError.__init__(self, node_def, op, message, hint=hint)

    cls = type(name, (OpError,), {"code": code, "__init__": __init__, "__doc__": doc, "__module__": __name__})
    words = "".join(f"_{letter}" if letter.isupper() else letter.upper() for letter in name.removesuffix("Error"))
    export(f"errors.{words.lstrip('_')}")(code)
    return export(f"errors.{name}")(cls)


# Codes are those of TensorFlow's protocol buffer Code (tensorflow/core/protobuf/error_codes.proto).
CancelledError = _declare("CancelledError", 1, "An operation or step was cancelled.")
UnknownError = _declare("UnknownError", 2, "An error without a class of its own.")
InvalidArgumentError = _declare("InvalidArgumentError", 3, "An operation got an argument that it refuses.")
DeadlineExceededError = _declare("DeadlineExceededError", 4, "A deadline passed before the operation was done.")
NotFoundError = _declare("NotFoundError", 5, "A file or another thing asked for does not exist.")
AlreadyExistsError = _declare("AlreadyExistsError", 6, "A thing to be made exists already.")
PermissionDeniedError = _declare("PermissionDeniedError", 7, "The caller may not do this.")
ResourceExhaustedError = _declare("ResourceExhaustedError", 8, "Memory or another resource ran out.")
FailedPreconditionError = _declare("FailedPreconditionError", 9, "A thing needed is not there yet, such as a value.")
AbortedError = _declare("AbortedError", 10, "The operation was given up, because of another one.")
OutOfRangeError = _declare("OutOfRangeError", 11, "Past the end of a range, such as a data set's.")
UnimplementedError = _declare("UnimplementedError", 12, "The operation is not implemented.")
InternalError = _declare("InternalError", 13, "A thing believed impossible happened.")
UnavailableError = _declare("UnavailableError", 14, "The runtime is not there.")
DataLossError = _declare("DataLossError", 15, "Data is lost or damaged beyond repair.")
UnauthenticatedError = _declare("UnauthenticatedError", 16, "The caller has no valid credentials.")


class OverBudget(ResourceExhaustedError, MemoryBudgetExceeded):
    """A run that would take more memory than it may."""

    def __init__(self, op: Operation | None, error: MemoryBudgetExceeded) -> None:
        OpError.__init__(self, op and op.node_def, op, error.message, hint=error.hint)
        self.location = error.location
        self.budget, self.peak = error.budget, error.peak
        self.args = (self.text(),)


OverBudget.__name__ = OverBudget.__qualname__ = "ResourceExhaustedError"


class OperatorNotAllowedInGraphError(TypeError):
    """A tensor of a graph was used as if it had a value."""

"""What can go wrong: a refused control call, an emulator that does not start, one that cannot be
reached. All of them are an EcsLocalError."""


class EcsLocalError(Exception):
    """Any error of this package."""


class ControlError(EcsLocalError):
    """The emulator refused a control call; nothing has changed.

    `status` is the HTTP status, `code` begins with `EcsLocal.`, `message` says what is wrong and
    what to do. `code` is empty where the answer was not one of the emulator's own.
    """

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(status, code, message)
        self.status = status
        self.code = code
        self.message = message

    def __str__(self) -> str:
        return " ".join(part for part in (str(self.status), self.code, self.message) if part)


class StartError(EcsLocalError):
    """No emulator was started. `stderr` is what it wrote before it ended, if anything."""

    def __init__(self, message: str, stderr: str = "") -> None:
        super().__init__(message, stderr)
        self.message = message
        self.stderr = stderr

    def __str__(self) -> str:
        return f"{self.message}\n{self.stderr}".rstrip()


class UnreachableError(EcsLocalError, ConnectionError):
    """Nothing answers at the endpoint, or it broke off."""

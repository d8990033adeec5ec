"""Everything this package raises on purpose.

VoiceLocalError                 what failed, and what to do about it
├── ConfigError                 invalid settings or profile
├── InputError                  what the user gave cannot be used
│   ├── AudioInputError         a missing, empty, broken or too long recording
│   ├── TextInputError          an empty or too long text, an unknown voice
│   │   └── ToolInputError      tools that the model cannot be made to call
│   └── AudioDeviceError        a microphone or loudspeaker that cannot be opened
├── OutputError                 a file or folder that cannot be written
├── BenchmarkError              a measurement that cannot be made, a report that cannot be read
├── ModelError                  a model that cannot be loaded
│   ├── ModelMissingError       its file or folder is not there
│   ├── ModelDigestError        its file is not the one its manifest names
│   ├── ModelFormatError        its file is not what its stage reads
│   ├── LockError               the list of models is broken, or an entry is not filled in
│   ├── LicenseError            a licence that has to be accepted was not
│   ├── DownloadError           a file that cannot be fetched, or is not what the lock says
│   │   └── SourceError         a source that does not answer or lacks the file; another may work
│   └── BundleError             a bundle whose contents do not match its description
├── ServerError                 a request that the server refuses
│   ├── CapacityError           it has no room for another session
│   ├── AccessError             the client may not do that
│   └── ProtocolError           a message that its protocol does not allow
└── EngineError                 the engine could not answer
    ├── WorkerStartError        the worker process did not start
    ├── WorkerDiedError         the worker process ended during a call
    ├── EngineBusyError         the queue is full: refused at once
    └── StageError              a model's own library failed
"""

from __future__ import annotations


class VoiceLocalError(Exception):
    """Base of all.

    Attributes:
        cause: one line, what is wrong.
        remedy: one line, what to do about it; may be empty.
    """

    def __init__(self, cause: str, remedy: str = "") -> None:
        super().__init__(cause)
        self.cause = cause
        self.remedy = remedy


class ConfigError(VoiceLocalError):
    """An invalid setting or profile."""


class InputError(VoiceLocalError):
    """What the user gave cannot be used."""


class AudioInputError(InputError):
    """A missing, empty, broken or too long recording."""


class TextInputError(InputError):
    """An empty or too long text, or an unknown voice."""


class ToolInputError(TextInputError):
    """Tools that the model cannot be made to call. Shorter messages would not help."""


class AudioDeviceError(InputError):
    """A microphone or loudspeaker that cannot be opened."""


class OutputError(VoiceLocalError):
    """A file or folder that cannot be written."""


class BenchmarkError(VoiceLocalError):
    """Something that cannot be measured here, or a report that cannot be read."""


class ModelError(VoiceLocalError):
    """A model that cannot be loaded."""


class ModelMissingError(ModelError):
    """A model's file or folder is not there."""


class ModelDigestError(ModelError):
    """A model's file is not the one its manifest names."""


class ModelFormatError(ModelError):
    """A model's file is not what its stage reads."""


class LockError(ModelError):
    """The list of models is broken, or an entry of it is not filled in."""


class LicenseError(ModelError):
    """A licence that has to be accepted by name was not."""


class DownloadError(ModelError):
    """A file that cannot be fetched, or that is not what the lock says."""


class SourceError(DownloadError):
    """A source of models that does not answer or lacks the file; another may work."""


class BundleError(ModelError):
    """A bundle whose contents do not match its description."""


class ServerError(VoiceLocalError):
    """A request that the server refuses."""


class CapacityError(ServerError):
    """The server has no room for another session."""


class AccessError(ServerError):
    """The client may not do that."""


class ProtocolError(ServerError):
    """A message that its protocol does not allow."""


class EngineError(VoiceLocalError):
    """The engine could not answer."""


class WorkerStartError(EngineError):
    """The worker process did not start."""


class WorkerDiedError(EngineError):
    """The worker process ended, or hung and was killed, during a call."""


class EngineBusyError(EngineError):
    """The queue is full."""


class StageError(EngineError):
    """A model's own library failed."""


def by_name(name: str, cause: str, remedy: str) -> VoiceLocalError:
    """The error class called `name` (as sent by another process), else a `StageError`."""
    found = globals().get(name)
    if isinstance(found, type) and issubclass(found, VoiceLocalError):
        return found(cause, remedy)
    return StageError(cause, remedy)

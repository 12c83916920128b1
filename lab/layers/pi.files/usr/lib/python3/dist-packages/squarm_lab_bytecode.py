"""Keeps what Python compiles out of zip files, which it else does anew each time.

Ansible sends every task as a zip of a hundred modules; compiling them is more than half of the
processor time that a task takes. What is run stays the same.
"""

import _imp
import marshal
import os
import zipimport
from contextlib import suppress
from types import CodeType

_KEPT = "/var/cache/squarm-lab"
_compile = zipimport._compile_source  # type: ignore[attr-defined]  # noqa: SLF001


def _compiled(path: str, source: bytes) -> CodeType:
    kept = f"{_KEPT}/{_imp.source_hash(0, source).hex()}"
    with suppress(OSError, ValueError, EOFError, TypeError), open(kept, "rb") as file:  # noqa: PTH123
        code: CodeType = marshal.load(file)  # noqa: S302 - written below
        _imp._fix_co_filename(code, path)  # noqa: SLF001
        return code
    code = _compile(path, source)
    with suppress(OSError):
        partial = f"{kept}.{os.getpid()}"
        with open(partial, "wb") as file:  # noqa: PTH123 - pathlib would double what Python's start takes
            marshal.dump(code, file)
        os.replace(partial, kept)  # noqa: PTH105
    return code


zipimport._compile_source = _compiled  # type: ignore[attr-defined]  # noqa: SLF001

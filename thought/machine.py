"""The machine -> findings: what of it keeps the package from working, or from working fast.

Each look is guarded: what cannot be found out is a finding too. torch is imported when it is looked at.
"""

from __future__ import annotations

import math
import operator
import os
import platform
import re
import shutil
import sys
import tomllib
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib import metadata
from pathlib import Path, PurePosixPath

from thought import __version__, registry
from thought.doctor import Finding
from thought.errors import CorpusError, ThoughtError
from thought.runs import RUNS

LITTLE_MEMORY = 2e9  # bytes: torch takes half a gigabyte before it does anything
LITTLE_DISK = 1e9  # bytes: a run of the preset small takes a quarter of it
PACKAGE = Path(__file__).parent
CONTROL_GROUPS = Path("/sys/fs/cgroup")
THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS")
SIGNS = {">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt, "==": operator.eq, "!=": operator.ne}


def look_at_machine() -> list[Finding]:
    """Look at Python, the package and what it needs, processor, memory, disks and corpora."""
    looks: dict[str, Callable[[], list[Finding]]] = {
        "python": _python,
        "thought": _package,
        "torch": _torch,
        "cores": _cores,
        "bf16 of the CPU": _bf16,
        "memory": _memory,
        "disks": _disks,
        "corpora": _corpora,
        "packages": _packages,
    }
    return [one for about, look in looks.items() for one in guarded(about, look)]


def guarded(about: str, look: Callable[[], list[Finding]], remedy: str = "") -> list[Finding]:
    """Return what a look finds; an error becomes a problem if the package names it, else a note.

    `remedy` is for an error that names none after its semicolon.
    """
    try:
        return look()
    except ThoughtError as error:
        found, _, own = str(error).strip().partition("; ")
        return [Finding(about, "problem", found, own or remedy)]
    except Exception as error:  # whatever a broken installation raises
        return [Finding(about, "note", f"cannot be found out: {type(error).__name__}: {error}", remedy)]


def fits(version: str, asked: str) -> bool:
    """Whether a version is one of those asked for, such as ">=1.26,<3"; only its numbers count.

    >>> fits("2.13.0+cpu", ">=2.4"), fits("1.0", "==1"), fits("0.9rc1", ">=0.15,<2")
    (True, True, False)
    """
    conditions = [re.fullmatch(r"\s*([<>=!]+)\s*([\w.]+)\s*", part) for part in asked.split(",") if part.strip()]
    return all(one is None or SIGNS[one[1]](_numbers(version), _numbers(one[2])) for one in conditions)


def usable_cores() -> int:
    """Cores this process may use, by its affinity and the limits of its control groups; at least 1."""
    counts: list[float] = [os.cpu_count() or 1]
    with suppress(AttributeError):  # not on every system
        counts.append(len(os.sched_getaffinity(0)))
    with suppress(OSError, ValueError):
        pairs = [text.split() for text in group_limits("cpu", "cpu.max")]
        older = zip(group_limits("cpu", "cpu.cfs_quota_us"), group_limits("cpu", "cpu.cfs_period_us"), strict=False)
        pairs += [list(pair) for pair in older]
        counts += [int(quota) / int(period) for quota, period in pairs if quota not in ("max", "-1")]
    return max(1, math.floor(min(counts)))


def usable_memory() -> int:
    """Bytes this process may use: of the machine, or of its control groups if that is less."""
    sizes = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for name in ("memory.max", "memory.limit_in_bytes"):
        with suppress(OSError):
            sizes += [int(text) for text in group_limits("memory", name) if text.isdigit()]
    return min(sizes)


def group_limits(controller: str, name: str) -> Iterator[str]:
    """Yield what a file of this process's control groups says, from the inmost group to the root."""
    for line in Path("/proc/self/cgroup").read_text("utf-8").splitlines():
        _, controllers, inmost = line.split(":", 2)
        if controllers and controller not in controllers.split(","):
            continue
        folder = PurePosixPath(inmost.strip("/"))
        for group in (folder, *folder.parents):
            with suppress(OSError):
                path = CONTROL_GROUPS / (controller if controllers else "") / group / name
                yield path.read_text("utf-8").strip()


def _numbers(version: str) -> list[int]:
    """Numbers a version begins with, without zeros behind: "1.20.0rc1" is [1, 20]."""
    numbers = [int(part) for part in re.split(r"[^\d.]", version)[0].split(".") if part]
    while numbers and not numbers[-1]:
        numbers.pop()
    return numbers


def _asked() -> tuple[str, list[str], str]:
    """Python asked for, requirements, and what is odd about the installation, if anything."""
    python, installed, odd = "", [], "not installed as a package"
    with suppress(metadata.PackageNotFoundError):
        python, installed = str(metadata.metadata("thought")["Requires-Python"]), metadata.requires("thought") or []
        odd = ""
    with suppress(OSError, ValueError, KeyError):  # only a checkout has the file
        project = tomllib.loads((PACKAGE.parent / "pyproject.toml").read_text("utf-8"))["project"]
        extras = project["optional-dependencies"].items()
        here = project["dependencies"] + [f"{one}; extra == '{extra}'" for extra, some in extras for one in some]
        plain = [{re.sub(r"[\s'\"]", "", one).lower() for one in some} for some in (installed, here)]
        if project["name"] == "thought" and plain[0] != plain[1]:
            return project["requires-python"], here, odd or "installed when pyproject.toml asked for other packages"
    return python, installed, odd


def _python() -> list[Finding]:
    version, asked = platform.python_version(), _asked()[0]
    text = f"{version}{_brackets(asked)}, {platform.system()} {platform.machine()}"
    if fits(version, asked):
        return [Finding("python", "ok", text)]
    return [Finding("python", "problem", text, f"install Python {asked}")]


def _package() -> list[Finding]:
    odd = _asked()[2]
    text = f"{__version__} in {PACKAGE}{odd and f', {odd}'}"
    if not odd:
        return [Finding("thought", "ok", text)]
    return [Finding("thought", "note", text, f"{sys.executable} -m pip install -e {PACKAGE.parent}")]


def _packages() -> list[Finding]:
    """Look up all packages asked for but torch and those for development."""
    findings = []
    for requirement in _asked()[1]:
        parts = re.match(r"([\w.-]+)\s*([^;\s]*)(?:.*extra == ['\"](.+)['\"])?", requirement)
        if parts is None or parts[1] == "torch" or parts[3] == "dev":
            continue
        name, asked, extra = parts.groups()
        pip = f"pip install '{name}{asked}'"
        try:
            version = metadata.version(name)
        except metadata.PackageNotFoundError:
            why = f"optional: extra {extra}" if extra else f"asked for {asked}"
            findings.append(Finding(name, "note" if extra else "problem", f"is not here ({why})", pip))
            continue
        is_good = fits(version, asked)
        findings.append(
            Finding(name, "ok" if is_good else "problem", f"{version}{_brackets(asked)}", "" if is_good else pip)
        )
    return findings


def _torch() -> list[Finding]:
    try:
        import torch
    except Exception as error:  # a build of another machine raises OSError
        return [Finding("torch", "problem", f"cannot be imported: {error}", "pip install --force-reinstall torch")]
    asked = next((parts[1] for one in _asked()[1] if (parts := re.match(r"torch\b\s*([^;\s]*)", one))), "")
    build = torch.version.cuda or torch.version.hip
    text = f"{torch.__version__}{_brackets(asked)}, built for {f'GPUs, {build}' if build else 'the CPU'}"
    findings = [Finding("torch", "ok", text)]
    if not fits(torch.__version__, asked):
        findings = [Finding("torch", "problem", text, f"pip install 'torch{asked}'")]
    if not torch.cuda.is_available():
        if not has_gpu():
            return [*findings, Finding("GPU", "ok", "none: everything runs on the CPU")]
        remedy = "look at nvidia-smi: an older driver?" if build else "install a build of torch for CUDA: pytorch.org"
        return [*findings, Finding("GPU", "problem", "is here, but torch cannot use it", remedy)]
    for number in range(torch.cuda.device_count()):
        facts = torch.cuda.get_device_properties(number)
        is_native = torch.cuda.is_bf16_supported(including_emulation=False)
        text = f"{facts.name}, {_size(facts.total_memory)}, {'native' if is_native else 'no native'} bf16"
        remedy = "" if is_native else "training runs float32 there"
        findings.append(Finding(f"GPU {number}", "ok" if is_native else "note", text, remedy))
    return findings


def has_gpu() -> bool:
    """Whether the machine has a GPU of NVIDIA, whatever torch sees."""
    return Path("/dev/nvidia0").exists() or shutil.which("nvidia-smi") is not None


def _cores() -> list[Finding]:
    import torch

    cores, threads = usable_cores(), torch.get_num_threads()
    said = {name: os.environ[name] for name in THREADS if name in os.environ}
    why = "".join(f", {name}={value}" for name, value in said.items())
    text = f"{cores} of {os.cpu_count()} usable; torch uses {threads} thread{'s' * (threads > 1)}{why}"
    if threads > cores or any(value.isdigit() and int(value) > cores for value in said.values()):
        return [Finding("cores", "note", f"{text}: they wait for each other", f"export OMP_NUM_THREADS={cores}")]
    if threads < cores and said:
        return [Finding("cores", "note", f"{text}: the rest idles", f"unset {' '.join(said)}")]
    return [Finding("cores", "ok", text)]  # without a word torch takes one thread a physical core


def _bf16() -> list[Finding]:
    from thought.hardware import resolve_device, resolve_precision

    if str(resolve_precision("auto", resolve_device("cpu"))) == "torch.bfloat16":
        return [Finding("bf16 of the CPU", "ok", "native")]
    text = "neither AVX-512 bf16 nor AMX: training runs float32, up to 4 times slower"
    return [Finding("bf16 of the CPU", "note", text, "train on a GPU, or on a newer CPU")]


def _memory() -> list[Finding]:
    size = usable_memory()
    if size >= LITTLE_MEMORY:
        return [Finding("memory", "ok", _size(size))]
    return [Finding("memory", "note", f"{_size(size)} is little for training", "lower training.batch_tokens")]


def _disks() -> list[Finding]:
    findings = []
    for about, folder in (("runs folder", RUNS), ("data folder", registry.data_folder())):
        there = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
        free = shutil.disk_usage(there).free
        text = f"{folder}{'' if folder.exists() else ' (made when needed)'}, {_size(free)} free"
        one = Finding(about, "ok", text)
        if not os.access(there, os.W_OK):
            one = Finding(about, "note", f"{text}, cannot be written: nothing to download into", "set THOUGHT_DATA")
            if folder == RUNS:
                one = Finding(about, "problem", f"{text}, cannot be written", "thought train --out FOLDER")
        elif free < LITTLE_DISK:
            one = Finding(about, "note", text, f"make room: {_size(LITTLE_DISK)} hold a few runs")
        findings.append(one)
    return findings


def _corpora() -> list[Finding]:
    fetched = [entry for entry in registry.entries() if not entry.own]  # our own are always here
    here = []
    for entry in fetched:
        with suppress(CorpusError):
            here += [entry.name] if registry.locate(entry.name) is not None else []
    if here:
        return [Finding("corpora", "ok", f"{', '.join(here)}, of {len(fetched)} to fetch")]
    return [Finding("corpora", "note", "none of those to fetch is here", "thought data get multi30k")]


def _size(count: float) -> str:
    return f"{count / 1e9:,.1f} GB"


def _brackets(asked: str) -> str:
    return f" (asked for {asked})" if asked else ""

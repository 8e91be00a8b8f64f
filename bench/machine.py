"""What a measurement was made on."""

import datetime
import pathlib
import platform
import subprocess


def _cpu_info(field):
    for line in pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        name, _, value = line.partition(":")
        if name.strip() == field:
            return value.strip()
    return ""


def _memory_gib():
    for line in pathlib.Path("/proc/meminfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("MemTotal:"):
            return round(int(line.split()[1]) / 1024 / 1024, 1)
    return None


# The features that decide which kernels run.
_FEATURES = (
    "avx2", "fma", "f16c", "avx_vnni", "avx512f", "avx512bw", "avx512_vnni", "avx512_bf16",
    "amx_tile", "amx_int8", "amx_bf16",
)


def _revision(repository):
    command = ["git", "-C", str(repository), "describe", "--always", "--dirty"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def describe(repository):
    flags = set(_cpu_info("flags").split())
    return {
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "revision": _revision(repository),
        "cpu": _cpu_info("model name"),
        "cores": len([c for c in pathlib.Path("/sys/devices/system/cpu").glob("cpu[0-9]*")]),
        "features": [feature for feature in _FEATURES if feature in flags],
        "memory_gib": _memory_gib(),
        "kernel": platform.release(),
        "python": platform.python_version(),
    }

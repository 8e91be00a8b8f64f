"""Reads and writes safetensors files with numpy alone.

Format: 8 bytes little-endian header length, a JSON header, then the tensors' bytes without gaps.
The header is padded with spaces so that the data starts on a 64-byte boundary, and tensors are
ordered so that each lies at a multiple of its element size and the large ones at multiples of 64:
a memory-mapped file can then be read by vector instructions as it is.
"""

import json
import os
import struct

import numpy as np

ALIGNMENT = 64

_DTYPE_NAMES = {
    np.dtype(np.float64): "F64",
    np.dtype(np.float32): "F32",
    np.dtype(np.float16): "F16",
    np.dtype(np.int64): "I64",
    np.dtype(np.int32): "I32",
    np.dtype(np.int8): "I8",
    np.dtype(np.uint8): "U8",
}
_DTYPES = {name: dtype for dtype, name in _DTYPE_NAMES.items()}


def _order(item):
    name, tensor = item
    # First everything that keeps the offset a multiple of 64, widest elements first; then the
    # rest, widest first, so that a narrower tensor never misaligns a wider one.
    return (tensor.nbytes % ALIGNMENT != 0, -tensor.itemsize, name)


def write_safetensors(path, tensors, metadata=None):
    """Writes {name: array} to `path`; the file appears under its name only when complete."""
    ordered = sorted(tensors.items(), key=_order)
    header = {}
    if metadata:
        header["__metadata__"] = {key: str(value) for key, value in metadata.items()}
    offset = 0
    for name, tensor in ordered:
        if not tensor.flags.c_contiguous:
            raise ValueError(f"{name}: not contiguous")
        if offset % tensor.itemsize != 0:
            raise ValueError(f"{name}: would lie at {offset}, not a multiple of {tensor.itemsize}")
        header[name] = {
            "dtype": _DTYPE_NAMES[tensor.dtype],
            "shape": list(tensor.shape),
            "data_offsets": [offset, offset + tensor.nbytes],
        }
        offset += tensor.nbytes
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    text += b" " * (-(8 + len(text)) % ALIGNMENT)

    partial = f"{path}.partial"
    with open(partial, "wb") as file:
        file.write(struct.pack("<Q", len(text)))
        file.write(text)
        for _, tensor in ordered:
            file.write(tensor.astype(tensor.dtype.newbyteorder("<"), copy=False).tobytes())
        file.flush()
        os.fsync(file.fileno())
    os.replace(partial, path)


def read_safetensors(path):
    """Returns ({name: array}, metadata)."""
    with open(path, "rb") as file:
        data = file.read()
    (header_bytes,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + header_bytes])
    metadata = header.pop("__metadata__", {})
    base = 8 + header_bytes
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        array = np.frombuffer(data[base + begin : base + end], _DTYPES[entry["dtype"]])
        tensors[name] = array.reshape(entry["shape"])
    return tensors, metadata

#!/usr/bin/env python3
"""Makes the goldens of the safetensors tests with the format's own library, and reads Myna's with it.

    pip install safetensors==0.8.0 numpy
    python3 make_testdata.py            # writes library.safetensors, checks myna.safetensors

library.safetensors is what the library writes for one tensor of each dtype, a scalar, an empty
tensor and metadata. myna.safetensors is what write_safetensors() writes for the same tensors
(MYNA_WRITE_GOLDENS=1 with the test SafetensorsWriterTest.WritesTheGolden); here the library reads
it back and every value is compared.
"""

import pathlib
import sys

import numpy
import safetensors

HERE = pathlib.Path(__file__).parent
DTYPES = {"F32": "float32", "F16": "float16", "BF16": "bfloat16", "I8": "int8", "U8": "uint8",
          "I32": "int32", "I64": "int64", "F64": "float64"}


def tensors():
    """name: (dtype name, shape, little-endian bytes)"""
    weight = numpy.arange(6, dtype="<f4").reshape(2, 3) * 0.5 - 1
    # 1.0, -2.0 and 0.5: bfloat16 is the upper half of float32.
    bfloat = (numpy.array([1.0, -2.0, 0.5], "<f4").view("<u4") >> 16).astype("<u2")
    return {
        "decoder.weight": ("F32", (2, 3), weight.tobytes()),
        "half": ("F16", (2,), numpy.array([1.0, -0.5], "<f2").tobytes()),
        "bfloat": ("BF16", (3,), bfloat.tobytes()),
        "quantised": ("I8", (5,), numpy.array([-128, -1, 0, 1, 127], "i1").tobytes()),
        "bytes": ("U8", (3,), bytes([0, 128, 255])),
        "indices": ("I32", (2,), numpy.array([-7, 70000], "<i4").tobytes()),
        "long": ("I64", (1,), numpy.array([-(2**40)], "<i8").tobytes()),
        "double": ("F64", (2,), numpy.array([1e300, -0.25], "<f8").tobytes()),
        "scalar": ("F32", (), numpy.array(2.5, "<f4").tobytes()),
        "empty": ("F32", (0, 4), b""),
    }


# One entry: the library writes several in no fixed order.
METADATA = {"größe": "schön"}


def write_library_file(path):
    # TensorSpec takes addresses: the arrays must live until serialize() is done.
    arrays = {name: numpy.frombuffer(data, "u1") for name, (_, _, data) in tensors().items()}
    described = {name: safetensors.TensorSpec(dtype=DTYPES[dtype], shape=list(shape),
                                              data_ptr=arrays[name].ctypes.data,
                                              data_len=len(data))
                 for name, (dtype, shape, data) in tensors().items()}
    path.write_bytes(safetensors.serialize(described, metadata=METADATA))


def check_myna_file(path):
    found = dict(safetensors.deserialize(path.read_bytes()))
    for name, (dtype, shape, data) in tensors().items():
        tensor = found.pop(name)
        assert tensor["dtype"] == dtype, (name, tensor["dtype"])
        assert list(tensor["shape"]) == list(shape), (name, tensor["shape"])
        assert bytes(tensor["data"]) == data, name
    assert not found, found
    with safetensors.safe_open(path, framework="np") as file:
        assert file.metadata() == METADATA, file.metadata()


if __name__ == "__main__":
    write_library_file(HERE / "library.safetensors")
    if not (HERE / "myna.safetensors").exists():
        sys.exit("myna.safetensors is not there yet")
    check_myna_file(HERE / "myna.safetensors")
    print("myna.safetensors reads as it should")

"""DNSMOS P.835 overall score (Microsoft, MIT), as the package speechmos computes it, but for repetitions."""

import numpy as np
import onnxruntime

SAMPLE_RATE_HZ = 16000
WINDOW_S = 9.01


class Dnsmos:
    def __init__(self, directory, threads):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self._session = onnxruntime.InferenceSession(
            str(directory / "sig_bak_ovr.onnx"), options, providers=["CPUExecutionProvider"]
        )

    def overall(self, samples):
        """Mean over windows of 9.01 s a second apart. A short signal is repeated to fill one, and windows
        that begin in a repetition are left out, unlike speechmos's: they hold the same again."""
        window = int(WINDOW_S * SAMPLE_RATE_HZ)
        own_seconds = -(-len(samples) // SAMPLE_RATE_HZ)
        while len(samples) < window:
            samples = np.concatenate([samples, samples])
        hops = min(own_seconds, int(len(samples) // SAMPLE_RATE_HZ - WINDOW_S) + 1)
        scores = []
        for index in range(hops):
            begin = index * SAMPLE_RATE_HZ
            segment = samples[begin : begin + window]
            if len(segment) < window:
                continue
            raw = self._session.run(None, {"input_1": segment[None].astype(np.float32)})[0][0][2]
            scores.append(-0.06766283 * raw**2 + 1.11546468 * raw + 0.04602535)
        return float(np.mean(scores))

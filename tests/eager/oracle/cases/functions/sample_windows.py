"""Windows of samples."""

from __future__ import annotations

CASES = """
torch.signal.windows.hann(5)
torch.signal.windows.hann(5, sym=False, dtype=torch.float64)
torch.signal.windows.hann(0)
torch.signal.windows.hann(-1)
torch.signal.windows.hann(5, dtype=torch.int64)
torch.signal.windows.hamming(5)
torch.signal.windows.general_hamming(5, alpha=0.6)
torch.signal.windows.general_cosine(5, a=[0.5, 0.3, 0.2])
torch.signal.windows.general_cosine(5, a=[])
torch.signal.windows.blackman(5)
torch.signal.windows.nuttall(5)
torch.signal.windows.bartlett(5)
torch.signal.windows.cosine(5)
torch.signal.windows.exponential(5, tau=2.0)
torch.signal.windows.exponential(5, center=1.0)
torch.signal.windows.gaussian(5, std=0.8)
torch.signal.windows.gaussian(5, std=-1.0)
torch.signal.windows.kaiser(5, beta=3.0)
"""

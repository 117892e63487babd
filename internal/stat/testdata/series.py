"""Writes vectors of time series as pymannkendall, SciPy and statsmodels compute them, to standard output as JSON."""
import json
import math

import numpy as np
import pymannkendall
import scipy.stats


def plain(x):
    """Turns what NumPy has into what JSON has; what is missing is null."""
    if isinstance(x, dict):
        return {k: plain(v) for k, v in x.items()}
    if isinstance(x, (list, tuple, np.ndarray)):
        return [plain(v) for v in x]
    if isinstance(x, (float, np.floating)):
        return None if math.isnan(x) else float(x)
    if isinstance(x, (bool, np.bool_)):
        return bool(x)
    if isinstance(x, (int, np.integer)):
        return int(x)
    return x


rng = np.random.default_rng(14)


def season(n, period, size):
    return size * np.sin(2 * np.pi * np.arange(n) / period)


def gaps(x, share):
    x = x.astype(float)
    x[rng.random(len(x)) < share] = np.nan
    return x


SERIES = {
    "eight values": (rng.normal(size=8), 1),
    "a rise": (np.arange(30) * 0.1 + rng.normal(size=30), 1),
    "a fall with ties": (np.round(5 - np.arange(60) * 0.05 + rng.normal(size=60)), 1),
    "rates of ten": (rng.binomial(10, 0.6, size=120) / 10, 1),
    "gaps": (gaps(np.arange(90) * 0.02 + rng.normal(size=90), 0.3), 1),
    "nothing differs": (np.ones(20), 1),
    "a week": (season(91, 7, 1) + rng.normal(size=91), 7),
    "a week that rises, with ties and gaps": (gaps(np.round(season(100, 7, 3) + np.arange(100) * 0.03 + rng.normal(size=100)), 0.2), 7),
    "a year of months": (season(60, 12, 2) - np.arange(60) * 0.02 + rng.normal(size=60), 12),
}


def trend(values, period):
    test = pymannkendall.original_test(values) if period == 1 else pymannkendall.seasonal_test(values, period=period)
    out = {"s": test.s, "variance": test.var_s, "tau": test.Tau, "z": test.z, "p": test.p, "slope": test.slope / period}
    if period == 1:  # SciPy has no interval of a season's slopes
        here = np.flatnonzero(~np.isnan(values))
        theil = scipy.stats.theilslopes(values[here], here, 0.9)
        out |= {"low": theil.low_slope, "high": theil.high_slope}
    return out


vectors = {"trend": [{"name": n, "values": v, "period": p, "want": trend(v, p)} for n, (v, p) in SERIES.items()]}
print(json.dumps(plain(vectors), indent=None, separators=(",", ":")).replace('{"name"', '\n{"name"'))

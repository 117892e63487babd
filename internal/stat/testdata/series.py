"""Writes vectors of time series as pymannkendall, SciPy and statsmodels compute them, to standard output as JSON."""
import json
import math

import numpy as np
import pandas
import pymannkendall
import scipy.stats
import statsmodels.api as sm
from statsmodels.stats.multitest import multipletests
from statsmodels.tsa.exponential_smoothing.ets import ETSModel
from statsmodels.tsa.seasonal import STL


def plain(x):
    """Turns what NumPy has into what JSON has; what is missing is null."""
    if isinstance(x, dict):
        return {k: plain(v) for k, v in x.items()}
    if isinstance(x, (list, tuple, np.ndarray, pandas.Series)):
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


def groups(values, period):
    test = scipy.stats.kruskal(*[g[~np.isnan(g)] for g in (values[i::period] for i in range(period))])
    return {"h": test.statistic, "p": test.pvalue}


P_VALUES = [[0.03], [0.01, 0.04, 0.03], [0.02, 0.02, 0.9, 0.001], [1, 1, 0.5]]

STLS = {
    "windows as recommended": dict(seasonal=7),
    "no outliers": dict(seasonal=13, trend=25, low_pass=13, robust=True),
    "a season that stays": None,
}
STL_SERIES = {
    "a week": (season(70, 7, 1) + rng.normal(size=70), 7),
    "a year with outliers": (season(61, 12, 3) + rng.standard_t(2, size=61), 12),
    "days of four": (season(40, 4, 2) + np.arange(40) * 0.1 + rng.normal(size=40), 4),
}


def stl(values, period, name):
    windows = STLS[name]
    if windows is None:
        windows = dict(seasonal=10 * len(values) + 1, seasonal_deg=0)
    model = STL(values, period=period, **windows)
    inner, outer = (2, 5) if windows.get("robust") else (2, 0)
    got = model.fit(inner_iter=inner, outer_iter=outer)
    c = model.config
    given = {"season": 0 if STLS[name] is None else c["seasonal"], "trend": windows.get("trend", 0),
             "lowpass": windows.get("low_pass", 0), "inner": inner, "outer": outer}
    return {"given": given, "trend": got.trend, "season": got.seasonal, "rest": got.resid}


FORECASTS = {
    "a week": (20 + season(84, 7, 2) + np.arange(84) * 0.1 + rng.normal(size=84), 7),
    "rates": (np.clip(0.6 + season(56, 7, 0.1) + 0.1 * rng.normal(size=56), 0, 1), 7),
    "a level that wanders": (np.cumsum(rng.normal(size=60)) + rng.normal(size=60), 1),
    "a slope that dies": (10 * (1 - 0.9 ** np.arange(40)) + 0.3 * rng.normal(size=40), 1),
    "quarters": (season(48, 4, 3) + np.cumsum(rng.normal(size=48)), 4),
}


def ets(array, period):
    values = pandas.Series(array)
    kind = dict(error="add", trend="add", damped_trend=True)
    if period > 1:
        kind |= dict(seasonal="add", seasonal_periods=period)
    params = [0.3, 0.1] + ([0.2] if period > 1 else []) + [0.9]
    level, slope, cycle = array[0], 0.1, np.arange(period) - (period - 1) / 2
    known = dict(initial_level=level, initial_trend=slope) | (dict(initial_seasonal=cycle) if period > 1 else {})
    model = ETSModel(values, **kind, initialization_method="known", **known)
    state = [level, slope] + (list(cycle) if period > 1 else [])
    got = model.smooth(params + state if model.k_params > len(params) else params)
    ahead = got.get_prediction(start=len(values), end=len(values) + 15)
    # The least sum of squares that statsmodels finds, with what comes before the first value free too.
    free = ETSModel(values, **kind, initialization_method="estimated", bounds={"smoothing_level": (1e-6, 1 - 1e-6)})
    least = min(np.sum((values - free.fit(disp=False, maxiter=5000, start_params=start).fittedvalues) ** 2)
                for start in (None, free.fit(disp=False, maxiter=5000).params))
    return {"alpha": 0.3, "beta": 0.1, "gamma": 0.2 if period > 1 else 0, "phi": 0.9, "level": level, "slope": slope,
            "season": cycle if period > 1 else [], "fitted": got.fittedvalues, "errors": np.sum(got.resid**2),
            "mean": ahead.predicted_mean, "wide": np.sqrt(ahead.forecast_variance / got.mse), "least": least}


def case(name, values, period, want):
    return {"name": name, "values": values, "period": period, "want": want}


# Two by two tables: so many marked ones among so many, and among all.
TABLES = [(8, 40, 20, 400), (80, 400, 250, 4400), (3, 3, 3, 6), (0, 5, 5, 10), (1, 1, 1, 2), (20, 400, 260, 4400), (25, 90, 95, 1000), (60, 60, 90, 100)]


def fisher(k, n, marked, total):
    return scipy.stats.fisher_exact([[k, n - k], [marked - k, total - marked - n + k]], alternative="greater").pvalue


def larger(values):
    """Compares the first third with the rest."""
    at = len(values) // 3
    x, y = (v[~np.isnan(v)] for v in (values[:at], values[at:]))
    test = scipy.stats.mannwhitneyu(x, y, alternative="greater", method="asymptotic", use_continuity=True)
    return {"share": test.statistic / len(x) / len(y), "p": test.pvalue}


def rates(pairs, groups):
    """Regressions of rates, weighted by the number of tries, on the day and on groups of days."""
    k, n = np.array(pairs[::2], float), np.array(pairs[1::2], float)
    day = np.arange(len(k))
    trend = sm.WLS(k / n, sm.add_constant(day), weights=n).fit()
    apart = sm.WLS(k / n, np.eye(groups)[day % groups], weights=n).fit()
    whole = sm.WLS(k / n, np.ones((len(k), 1)), weights=n).fit()
    return {"slope": trend.params[1], "trend": trend.f_pvalue, "groups": apart.compare_f_test(whole)[1]}


own = np.random.default_rng(17)
RATES = {"bursts": (own.binomial(20, own.beta(0.3, 2, size=40)), np.full(40, 20), 4),
         "more tries each day": (own.binomial(np.arange(1, 61), own.beta(0.4, 2, size=60)), np.arange(1, 61), 7)}
RATES = {name: (np.stack([k, n], axis=1).ravel(), groups) for name, (k, n, groups) in RATES.items()}


STRATA = [[3, 10, 6, 12], [1, 4, 3, 5], [0, 3, 2, 9], [7, 20, 15, 22], [5, 5, 4, 4]]


def less(strata):
    """Whether K of N is less often than OtherK of OtherN; the result is one-sided, and what is given is less often."""
    tables = [np.array([[k, n - k], [ok, on - ok]]) for k, n, ok, on in strata]
    return sm.stats.StratifiedTable(tables).test_null_odds(correction=True).pvalue / 2


vectors = {
    "trend": [case(n, v, p, trend(v, p)) for n, (v, p) in SERIES.items()],
    "groups": [case(n, v, max(p, 3), groups(v, max(p, 3))) for n, (v, p) in SERIES.items() if n != "nothing differs"],
    "holm": [case(str(p), p, 0, multipletests(p, method="holm")[1]) for p in P_VALUES],
    "benjamini-hochberg": [case(str(p), p, 0, multipletests(p, method="fdr_bh")[1]) for p in P_VALUES],
    "fisher": [case(str(t), t, 0, fisher(*t)) for t in TABLES],
    "larger": [case(n, v, 1, larger(v)) for n, (v, p) in SERIES.items() if len(v) >= 60],
    "rates": [case(name, pairs, groups, rates(pairs, groups)) for name, (pairs, groups) in RATES.items()],
    "strata": [case("strata", np.ravel(STRATA), 4, less(STRATA))],
    "stl": [case(f"{n}, {w}", v, p, stl(v, p, w)) for n, (v, p) in STL_SERIES.items() for w in STLS],
    "forecast": [case(n, v, p, ets(v, p)) for n, (v, p) in FORECASTS.items()],
}
print(json.dumps(plain(vectors), indent=None, separators=(",", ":")).replace('{"name"', '\n{"name"'))

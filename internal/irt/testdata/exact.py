"""Exact posteriors of one family with one level, by quadrature.

The model is that of the package's documentation. Ability is a grid; each triple
of drift q, luck t and gain g is a hidden Markov model of the ability before what
was gained, which is filtered exactly; they are mixed by their evidence. Writes JSON to standard output.
"""
import functools, itertools, json, sys
import numpy as np, scipy
from scipy.stats import binom, norm
from scipy.special import expit

DRIFT, DRIFT_P = [0, 0.004, 0.025, 0.16, 1], [0.3, 0.38, 0.25, 0.05, 0.02]
LUCK, LUCK_P = [0, 0.04, 0.2, 1], [0.7, 0.1, 0.1, 0.1]
GAIN, GAIN_P = [0, 0.6, -0.6, 1.5, -1.5], [0.95, 0.02, 0.02, 0.005, 0.005]
X = np.linspace(-12, 12, 481)
H = X[1] - X[0]


def chance(x, guess):
    return guess + (1 - guess) * expit(x)


@functools.cache
def emission(n, k, guess, t, gained):
    if t == 0:
        return binom.pmf(k, n, chance(X + gained, guess))
    z, w = np.polynomial.hermite_e.hermegauss(41)
    w = w / w.sum()
    return sum(wi * binom.pmf(k, n, chance(X + gained + np.sqrt(t) * zi, guess)) for zi, wi in zip(z, w))


@functools.cache
def kernel(variance):
    k = norm.pdf(X[:, None] - X[None, :], 0, np.sqrt(variance))
    return k / k.sum(axis=0)


def exact(guess, days):
    total, posterior = 0.0, [np.zeros_like(X) for _ in GAIN]
    for (q, pq), (t, pt), (i, g) in itertools.product(zip(DRIFT, DRIFT_P), zip(LUCK, LUCK_P), enumerate(GAIN)):
        p, last, log = norm.pdf(X, 0, np.sqrt(1.5**2 + 1.5**2)) * H, None, 0.0
        for practised, (day, n, k) in enumerate(days):
            if last is not None and q > 0:
                p = kernel(q * (day - last)) @ p
            last = day
            p = p * emission(n, k, guess, t, g * np.log1p(practised))
            s = p.sum()
            log += np.log(s)
            p = p / s
        weight = pq * pt * GAIN_P[i] * np.exp(log)
        total += weight
        posterior[i] += weight * p
    now = np.concatenate([X + g * np.log1p(len(days)) for g in GAIN])
    order = np.argsort(now, kind="stable")
    now, posterior = now[order], np.concatenate(posterior)[order] / total
    c = chance(now, guess)
    cdf = np.cumsum(posterior) - posterior / 2
    at = lambda u: float(chance(np.interp(u, cdf, now), guess))
    return {
        "mean": float(posterior @ c), "low": at(0.025), "high": at(0.975),
        "above": float(posterior[c > 0.8].sum()),
    }


rng = np.random.default_rng(7)
cases = []
for guess, days in [
    (0, [(0, 1, 1)]), (0, [(0, 12, 0)]), (0, [(0, 12, 12)]), (0, [(0, 12, 7)]), (0.25, [(0, 20, 8)]), (0.25, [(0, 40, 38)]),
    (0, [(0, 300, 150)]), (0, [(d, 12, 6) for d in range(10)]), (0, [(d, 12, 11) for d in range(5)]), (0.1, [(d, 12, 10) for d in range(20)]),
    (0, [(d, 20, min(20, 2 + d)) for d in range(18)]), (0, [(d, 20, 16 if d % 2 else 5) for d in range(12)]),
    (0, [(0, 40, 4), (60, 40, 30)]),
]:
    cases.append((guess, days))
for _ in range(12):
    x, guess, days, day = rng.normal(0, 1.5), float(rng.choice([0, 0, 0.2])), [], 0
    for _ in range(rng.integers(2, 20)):
        n = int(rng.integers(4, 21))
        days.append((day, n, int(rng.binomial(n, chance(x, guess)))))
        gap = int(rng.integers(1, 4))
        day += gap
        x += rng.normal(0, np.sqrt(0.01 * gap))
    cases.append((guess, days))
out = [{"guess": g, "days": [list(map(int, d)) for d in days], **exact(g, days)} for g, days in cases]
rounded = json.loads(json.dumps(out), parse_float=lambda s: round(float(s), 6))
json.dump({"version": f"scipy {scipy.__version__}, numpy {np.__version__}", "cases": rounded}, sys.stdout, indent=1)
print()

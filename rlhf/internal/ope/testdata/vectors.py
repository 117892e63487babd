"""Makes vectors.json with obp 0.5.7, numpy and Python 3.9:

    python3.9 -m venv v && . v/bin/activate
    pip install --no-deps obp==0.5.7
    pip install "numpy<1.24" "scipy<1.10" "scikit-learn<1.2" "pandas<2" tqdm PyYAML
    python vectors.py > vectors.json

obp's off-policy estimators use numpy. It imports torch for others, which is 800 MB, so
that a module without anything stands in for it.
"""
import importlib.abc
import importlib.machinery
import json
import sys
import types


class Nothing(types.ModuleType):
    """A module in which each name with a capital is a class, and others are modules."""

    __path__ = []

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        v = type(name, (), {}) if name[0].isupper() else Nothing(name)
        setattr(self, name, v)
        return v

    def __call__(self, *args, **kwargs):  # a decorator, or a device
        return args[0] if args and callable(args[0]) else self


class NoTorch(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path, target=None):
        if name.split(".")[0] in ("torch", "matplotlib", "seaborn"):
            return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec):
        return Nothing(spec.name)

    def exec_module(self, module):
        pass


sys.meta_path.insert(0, NoTorch())
import numpy as np  # noqa: E402
import obp  # noqa: E402
from obp.ope import DirectMethod, DoublyRobust, SelfNormalizedInverseProbabilityWeighting  # noqa: E402

assert obp.__version__ == "0.5.7", obp.__version__
cases = []
for seed, n, k, sharp in [(1, 10, 2, 0.5), (2, 40, 5, 1.0), (3, 60, 12, 0.7), (4, 40, 24, 1.5)]:
    rng = np.random.default_rng(seed)
    logits, target = rng.normal(size=(n, k)), rng.normal(size=(n, k)) * sharp
    pi_b = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    pi_e = np.exp(target) / np.exp(target).sum(1, keepdims=True)
    action = np.array([rng.choice(k, p=p) for p in pi_b])
    pscore = pi_b[np.arange(n), action]
    reward = np.clip(np.round(3 + rng.normal(size=n)), 1, 5)
    model = 3 + 0.5 * rng.normal(size=(n, k))
    common = dict(reward=reward, action=action, pscore=pscore, action_dist=pi_e[:, :, np.newaxis], position=np.zeros(n, dtype=int))
    q = model[:, :, np.newaxis]
    w = pi_e[np.arange(n), action] / pscore
    cases.append(dict(
        action=action.tolist(), logged=pscore.tolist(), reward=reward.tolist(), target=pi_e.tolist(), base=pi_b.tolist(), model=model.tolist(),
        snips=SelfNormalizedInverseProbabilityWeighting().estimate_policy_value(**common),
        dr=DoublyRobust().estimate_policy_value(**common, estimated_rewards_by_reg_model=q),
        dr_rounds=DoublyRobust()._estimate_round_rewards(**common, estimated_rewards_by_reg_model=q).tolist(),
        dm=DirectMethod().estimate_policy_value(action_dist=pi_e[:, :, np.newaxis], estimated_rewards_by_reg_model=q, position=np.zeros(n, dtype=int)),
        effective=float(w.sum() ** 2 / (w ** 2).sum()),
    ))
json.dump(dict(made_with=f"obp {obp.__version__}, numpy {np.__version__}, Python {sys.version.split()[0]}", cases=cases), sys.stdout)

# Makes and judges tasks of the package reasoning-gym for Pastime. A request is a line of
# JSON on standard input, the answer a line on standard output.
import importlib.metadata
import json
import os
import sys

out = os.fdopen(os.dup(1), "w", encoding="utf-8")
os.dup2(2, 1)  # what the package prints is no answer

import reasoning_gym
from reasoning_gym.factory import CURRICULA, DATASETS, create_curriculum


def widest(name):
    """The number of levels of a data set's curriculum; 1 without one."""
    if name not in CURRICULA:
        return 1
    return max((len(a.levels) for a in create_curriculum(name).attributes.values()), default=1)


def dataset(name, level, seed):
    if name not in CURRICULA:
        return reasoning_gym.create_dataset(name, seed=seed, size=1)
    c = create_curriculum(name)
    c.set_global_level(level - 1)
    config = c.generate_configuration({"seed": seed, "size": 1})
    return DATASETS[name][0](config=config)


def answer(r):
    if r["op"] == "list":
        return {"version": importlib.metadata.version("reasoning-gym"), "levels": {n: widest(n) for n in sorted(DATASETS)}}
    d = dataset(r["name"], r["level"], r["seed"])
    entry = d[0]
    if r["op"] == "make":
        if not isinstance(entry["answer"], str):
            raise ValueError("it has no answer that is a text")
        return {"question": entry["question"], "answer": entry["answer"]}
    scores = []
    for a in r["answers"]:
        try:
            scores.append(float(d.score_answer(a, entry)))
        except MemoryError:  # it may be the worker's own: a new one judges
            os._exit(1)
        except Exception:  # what a scorer cannot read is not right
            scores.append(0.0)
    return {"scores": scores}


def guard():
    """Bounds what a scorer may do with an answer that somebody else wrote: some evaluate it."""
    try:
        import resource

        for what, most in ((resource.RLIMIT_AS, 4 << 30), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0)):
            resource.setrlimit(what, (most, most))
    except (ImportError, ValueError, OSError):
        pass
    refused = ("os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.forkpty", "os.kill", "os.remove", "os.rename", "os.rmdir",
               "os.mkdir", "os.chmod", "os.chown", "os.link", "os.symlink", "os.truncate", "os.putenv", "shutil.", "subprocess.", "socket.",
               "ctypes.", "pty.", "urllib.", "ftplib.", "http.", "smtplib.", "sqlite3.", "webbrowser.", "signal.pthread_kill")

    def hook(event, args):
        if event.startswith(refused) or event == "open" and (args[1] is None or set(str(args[1])) & set("wax+")):
            raise PermissionError(event + " is not allowed")

    sys.addaudithook(hook)


def warm(names):
    """Makes and judges a task of each, so that what is imported when it is first used is there."""
    for name in names:
        try:
            d = dataset(name, 1, 1)
            d.score_answer(d[0]["answer"], d[0])
        except Exception:
            pass


guarded = False
for line in sys.stdin:
    request = json.loads(line)
    if not guarded:  # the first request is the list
        warm(request.get("names") or DATASETS)
        guard()
        guarded = True
    try:
        reply = answer(request)
    except Exception as e:
        reply = {"error": f"{type(e).__name__}: {e}"[:300]}
    out.write(json.dumps({"id": request["id"], **reply}) + "\n")
    out.flush()

"""Checks a property list on standard input: its keys, and their types, are those of launchd.plist(5)."""
import plistlib, sys

job = plistlib.loads(sys.stdin.buffer.read())
types = {"Label": str, "ProgramArguments": list, "RunAtLoad": bool, "KeepAlive": (bool, dict), "ProcessType": str}
for key, value in job.items():
    assert key in types and isinstance(value, types[key]), (key, value)
assert job["Label"] and all(isinstance(a, str) for a in job["ProgramArguments"]), job
assert job["ProcessType"] in {"Background", "Standard", "Adaptive", "Interactive"}, job
conditions = {"SuccessfulExit", "NetworkState", "PathState", "OtherJobEnabled", "Crashed"}
assert not isinstance(job["KeepAlive"], dict) or set(job["KeepAlive"]) <= conditions, job
print("ok  the property list of launchd:", ", ".join(job))

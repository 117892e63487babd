"""Puts a commit into a folder as a module proxy has it: publish.py REPOSITORY PROXY VERSION."""
import io, json, os, subprocess, sys, tarfile, zipfile

repository, proxy, version = sys.argv[1:]
module = "github.com/pastime-go/pastime"
folder = os.path.join(proxy, module, "@v")
os.makedirs(folder, exist_ok=True)
tree = tarfile.open(fileobj=io.BytesIO(subprocess.check_output(["git", "-C", repository, "archive", "HEAD"])))
nested = [os.path.dirname(m.name) + "/" for m in tree if m.name.endswith("/go.mod")]
with zipfile.ZipFile(os.path.join(folder, version + ".zip"), "w", zipfile.ZIP_DEFLATED, compresslevel=1) as out:
    for m in tree:
        if m.isfile() and not m.name.startswith(tuple(nested)):
            out.writestr(f"{module}@{version}/{m.name}", tree.extractfile(m).read())
with open(os.path.join(folder, version + ".mod"), "wb") as out:
    out.write(tree.extractfile("go.mod").read())
with open(os.path.join(folder, version + ".info"), "w") as out:
    json.dump({"Version": version, "Time": "2026-11-28T00:00:00Z"}, out)
with open(os.path.join(folder, "list"), "a") as out:
    out.write(version + "\n")

"""A container as Docker and Kubernetes start it for a user other than root: the
capabilities are in its bounding set only. podman also makes them ambient; so
this is the runtime itself, without podman."""

import json
import os
import shutil
import subprocess
import tempfile

import podman

NAMES = ["CAP_BPF", "CAP_PERFMON"]


class Bundle:
    def __init__(self, arguments, no_new_privileges=False):
        self.image = podman.run("image", "mount", podman.image).stdout.strip()
        self.directory = tempfile.mkdtemp(dir=os.path.join(podman.cache, "tmp"))
        self.name = f"bundle-{os.getpid()}-{os.path.basename(self.directory)}"
        subprocess.run(["runc", "spec"], cwd=self.directory, check=True)
        path = f"{self.directory}/config.json"
        with open(path, encoding="utf-8") as file:
            spec = json.load(file)
        spec["process"].update(
            terminal=False, user={"uid": 65534, "gid": 65534}, args=arguments,
            env=["container=oci"], noNewPrivileges=no_new_privileges, rlimits=[],
            capabilities={"bounding": NAMES})
        spec["root"] = {"path": self.image, "readonly": True}
        spec["linux"]["namespaces"] = [one for one in spec["linux"]["namespaces"]
                                       if one["type"] not in ("cgroup", "network")]
        spec["linux"]["cgroupsPath"] = f"{podman.CGROUP[1]}/{self.name}"
        with open(path, "w", encoding="utf-8") as file:
            json.dump(spec, file)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        subprocess.run(["runc", "--root", f"{podman.cache}/run/runc", "delete", "--force", self.name],
                       capture_output=True, check=False)
        shutil.rmtree(self.directory)
        podman.run("image", "unmount", podman.image)

    def run(self):
        return subprocess.run(
            ["runc", "--root", f"{podman.cache}/run/runc", "run", self.name], cwd=self.directory,
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False)

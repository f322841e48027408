"""Rows as JSON, of requests that really are."""

import os
import pathlib
import sys

import tracer
from loop import LoopDisk, fio

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))
import rows_schema

ALL = "time,clock,type,op,bytes,latency,queue,disk,partition,sector,pid,comm,cgroup,file,pattern,error"


class Rows(tracer.Check):
    def test_json_is_as_the_schema_says(self):
        self.loop()
        for columns in ((), ("--columns", ALL)):
            with LoopDisk(os.path.join(tracer.place.path, "disk")) as disk, \
                    tracer.Tracer("--format=json", "-d", disk.name, *columns) as traced:
                def some_rows(disk=disk, traced=traced):
                    fio(disk, "--rw=randrw", "--bs=4k", "--number_ios=50", "--iodepth=4")
                    return traced.text(traced.out).count(b"\n") > 100
                traced.until(some_rows, "rows")
                done = traced.end()
            self.same(done.status, 0, f"status, with {done.stderr!r} on stderr")
            rows = rows_schema.check(done.stdout)
            self.same({row["disk"] for row in rows}, {disk.name}, "disks")
            self.assertLessEqual({"W", "R"}, {row["type"] for row in rows})
            self.assertIn(4096, {row["bytes"] for row in rows})
            self.assertIn("fio", {row["comm"] for row in rows})

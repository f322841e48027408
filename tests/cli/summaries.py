"""What a summary of rows has to say, calculated here in another way."""

import json
import random
import re

LETTERS = re.compile(r"F?(WZ|ZRA|Z[ARCOF]|DE|[RWDFN])[FASMU]*")
SHARES = {"p50_ns": 500, "p90_ns": 900, "p99_ns": 990, "p999_ns": 999}


def rows_of(text):
    return [json.loads(one) for one in text.splitlines()]


def text_of(rows):
    """A recording of these rows."""
    return b"".join(json.dumps(row, separators=(",", ":")).encode() + b"\n" for row in rows)


def made_up_rows(number, seed, **others):
    """Rows with all columns, some of whose values are not known, in the order of their times. A
    function among `others` gives the values of a column."""
    chance = random.Random(seed)

    def some(*values):
        return chance.choice((*values, None))

    at = 5_000_000_000
    rows = []
    for _ in range(number):
        at += chance.randrange(2_000_000)
        disk, part = chance.choice(("sda", "nvme0n1")), chance.randrange(3)
        row = {"time_ns": at, "type": some("R", "W", "M"),
               "op": some("R", "RAM", "W", "FWFS", "FF", "D", "DE", "WZ", "WSM", "N"),
               "bytes": some(0, 512, 4096, 2 ** 32 - 512),
               "latency_ns": some(chance.randrange(2000), chance.randrange(10 ** 6),
                                  chance.randrange(10 ** 6), int(chance.lognormvariate(14, 2))),
               "queue_ns": some(chance.randrange(5000), chance.randrange(10 ** 7)),
               "disk": disk, "partition": f"{disk}{'p' if disk[-1] == '1' else ''}{part}" if part else None,
               "pid": some(1, 22, 333), "comm": some("fio", "a b", "größe"), "cgroup": some("/", "/a/b"),
               "file": some("/x", "/x y", "[swap]"), "error": some("EIO", None, None)}
        row.update({key: value(chance) for key, value in others.items()})
        rows.append(row)
    return rows


def value_of(row, key):
    """What a line stands for that has this row."""
    if key != "op":
        return row[key]
    if row.get("op") is not None:
        return LETTERS.fullmatch(row["op"])[1]
    return row["type"] if row.get("type") in ("R", "W") else None


def end_of_bucket(ns):
    """The longest time that is counted together with this one; none: there is no longest."""
    if ns >= 2 ** 40:
        return None
    width = 32 if ns < 1024 else 2 ** (ns.bit_length() - 1) // 32
    return (ns // width + 1) * width - 1


def buckets_of(times):
    """As in JSON."""
    ends = [end_of_bucket(ns) for ns in sorted(times)]
    return [[end, ends.count(end)] for end in dict.fromkeys(ends)]


def nearest_rank(times, share):
    """The smallest time that so many in 1000 do not exceed."""
    return sorted(times)[-(-len(times) * share // 1000) - 1]


def percentile(times, share):
    """As it is told: by the bucket, but not longer than the longest."""
    exact = nearest_rank(times, share)
    end = end_of_bucket(exact)
    return max(times) if end is None else min(end, max(times))


def measures_of(rows):
    """What is the same however long it took."""
    sizes = [row["bytes"] for row in rows if row.get("bytes") is not None]
    tell_errors = bool(rows) and "error" in rows[0]
    latencies = [row["latency_ns"] for row in rows if row["latency_ns"] is not None]
    queues = [row["queue_ns"] for row in rows if row.get("queue_ns") is not None]
    measures = {"requests": len(rows), "bytes": sum(sizes) if sizes else None,
                "errors": sum(row["error"] is not None for row in rows) if tell_errors else None}
    for name, times in (("", latencies), ("queue_", queues)):
        shares = SHARES if not name else {"p99_ns": 990}
        measures.update({
            name + "sum_ns": sum(times),
            name + "mean_ns": sum(times) // len(times) if times else None,
            name + "max_ns": max(times) if times else None,
            name + "buckets": buckets_of(times),
            **{name + share: percentile(times, number) if times else None
               for share, number in shares.items()}})
    return measures


def grouped(rows, keys):
    """The rows of each line."""
    groups = {}
    for row in rows:
        groups.setdefault(tuple(value_of(row, key) for key in keys), []).append(row)
    return groups


def summary_of(rows, keys):
    """The lines of JSON that these rows are, in any order, without the moment."""
    return [{**dict(zip(keys, values)), **measures_of(group)}
            for values, group in grouped(rows, keys).items()]


def without_moment(lines):
    return [{key: value for key, value in line.items() if key not in ("time", "time_ns", "span_ns")}
            for line in lines]

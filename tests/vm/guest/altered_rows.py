"""Shows of a comparison of rows that it notices wrong ones."""

import datetime

import column_oracle


def another(row, key):
    """A value of the same kind that is wrong."""
    value = row[key]
    if key == "clock":
        return (datetime.datetime.fromisoformat(value) - datetime.timedelta(days=1)).isoformat()
    if key == "time_ns":
        return value + 10 ** 10
    if key == "latency_ns":
        return value + 10 ** 13
    if key == "queue_ns":
        return None
    if key == "bytes":
        return value + 512
    if key == "sector":
        return (value or 0) + 2 ** 40
    if key == "type":
        return "R" if value == "W" else "W"
    if key == "op":
        return "R" if value.startswith("W") else "WS"
    if key == "pattern":
        return "R" if value == "S" else "S"
    if key == "pid":
        return (value or 0) + 2 ** 23
    if key == "error":
        return "EILSEQ"
    return f"x{value}"


def spread(rows, count):
    """So many of the rows' numbers, the first, the last, and some between."""
    count = min(count, len(rows))
    if count < 2:
        return [len(rows) // 2][:count]
    return [number * (len(rows) - 1) // (count - 1) for number in range(count)]


def unnoticed(rows, compare, untold=lambda row: ()):
    """What `compare`, which found nothing wrong with the rows, finds nothing wrong
    with either though it is: one value of one row is another, except of the keys that
    `untold` gives for the row; a row is missing; a row is there twice."""
    missed = set()
    for number in spread(rows, max(1, min(3, 200 // max(1, len(rows))))):
        before, row, after = rows[:number], rows[number], rows[number + 1:]
        altered = {key: [{**row, key: another(row, key)}]
                   for key in column_oracle.KEYS if key not in untold(row)}
        altered["a missing key"] = [{key: row[key] for key in column_oracle.KEYS if key != "error"}]
        if row["bytes"] or row["type"] == "M":
            altered["a missing row"] = []
            altered["a row twice"] = [row, row]
        missed |= {f"{what} in {row}" for what, those in altered.items()
                   if not compare(before + those + after)}
    return sorted(missed)

"""Lines that a port gets wrong first, one for each; every run has them all."""


def header(comm=b"fio", pid=b"123", cpu=b"[001]", flags=b"d.h.", time=b"5.000001", symbol=b"bpf_trace_printk"):
    """A line up to its message, in the kernel's columns."""
    return b"%16s-%-7s %s %s %12s: %s: " % (comm, pid, cpu, flags, time, symbol)


def _message(message):
    return header() + message


_PADDED = header() + b"4096 1 100"

LINES = [
    # How long a line is: pieces of 1024 bytes, the newline among them.
    *(_PADDED + b" " * (length - len(_PADDED)) for length in (1022, 1023, 1024, 1025, 2047, 2048, 2049)),
    # The second piece is a row, a lost-event line, half a row, no UTF-8.
    *(_PADDED.ljust(1024) + rest for rest in (_PADDED, b"CPU:1 [LOST 5 EVENTS]", _PADDED[20:], b"\xff" * 20)),
    _PADDED.ljust(2048) + _PADDED.ljust(1024) + b"x",
    # The cut goes through a character, through a word, through the header.
    _message(b"1 1 1 ".rjust(1023 - len(header())) + "é".encode()),
    _message(b" " * (1020 - len(header())) + b"4096 1 100"),
    header(pid=b"1".rjust(1000, b"0")) + b"0 1 5",
    b" " * 1016 + header() + b"0 1 5",
    _message(b"7" * 900 + b" 0 5"),
    # Where the columns are.
    b"", b" ", b"\r", b"\0", b"x" * 16, b"x" * 17, b"x" * 18,
    header(comm=b"") + b"0 1 5", header(comm=b"0123456789abcdef") + b"0 1 5",
    b"0123456789abcdefX1 [001] d... 5.5: f: 0 1 5",
    b"0123456789abcde-1 [001] d... 5.5: f: 0 1 5",
    b"0123456789abcdef-1 [001] d... 5.5: f: 0 1 5",
    b"0123456789abcdefg-1 [001] d... 5.5: f: 0 1 5",
    b"0123456789abcdef-1\t[001]\v\fd...\r5.5: f: 0\v1\f5\r",
    # The four fields before the first colon, and what is cut off them.
    b"0123456789abcdef-1 [001] d... : f: 0 1 5", b"0123456789abcdef-1 (  1) [001] d... 5.5: f: 0 1 5",
    b"0123456789abcdef-1 [1] : 5.5: f: 0 1 5", b"0123456789abcdef-1 [] d... 5.5: f: 0 1 5",
    b"0123456789abcdef-1 1 d... 5.5: f: 0 1 5", b"0123456789abcdef-1 12 d... 5.5: f: 0 1 5",
    b"0123456789abcdef-1 x1y d... 5.5: f: 0 1 5", b"0123456789abcdef-1 [+0_1] d... 5.5: f: 0 1 5",
    b"0123456789abcdef- [1] d... 5.5: f: 0 1 5", b"0123456789abcdef--1 [1] d... 5.5: f: 0 1 5",
    header(pid="١".encode()) + b"0 1 5", header(pid=b"1\0") + b"0 1 5", header(pid=b"9" * 400) + b"0 1 5",
    # The colons: none (the last byte goes), one, two, more, at the end.
    b"X" * 17 + b"5 [5] dead 78", b"X" * 17 + b"5 [5] dead 78 ", b"X" * 17 + b"5 [5] dead 7", b"X" * 17 + b"55 [5] dead 78",
    b"X" * 17 + b"5 [5] dead 7x", b"X" * 17 + b"5 [5] -e 7.58",
    b"0123456789abcdef-1 [1] d... 5.5: 0 1 5", b"0123456789abcdef-1 [1] d... 5.5:x0 1 5",
    b"0123456789abcdef-1 [1] d... 5.5:0 1 5", b"0123456789abcdef-1 [1] d... 5.5::0 1 5",
    b"0123456789abcdef-1 [1] d... 5.5::x0 1 5", b"0123456789abcdef-1 [1] d... 5.5: : 0 1 5",
    b"0123456789abcdef-1 [1] d... 5.5: f:0 1 5", b"0123456789abcdef-1 [1] d... 5.5: f:00 1 5",
    b"0123456789abcdef-1 [1] d... 5.5: f: 0: 1 5", b"0123456789abcdef-1 [1] d... 5.5: f: : 1 5",
    b"0123456789abcdef-1 [1] d... 5.5:", b"0123456789abcdef-1 [1] d... 5.5: f:", b"0123456789abcdef-1 [1] d... 5.5: f",
    # Lost events, and what only looks like them.
    b"CPU:0 [LOST 3 EVENTS]", b"CPU:127 [LOST 4000000000 EVENTS]", b"CPU:0 [LOST EVENTS]", b"CPU:",
    b"CPU:0123456789ab-1       [001] d... 5.5: f: 0 1 5", header(comm=b"CPU:0") + b"0 1 5",
    b" CPU:0 [LOST 3 EVENTS]", b"cpu:0 [LOST 3 EVENTS]",
    # Timestamps.
    *(header(time=time) + b"0 1 5" for time in (
        b"0.000000", b"-0.0", b"0", b"nan", b"-nan", b"+NAN", b"inf", b"-inf", b"Infinity", b"1e999", b"-1e999", b"1e300",
        b"1e-300", b"5.", b".5", b".", b"+5", b"--5", b"1_0.5", b"1_.5", b"1._5", b"1__0", b"_1", b"1_", b"1e1_0", b"1e_1",
        b"1e", b"0x10", b"nan(1)", b"infinit", "٥.٥".encode(), b"5.5\0", b"1234567890.123456", b"123456789012345678.9",
        b"9007199254740993", b"0.1000000000000000055511151231257827021181583404541015625",
        b"2.2250738585072011e-308", b"1" * 330, b"0." + b"0" * 330 + b"1")),
    # BYTES is never read as a number; M is exactly "0".
    *(_message(word + b" 0 5") for word in (
        b"0", b"00", b"-0", b"+0", b"0x0", b"-1", b"bytes", b"\0", b"\x01\x02", "é".encode(), "漢字".encode(),
        "e\u0301".encode(), "\U0001f600".encode(), "\ufeff0".encode(), "\u200b0".encode(), "٠".encode(), b"%s", b"{}",
        b"123456789", b"\x7f", "\U0010ffff".encode(), b"\xff", b"\xed\xa0\x80", b"\xc0\x80", b"\xf4\x90\x80\x80", b"\xc3")),
    # cmd_flags.
    *(_message(b"4096 " + word + b" 5") for word in (
        b"0", b"1", b"80700", b"ffffffff", b"FFFFFFFE", b"0x1", b"0X1", b"0x", b"0x_1", b"0x__1", b"_1", b"1_", b"1_1", b"1__1",
        b"0_x1", b"-1", b"-2", b"+1", b"+-1", b"0b1", b"0b0", b"0o1", b"g", b"1g", b"1.0", "١".encode(), "٢".encode(),
        "٠x١".encode(), "１ａ".encode(), "１a".encode(), "1²".encode(), b"1\0", b"f" * 300, b"e" * 300, b"1\x1b")),
    # Microseconds.
    *(_message(b"4096 0 " + word) for word in (
        b"0", b"-0", b"4", b"-4", b"-5", b"-6", b"5", b"15", b"25", b"994", b"995", b"996", b"1005", b"007", b"1_000", b"1__0",
        b"_1", b"1_", b"+5", b"--5", b"0x10", b"1e3", b"1.5", b"2147483647", b"-2147483648", b"9223372036854775807",
        b"-9223372036854775808", b"18446744073709551615", b"18446744073709551616", b"9007199254740993", b"9" * 308,
        b"1" * 309, b"1" + b"7" * 308, b"1" + b"8" * 308, b"9" * 309, b"0" * 400 + b"5", str(2**1024 - 2**970).encode(),
        str(2**1024 - 2**970 - 1).encode(), "٥".encode(), "٥_٥".encode(), "²".encode(), b"5\0", b"\xff")),
    # How many words.
    *(_message(message) for message in (
        b"", b"1", b"1 2", b"1 2 3 4", b"1 2 3 4 5", b"  1  2  3  ", b"1\t2\v3\f", b"1 2\r3\r", b"1\x002\x003", b"1\x002 3 4")),
    # Between the words: white space to str, to bytes, to neither.
    *(_message(f"1{gap}2{gap}3".encode()) for gap in "\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2000\u2006\u200a\u2028\u2029\u202f\u205f\u3000\u200b\u180e\ufeff"),
    *(_message(f"1{gap}0 2 3".encode()) for gap in "\x1c\x85\xa0\u2003\u3000\u200b"),
    *(_message(f"1 2 3{gap}".encode()) for gap in "\x1c\x85\xa0\u2003\u3000\u200b"),
    _message(b"1\x852\xa03 4 5"), _message(b"1 2 3\x85"), _message(b"1 2 3\xa0"), _message(b"1 2 3\x1c"),
    # Not about blocks at all.
    header(symbol=b"tracing_mark_write") + b"hello, world", header(symbol=b"0x00000001") + b"4096 1 5",
    header(symbol=b"") + b"4096 1 5", header(symbol=b"tracing_mark_write") + b"starts 0 1",
]

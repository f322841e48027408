"""The words of generated trace lines: numbers and texts, in every spelling that
Python's int() and float() take, and in spellings that they refuse."""

# Word separators for bytes.split(), and those that only str.split() knows.
BYTES_SPACES = (" ", "\t", "\r", "\v", "\f")
TEXT_SPACES = tuple("\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2000\u2005\u200a\u2028\u2029\u202f\u205f\u3000")

# Look like white space or digits, and are none to Python.
LOOKALIKES = tuple("\u200b\u180e\ufeff\u2060\0\x1b\u00b2\u2460\uff21\u2212")

# The zeros of some scripts: ASCII, Arabic-Indic, Devanagari, full-width,
# mathematical bold, Adlam.
ZEROS = (0x30, 0x660, 0x966, 0xFF10, 0x1D7CE, 0x1E950)

# Valid in UTF-8 and no white space, one, two, three and four bytes long:
# controls, combining, double-width, private, noncharacters, the last one.
RANGES = ((0x21, 0x7E), (0, 8), (0xE, 0x1B), (0xA1, 0x2FF), (0x300, 0x36F), (0x5D0, 0x6FF),
          (0x4E00, 0x9FFF), (0xE000, 0xE0FF), (0xFFF0, 0xFFFF), (0x1F300, 0x1F64F), (0x10FF00, 0x10FFFF))

# Not UTF-8: bare continuation, cut short, overlong, surrogate, beyond the last.
BROKEN_UTF8 = (b"\x80", b"\xbf\xff", b"\xc3", b"\xe2\x82", b"\xf0\x9f\x98", b"\xc0\xaf", b"\xe0\x80\xaf",
               b"\xed\xa0\x80", b"\xed\xbf\xbf", b"\xf4\x90\x80\x80", b"\xf8\x88\x80\x80\x80", b"\xfe")


class Words:
    """Draws words from a random.Random."""

    def __init__(self, rng):
        self.rng = rng

    def signed(self, bits):
        """A signed integer of up to `bits` bits, every width as likely."""
        width = self.rng.randrange(bits)
        number = self.rng.getrandbits(width) if width else 0
        return number if self.rng.random() < 0.5 else -number - 1

    def text(self, longest):
        """Up to `longest` characters, without white space."""
        low, high = self.rng.choice(RANGES)
        text = "".join(chr(self.rng.randint(low, high)) for _ in range(self.rng.randint(1, longest)))
        return text.encode()

    def digits(self, base, longest, foreign=False):
        """Digits, some with an underscore between them; `foreign`: of other scripts too."""
        rng = self.rng
        zeros = ZEROS if foreign else ZEROS[:1]
        text = ""
        for _ in range(rng.randint(1, longest)):
            if text and rng.random() < 0.1:
                text += "_"
            digit = rng.randrange(base)
            if digit < 10:
                text += chr(rng.choice(zeros) + digit)
            else:
                text += rng.choice("abcdef"[digit - 10] + "ABCDEF"[digit - 10])
        return text

    def integer(self, longest=12, foreign=False):
        """What int(word, 10) takes."""
        return self.rng.choice(("", "", "+", "-", "00", "0_0")) + self.digits(10, longest, foreign)

    def hexadecimal(self, longest=12, foreign=False):
        """What int(word, 16) takes."""
        prefix = self.rng.choice(("", "", "0x", "0X", "0x_", "000", "0b"))
        return self.rng.choice(("", "", "+", "-")) + prefix + self.digits(16, longest, foreign)

    def real(self):
        """What float(word) takes."""
        rng = self.rng
        sign = rng.choice(("", "", "+", "-"))
        kind = rng.random()
        if kind < 0.1:
            word = rng.choice(("nan", "NaN", "inf", "INF", "Infinity", "iNfInItY"))
            return sign + word
        mantissa = rng.choice((
            self.digits(10, 9) + "." + self.digits(10, 9),
            self.digits(10, 12),
            self.digits(10, 5) + ".",
            "." + self.digits(10, 8),
            self.digits(10, 40) + "." + self.digits(10, 40)))
        if kind < 0.5:
            return sign + mantissa
        exponent = rng.choice((rng.randint(-12, 12), rng.randint(-400, 400)))
        spelled = rng.choice((f"{exponent}", f"{exponent:+}", f"{exponent:04}", "1_0"))
        return sign + mantissa + rng.choice("eE") + spelled

    def refused(self):
        """What at least one of int() and float() does not take."""
        rng = self.rng
        return rng.choice((
            "", "-", "+", "_", "0x", "0x_", "x1", "1_", "_1", "1__0", "+-1", "1-", "0_x1", "0o7", "1.5", "1,5", ".", "5e",
            "e5", "1e", "1_.5", "1._5", "1_e5", "1e_5", "infinit", "nan(1)", "0x1p3", "1e5.0", "0xg", "12g", "1\0", "\x001",
            "None", "1\x1b", self.digits(10, 4) + rng.choice("_g.-+\0"), rng.choice(LOOKALIKES) + "1",
            "1" + rng.choice(LOOKALIKES), chr(rng.choice(ZEROS) + 1), self.hexadecimal(), self.real()))

    def huge(self):
        """An integer about where float() of it overflows: 2**1024 - 2**970."""
        limit = 2**1024 - 2**970
        number = limit + self.rng.choice((-1, 0, 1, -(2**900), 2**900, 10**305, -(10**305), 2**1024, -limit // 2))
        return self.rng.choice(("", "-")) + str(number)

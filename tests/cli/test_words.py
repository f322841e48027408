"""--help, docs/options.md and the manual page name the same options, and the documents the same
columns as the program."""

import re
import unittest

import program

README = program.TOP / "README.md"
OPTIONS = program.TOP / "docs/options.md"
MANUAL = program.TOP / "docs/disksnoop.8"
PAGES = sorted((program.TOP / "docs").glob("*.md"))
COLUMNS = program.TOP / "docs/columns.md"
TABLE_OF_COLUMNS = program.TOP / "src/request/columns.cpp"


def links_of(page):
    """Where a page leads to in this tree."""
    text = re.sub(r"^ *```.*?^ *```$", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    links = re.findall(r"\]\(([^)]+)\)", text)
    return [link for link in links if not link.startswith("http")]


def anchors_of(page):
    """As the usual sites make them of titles."""
    titles = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return [re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles]


def option(*words):
    """("-e", "--engine", "auto|original"): its names and its argument, in lower case."""
    *names, argument = words if not words[-1].startswith("-") else (*words, "")
    return (*sorted(names), argument.lower())


def of_help(text):
    """Lines like "  -d,--disk DISK    Only requests …"."""
    for line in text.splitlines():
        found = re.match(r"  (-[^ ]*)(?: ([^ ]+))?(?:  |$)", line)
        if found:
            yield option(*found[1].split(","), *([found[2]] if found[2] else []))


def of_page(text):
    """Rows like "| `-d`, `--disk DISK` | …"."""
    table = re.search(r"^\| option \|.*\n\|-.*\n((?:\|.*\n)+)", text, re.MULTILINE)[1]
    for line in table.splitlines():
        words = re.findall(r"`([^`]+)`", re.split(r"(?<!\\) \|", line)[0])
        names, argument = words[:-1], words[-1].replace("\\|", "|").split(" ")
        yield option(*names, *argument)


def of_manual(text):
    """Items like ".It Fl d , Fl -disk Ar disk"."""
    for line in re.findall(r"^\.It (Fl .*)$", text, re.MULTILINE):
        words = re.sub(r"Fl (?=[^ ])", "-", line).replace(" , ", " ").replace(" Ar ", " ")
        yield option(*words.split())


def of_synopsis(text):
    """The long or short names that the synopsis has."""
    synopsis = text[text.index(".Sh SYNOPSIS"):text.index(".Sh DESCRIPTION")]
    return {"-" + name for name in re.findall(r"Fl ([^ \n]+)", synopsis)}


@unittest.skipUnless(README.exists() and MANUAL.exists(), "the documents are not here")
class Words(program.Check):
    def setUp(self):
        self.help = sorted(of_help(program.run("--help").stdout.decode()))
        self.assertGreater(len(self.help), 10)

    def test_examples_have_this_version(self):
        version = program.run("--version").stdout.decode().split()[1]
        shown = set()
        for page in (README, *PAGES):
            shown.update(re.findall(r'version="([^"]*)"', page.read_text("utf-8")))
        self.assertEqual(shown, {version})

    def test_help_says_what_a_number_counts(self):
        text = program.run("--help").stdout.decode()
        for name, unit in (("--count", "rows"), ("--duration", "seconds"), ("--buffer", "1M"),
                           ("--max-delay", "100"), ("--min-ms", "ms")):
            said = re.search(rf"^.*{name} [^-]*", text, re.MULTILINE)[0]
            self.assertIn(unit, said.split(" ", 4)[-1], said)

    def test_the_page_of_options_has_those_of_help(self):
        self.assertEqual(sorted(of_page(OPTIONS.read_text(encoding="utf-8"))), self.help)

    def test_manual_has_the_options_of_help(self):
        self.assertEqual(sorted(of_manual(MANUAL.read_text(encoding="utf-8"))), self.help)

    def test_synopsis_has_each_option_but_version_and_help(self):
        named = of_synopsis(MANUAL.read_text(encoding="utf-8"))
        known = {name for one in self.help for name in one[:-1]}
        self.assertEqual(named - known, set())
        missing = [one for one in self.help if not named & set(one[:-1])]
        self.assertEqual(missing, [("--help", "-h", ""), ("--version", "")])

    def test_examples_of_manual_keep_their_quotes(self):
        """A macro takes those before a word for its own."""
        for line in re.findall(r"^\.Dl .*$", MANUAL.read_text(encoding="utf-8"), re.MULTILINE):
            self.assertNotIn('"', line)

    def test_the_examples_have_options_that_there_are(self):
        known = {name for one in self.help for name in one[:-1]}
        for page in (README, *PAGES):
            for command in re.findall(r"^(?:[#$] )(disksnoop(?: [^|\n]*)?)",
                                      page.read_text(encoding="utf-8"), re.MULTILINE):
                for word in command.split()[1:]:
                    if word.startswith("-") and word != "-":
                        self.assertIn(word.split("=")[0], known, f"{page}: {command}")


@unittest.skipUnless(README.exists() and MANUAL.exists(), "the documents are not here")
class Pages(unittest.TestCase):
    """README.md is short, and the way to each page."""

    def test_each_page_is_one_click_from_readme(self):
        links = links_of(README)
        for page in PAGES:
            self.assertIn(page.relative_to(program.TOP).as_posix(), links)

    def test_each_link_leads_to_a_file_and_a_title(self):
        for page in (README, *PAGES):
            for link in links_of(page):
                path, _, anchor = link.partition("#")
                target = (page.parent / path).resolve() if path else page
                self.assertTrue(target.exists(), f"{page}: {link}")
                if anchor:
                    self.assertIn(anchor, anchors_of(target), f"{page}: {link}")

    def test_readme_is_read_in_five_minutes(self):
        """At some 200 words a minute, but for the table of kernels, which a script makes."""
        text = README.read_text(encoding="utf-8")
        text = re.sub(r"<!-- support table: begin -->.*<!-- support table: end -->", "", text,
                      flags=re.DOTALL)
        self.assertLess(len(text.split()), 1500)


def columns_of_source():
    """(name, header, key) of each."""
    text = TABLE_OF_COLUMNS.read_text(encoding="utf-8")
    return re.findall(r'Column\{"([^"]+)", "([^"]+)", "([^"]+)"', text)


@unittest.skipUnless(COLUMNS.exists() and TABLE_OF_COLUMNS.exists(), "the documents are not here")
class WordsOfColumns(program.Check):
    def setUp(self):
        message = program.run("-o", "none").stderr.decode()
        self.names = re.search(r"there are ([a-z, ]+)", message)[1].strip().split(", ")
        self.assertGreater(len(self.names), 10)
        self.text = COLUMNS.read_text(encoding="utf-8")

    def test_the_columns_of_the_source_are_those_of_the_program(self):
        self.assertEqual([name for name, _, _ in columns_of_source()], self.names)

    def test_each_has_its_header_and_key(self):
        rows = re.findall(r"^\| `([^`]+)` \| `([^`]+)` \| `([^`]+)` \|", self.text, re.MULTILINE)
        self.assertEqual(rows, columns_of_source())

    def test_what_each_needs_is_told(self):
        table = re.search(r"^\| columns \| need \|\n((?:\|.*\n)+)", self.text, re.MULTILINE)[1]
        told = [name for line in table.splitlines()
                for name in re.findall("`([a-z]+)`", line.split(" | ")[0])]
        self.assertEqual(sorted(told), sorted(self.names))

    def test_each_has_a_section(self):
        titles = ", ".join(re.findall(r"^## ([a-z, ]+)$", self.text, re.MULTILINE))
        self.assertEqual(titles.split(", "), self.names)

    def test_the_manual_has_each(self):
        items = re.findall(r"^\.It Cm ([a-z]+) Pq ([^ ]+), ([a-z_]+)$",
                           MANUAL.read_text(encoding="utf-8"), re.MULTILINE)
        self.assertEqual(items, columns_of_source())

    def test_the_page_of_options_names_each(self):
        line = re.search(r"^\| `-o`.*$", OPTIONS.read_text(encoding="utf-8"), re.MULTILINE)[0]
        self.assertEqual(re.findall("`([a-z]+)`", line), self.names)

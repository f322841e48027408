"""The list of what the image is made of, against the image and against Debian's own lists of
the files of each package."""

import collections
import hashlib
import json
import os
import re
import urllib.parse

import podman

PATH = "usr/share/doc/disksnoop/sbom.spdx.json"
# What SPDX 2.3 requires in JSON, and what is of use to whoever reads it.
DOCUMENT = {"spdxVersion", "dataLicense", "SPDXID", "name", "documentNamespace", "creationInfo",
            "packages", "files", "relationships"}
PACKAGE = {"SPDXID", "name", "versionInfo", "downloadLocation", "filesAnalyzed", "licenseConcluded",
           "licenseDeclared", "copyrightText"}
DEBIAN = PACKAGE | {"supplier", "sourceInfo", "externalRefs"}
FILE = {"SPDXID", "fileName", "checksums", "licenseConcluded", "licenseInfoInFiles",
        "copyrightText"}
OF_NO_PACKAGE = re.compile(r"usr/bin/disksnoop|usr/share/doc/disksnoop/copyright|run/\.containerenv"
                           r"|.*/lib(LLVM|clang-cpp)[^/]*")


def digest(kind, path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, kind).hexdigest()


class Built:
    """The stage that builds the image: its packages, as dpkg has them."""

    def __init__(self, root):
        self.root = root
        self.status = {}
        with open(f"{root}/var/lib/dpkg/status", encoding="utf-8") as file:
            for stanza in file.read().split("\n\n"):
                fields = dict(re.findall(r"^([\w-]+): (.*)", stanza, re.MULTILINE))
                if fields.get("Status") == "install ok installed":
                    self.status[fields["Package"]] = fields
        self.packages = collections.defaultdict(set)  # with a file of this MD5 sum
        lists = f"{root}/var/lib/dpkg/info"
        for entry in os.listdir(lists):
            if entry.endswith(".md5sums"):
                with open(f"{lists}/{entry}", encoding="utf-8") as file:
                    for line in file:
                        self.packages[line.split()[0]].add(entry.split(".md5sums")[0].split(":")[0])

    def source(self, name):
        """Name and version of the source package."""
        fields = self.status[name]
        found = re.fullmatch(r"(\S+)(?: \((.*)\))?", fields.get("Source", name))
        return found[1], found[2] or fields["Version"]


class Sbom(podman.Check):
    @classmethod
    def setUpClass(cls):
        roots = []
        for image in (podman.image, podman.build_image):
            done = podman.run("image", "mount", image)
            if done.returncode:
                raise AssertionError(done.stderr)
            cls.addClassCleanup(podman.run, "image", "unmount", image)
            roots.append(done.stdout.strip())
        cls.root, build = roots
        cls.built = Built(build)
        with open(f"{cls.root}/{PATH}", encoding="utf-8") as file:
            cls.sbom = json.load(file)
        cls.of_id = {entry["SPDXID"]: entry for entry in cls.sbom["packages"] + cls.sbom["files"]}
        cls.files = {entry["fileName"].removeprefix("./"): entry for entry in cls.sbom["files"]}
        cls.debian = [entry for entry in cls.sbom["packages"] if "externalRefs" in entry]

    def related(self, entry, kind):
        """The names of what the entry has this relation to."""
        return {self.of_id[one["relatedSpdxElement"]]["name"] for one in self.sbom["relationships"]
                if (one["spdxElementId"], one["relationshipType"]) == (entry["SPDXID"], kind)
                and "name" in self.of_id[one["relatedSpdxElement"]]}

    def test_fields(self):
        self.assertLessEqual(DOCUMENT, set(self.sbom))
        self.assertEqual((self.sbom["spdxVersion"], self.sbom["dataLicense"], self.sbom["SPDXID"]),
                         ("SPDX-2.3", "CC0-1.0", "SPDXRef-DOCUMENT"))
        self.assertRegex(self.sbom["documentNamespace"], r"\Aurn:uuid:[0-9a-f-]{36}\Z")
        self.assertRegex(self.sbom["creationInfo"]["created"], r"\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\Z")
        self.assertTrue(self.sbom["creationInfo"]["creators"])
        for entries, required in ((self.sbom["packages"], PACKAGE), (self.debian, DEBIAN),
                                  (self.sbom["files"], FILE)):
            for entry in entries:
                self.assertLessEqual(required, set(entry), entry["SPDXID"])

    def test_identifiers(self):
        """Each is that of one thing, and all that are related are there."""
        self.assertEqual(len(self.of_id), len(self.sbom["packages"]) + len(self.sbom["files"]))
        for identifier in self.of_id:
            self.assertRegex(identifier, r"\ASPDXRef-[A-Za-z0-9.-]+\Z")
        for relation in self.sbom["relationships"]:
            self.assertIn(relation["spdxElementId"], {"SPDXRef-DOCUMENT", *self.of_id})
            self.assertIn(relation["relatedSpdxElement"], self.of_id)

    def test_all_files_as_they_are(self):
        there = {os.path.relpath(os.path.join(directory, name), self.root)
                 for directory, _, names in os.walk(self.root) for name in names
                 if not os.path.islink(os.path.join(directory, name))}
        self.assertEqual(set(self.files), there - {PATH})
        for name, entry in self.files.items():
            for checksum in entry["checksums"]:
                self.assertEqual(checksum["checksumValue"], digest(
                    checksum["algorithm"].lower(), f"{self.root}/{name}"), name)

    def test_the_package_of_each_file(self):
        """By its content, in Debian's lists."""
        copied = [name for name in self.files if not OF_NO_PACKAGE.fullmatch(name)]
        self.assertGreater(len(copied), 20)
        for name in copied:
            packages = self.built.packages[digest("md5", f"{self.root}/{name}")]
            of, = self.related(self.files[name], "GENERATED_FROM")
            self.assertIn(of, packages, name)
            self.assertIn(of, self.related(self.of_id["SPDXRef-Image"], "CONTAINS"))

    def test_what_other_files_are_made_of(self):
        own = self.related(self.files["usr/bin/disksnoop"], "GENERATED_FROM")
        self.assertLessEqual({"disksnoop", "libcli11-dev", "nlohmann-json3-dev", "libfmt-dev"}, own)
        llvm, = (entry for name, entry in self.files.items() if "/libLLVM" in name)
        packages = {re.sub(r"\d+", "N", name) for name in self.related(llvm, "GENERATED_FROM")}
        self.assertLessEqual({"llvm-N-dev", "libclang-N-dev"}, packages)

    def test_versions(self):
        self.assertGreater(len(self.debian), 10)
        for entry in self.debian:
            name, fields = entry["name"], self.built.status[entry["name"]]
            self.assertEqual(entry["versionInfo"], fields["Version"], name)
            self.assertTrue(entry["sourceInfo"].endswith(" ".join(self.built.source(name))), name)
            reference, = entry["externalRefs"]
            self.assertEqual(reference["referenceType"], "purl")
            package, _, qualifiers = reference["referenceLocator"].partition("?")
            self.assertEqual(urllib.parse.unquote(package),
                             f"pkg:deb/debian/{name}@{fields['Version']}")
            self.assertEqual(urllib.parse.parse_qs(qualifiers)["arch"], [fields["Architecture"]])

    def test_licences(self):
        """The file that is named is there; that of a package that is not in the image is not."""
        for entry in self.debian:
            path = f"usr/share/doc/{entry['name']}/copyright"
            self.assertEqual(path in self.files, f"/{path}" in entry.get("licenseComments", ""))

    def test_own_version(self):
        version = podman.run_image(command=["--version"]).stdout.removeprefix("disksnoop ").strip()
        self.assertEqual(self.of_id["SPDXRef-disksnoop"]["versionInfo"], version)

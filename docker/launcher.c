/* Starts the program of a bundle by the loader and with the libraries that lie beside it, whatever
 * the system has. Linked statically, as it has to run where there is no library.
 *
 * The paths below its own directory come with the compile:
 *   LOADER     a name for the loader, whose last part ps(1) shows as that of the process
 *   LIBRARIES  the directory of the libraries
 *   PROGRAM    the program
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

static char *below(const char *directory, const char *path) {
	char *whole;

	if (asprintf(&whole, "%s/%s", directory, path) < 0) exit(1);
	return whole;
}

static int refuse(const char *why) {
	fprintf(stderr, "disksnoop: error: %s\n", why);
	return 1;
}

int main(int argc, char **argv) {
	/* The path that was executed, which may be a link; /proc need not be there for it. */
	char *directory = realpath((const char *)getauxval(AT_EXECFN), NULL);
	char **arguments = calloc((size_t)argc + 8, sizeof *arguments);
	int count = 0;

	/* Whoever calls it chooses the path that was executed, and so what would get the rights. */
	if (getauxval(AT_SECURE))
		return refuse("started with more rights than its caller has (setuid, setcap), which it "
			      "does not take from its file: run it as root");
	if (!directory || !arguments) {
		fprintf(stderr, "disksnoop: error: cannot find its own directory: %s\n", strerror(errno));
		return 1;
	}
	*strrchr(directory, '/') = '\0';
	/* At which the loader parts a list of directories. */
	if (strpbrk(directory, ":;"))
		return refuse("the path of its folder has a colon or a semicolon: rename that");
	/* Libraries of the system, which need not go with those here. */
	unsetenv("LD_PRELOAD");
	unsetenv("LD_AUDIT");
	char *loader = below(directory, LOADER);
	arguments[count++] = loader;
	/* Not by the environment, which a child would have too. */
	arguments[count++] = "--inhibit-cache";
	arguments[count++] = "--library-path";
	arguments[count++] = below(directory, LIBRARIES);
	arguments[count++] = "--argv0";
	arguments[count++] = argc > 0 ? argv[0] : "disksnoop";
	arguments[count++] = below(directory, PROGRAM);
	for (int index = 1; index < argc; ++index) arguments[count++] = argv[index];
	execv(loader, arguments);
	fprintf(stderr, "disksnoop: error: cannot start %s: %s%s\n", loader, strerror(errno),
		errno == ENOENT ? "; it needs its whole folder (a link to it is enough elsewhere)" : "");
	return 1;
}

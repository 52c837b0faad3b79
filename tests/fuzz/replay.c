/*
 * Runs saved inputs through a fuzz target without a fuzzer: each file named
 * on the command line, and each file in each folder named.  Prints TAP.
 */
#include "config.h"

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int main(int argc, char **argv);

#define INPUT_MAX ((size_t)4 << 20)

/* Returns 1 when the file could be read. */
static unsigned run_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	uint8_t *room = malloc(INPUT_MAX), *exact;
	size_t n;

	if (!f || !room) {
		if (f)
			fclose(f);
		free(room);
		return 0;
	}
	n = fread(room, 1, INPUT_MAX, f);
	fclose(f);
	/* A block of exactly that size: reads past it are seen. */
	exact = malloc(n ? n : 1);
	if (exact) {
		memcpy(exact, room, n);
		(void)LLVMFuzzerTestOneInput(exact, n);
	}
	free(exact);
	free(room);
	return 1;
}

static unsigned run_folder(const char *path)
{
	DIR *folder = opendir(path);
	struct dirent *entry;
	unsigned count = 0;
	char name[4096];

	if (!folder)
		return run_file(path);
	while ((entry = readdir(folder)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
		count += run_file(name);
	}
	closedir(folder);
	return count;
}

int main(int argc, char **argv)
{
	unsigned count = 0;

	for (int i = 1; i < argc; i++)
		count += run_folder(argv[i]);
	printf("%u\n", count);
	return count ? 0 : 1;
}

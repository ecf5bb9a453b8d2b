// SPDX-License-Identifier: GPL-2.0
/*
 * spin MS: count as fast as possible for so many milliseconds, and print how far
 * it came. With the instruction clock of the lab, and nothing else to run, what is
 * missing is what the kernel did meanwhile.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static long long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

int main(int argc, char **argv)
{
	long long end, n = 0;

	if (argc != 2)
		return 2;
	for (end = now() + atoi(argv[1]) * 1000000LL; now() < end; n++) {
		volatile int i;

		for (i = 0; i < 100; i++)
			;
	}
	printf("%lld\n", n);
	return 0;
}

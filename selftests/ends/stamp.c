// SPDX-License-Identifier: GPL-2.0
/* stamp: each line of standard input, with the time it came, in microseconds. */
#include <stdio.h>
#include <sys/time.h>

int main(void)
{
	struct timeval t;
	char line[1024];

	setvbuf(stdout, NULL, _IOLBF, 0);
	while (fgets(line, sizeof(line), stdin)) {
		gettimeofday(&t, NULL);
		printf("%lld %s", t.tv_sec * 1000000ll + t.tv_usec, line);
	}
	return 0;
}

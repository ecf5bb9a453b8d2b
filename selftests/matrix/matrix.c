// SPDX-License-Identifier: GPL-2.0
/*
 * matrix: many clients and servers, every byte and every order checked.
 * server.c and client.c tell how its modes are called.
 */
#include <stdio.h>
#include <string.h>

#include "matrix.h"

int main(int argc, char **argv)
{
	int ret = 2;

	if (argc > 1 && !strcmp(argv[1], "serve"))
		ret = serve(argc - 1, argv + 1);
	else if (argc > 1 && !strcmp(argv[1], "show"))
		ret = show(argc - 1, argv + 1);
	else if (argc > 1 && !strcmp(argv[1], "call"))
		ret = call(argc - 1, argv + 1);
	if (ret == 2)
		fprintf(stderr, "usage: matrix serve|show|call ...\n");
	return ret;
}

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the demo's client and server say to each other. Every message begins
 * with its type, above _IO_MAX as QNX wants it of private messages.
 */
#ifndef DEMO_LOGGER_H
#define DEMO_LOGGER_H

#include <sys/neutrino.h>

#define LOGGER_NAME	"logger"
#define LOGGER_ALARM	1		/* code of a pulse */
#define LOGGER_TEXT	100

enum {
	LOGGER_NOTE = 0x600,	/* a line of text; answered with one */
	LOGGER_STORE,		/* and many bytes; answered with their sum */
	LOGGER_ECHO,		/* answered with nothing at once */
	LOGGER_THINK,		/* not answered: the server thinks it over */
};

/* A message; the bytes of LOGGER_STORE follow */
struct logger_msg {
	_Uint16t	type;
	_Uint16t	subtype;
	_Uint32t	bytes;
	char		text[LOGGER_TEXT];
};

struct logger_reply {
	_Uint64t	sum;
	char		text[LOGGER_TEXT];
};

#endif /* DEMO_LOGGER_H */

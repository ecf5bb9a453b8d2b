/* SPDX-License-Identifier: GPL-2.0 */
/* What the two ends of selftests/matrix agree upon. */
#ifndef MATRIX_H
#define MATRIX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SERVERS_MAX	64
#define CLIENTS_MAX	256
#define ERRNOS		640

#define HELLO		0x6f6c6c48u
#define CALL		0x6c6c6143u
#define REPLY		0x796c7052u

/**
 * struct hello - a client tells a server who it is, and where it goes on
 * @magic:  HELLO
 * @run:    all clients of one run have the same
 * @client: number in the run
 * @next:   sequence number of the next call
 * @seed:   of all that is random in its calls
 * @max:    largest message and reply
 * @fixed:  size of every message, UINT32_MAX: as the plan says
 * @delay:  milliseconds the server takes between receiving and reading
 * @first:  size of its first message, 0: as the plan says
 * @back:   size of the reply to that, likewise
 */
struct hello {
	uint32_t magic, run, client, next;
	uint64_t seed;
	uint32_t max, fixed, delay, first, back, zero;
};

/* At the head of a message or reply that has room for it, else it has none. */
struct head {
	uint32_t magic, client, seq, size;
	uint64_t hash;		/* of all behind the head */
};

/**
 * struct plan - what a call does; both ends compute it
 * @size:   of the message
 * @reply:  of the reply
 * @key:    of the message's content; of the reply's, plus 1
 * @pieces: the server reads the message in pieces of about that size, 0: all
 *          at once
 * @back:   from its end to its beginning
 * @write:  the server writes the reply in such pieces, 0: replies with it
 * @tail:   only the second half is written, the first comes with the reply
 */
struct plan {
	size_t size, reply;
	uint64_t key;
	size_t pieces, write;
	bool back, tail;
};

/* What one process has counted; "lost" and what follows is the server's. */
struct counts {
	uint64_t calls, bytes, replied;
	uint64_t wrong, lost, twice, disorder, blocked, died, errors, killed;
	uint64_t err[ERRNOS];
};

uint64_t mix(uint64_t x);
void fill(void *buf, size_t n, uint64_t key);
uint64_t hash(const void *buf, size_t n);
struct plan plan_of(const struct hello *h, uint32_t seq);
int32_t status_of(const struct hello *h, uint32_t seq);
void put(void *buf, size_t n, uint32_t magic, uint32_t client, uint32_t seq,
	 uint64_t key);
bool is_right(const void *buf, size_t n, uint32_t magic, uint32_t client,
	      uint32_t seq, uint64_t key);

void count_error(struct counts *c, int err);
uint64_t errors_but(const struct counts *c, const char *list);
void add_counts(struct counts *sum, const struct counts *c);
void print_counts(const char *who, const struct counts *c, double seconds,
		  double slowest);
double now(void);

int serve(int argc, char **argv);
int show(int argc, char **argv);
int call(int argc, char **argv);

#endif

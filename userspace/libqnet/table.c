// SPDX-License-Identifier: LGPL-2.1-or-later
/* Tables of ids: see internal.h. */
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "internal.h"

struct table qnet_chans;
struct table qnet_sides;
struct table qnet_fds;

/*
 * Held while ids are made and ended, never while a message is sent.  So a fork()
 * finds each channel and connection in its slot or not at all.
 */
static pthread_mutex_t table_lock = PTHREAD_MUTEX_INITIALIZER;

/*
 * Whoever has the lock is neither cancelled nor interrupted: a handler may send,
 * and find itself the last one on a connection that is closing.
 */
void qnet_table_lock(struct calm *was)
{
	sigset_t all;

	sigfillset(&all);
	was->cancel = cancel_off();
	pthread_sigmask(SIG_SETMASK, &all, &was->mask);
	pthread_mutex_lock(&table_lock);
}

static void calm_end(const struct calm *was)
{
	pthread_sigmask(SIG_SETMASK, &was->mask, NULL);
	cancel_restore(&was->cancel);
}

void qnet_table_unlock(const struct calm *was)
{
	pthread_mutex_unlock(&table_lock);
	calm_end(was);
}

/* By mmap(), which may be called wherever fork() may. */
static struct slot *table_chunk(struct table *t, unsigned int id)
{
	struct slot *chunk;
	unsigned int i;

	chunk = atomic_load(&t->chunk[id >> CHUNK_SHIFT]);
	if (chunk)
		return chunk;
	chunk = mmap(NULL, CHUNK_SLOTS * sizeof(*chunk), PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (chunk == MAP_FAILED)
		return NULL;
	for (i = 0; i < CHUNK_SLOTS; i++)
		chunk[i].fd = chunk[i].aux_fd = -1;
	atomic_store(&t->chunk[id >> CHUNK_SHIFT], chunk);
	return chunk;
}

/* The slot of an id, made if need be; under the table lock. */
static struct slot *table_slot(struct table *t, unsigned int id)
{
	struct slot *chunk;

	if (id >= TABLE_SLOTS)
		return NULL;
	chunk = table_chunk(t, id);
	if (!chunk)
		return NULL;
	if (id >= atomic_load(&t->end))
		atomic_store(&t->end, id + 1);
	return &chunk[id & (CHUNK_SLOTS - 1)];
}

static bool slot_free(struct slot *s)
{
	return !(atomic_load(&s->state) & SLOT_STATES);
}

/**
 * qnet_slot_reserve() - take an id that the kernel chose; under the table lock
 * @t:  table
 * @id: id
 *
 * Return: 0; -EAGAIN; or -EBUSY: the kernel has given the number again while a
 * thread has yet to leave the socket that had it before.
 */
int qnet_slot_reserve(struct table *t, unsigned int id)
{
	struct slot *s = table_slot(t, id);

	if (!s || atomic_load(&s->state) & SLOT_LIVE)
		return -EAGAIN;
	if (!slot_free(s))
		return -EBUSY;
	atomic_fetch_or(&s->state, SLOT_BUSY);
	return 0;
}

/* Take the smallest free id: it, or -EAGAIN; under the table lock. */
int qnet_slot_reserve_any(struct table *t)
{
	struct slot *s;
	unsigned int id;

	for (id = t->hint; (s = table_slot(t, id)); id++)
		if (slot_free(s))
			break;
	if (!s)
		return -EAGAIN;
	atomic_fetch_or(&s->state, SLOT_BUSY);
	t->hint = id + 1;
	return (int)id;
}

/*
 * A descriptor is ours: the program may have had a connection with that number,
 * which it ended by close().
 */
void qnet_fd_forget(int fd)
{
	struct slot *s = slot_at(&qnet_fds, (unsigned int)fd);

	if (s)
		atomic_fetch_and(&s->state, ~SLOT_LIVE);
}

/* Make a reserved id good; under the table lock. */
void qnet_slot_install(struct table *t, unsigned int id, int fd,
		       unsigned int flags)
{
	struct slot *s = table_slot(t, id);

	qnet_fd_forget(fd);
	s->fd = fd;
	s->aux_fd = -1;
	s->flags = flags;
	atomic_fetch_xor(&s->state, SLOT_BUSY | SLOT_LIVE);
}

/* Give a reserved id back; under the table lock. */
static void slot_release(struct table *t, unsigned int id, struct slot *s)
{
	atomic_fetch_and(&s->state, ~SLOT_BUSY);
	if (id < t->hint)
		t->hint = id;
}

void qnet_slot_cancel(struct table *t, unsigned int id)
{
	slot_release(t, id, table_slot(t, id));
}

/*
 * Make a file descriptor known as a connection; under the table lock.  Its slot
 * may still speak of an earlier connection that the program ended with close().
 */
void qnet_slot_adopt(unsigned int fd, unsigned int nd, unsigned int flags)
{
	struct slot *s = table_slot(&qnet_fds, fd);

	if (!s)
		return;
	s->fd = (int)fd;
	s->nd = nd;
	s->flags = flags;
	atomic_fetch_or(&s->state, SLOT_LIVE);
}

static bool slot_of(struct table *t, struct slot *s, unsigned int *id)
{
	unsigned int i, n = atomic_load(&t->end);
	struct slot *chunk;

	for (i = 0; i << CHUNK_SHIFT < n; i++) {
		chunk = atomic_load(&t->chunk[i]);
		if (chunk && s >= chunk && s < chunk + CHUNK_SLOTS) {
			*id = (i << CHUNK_SHIFT) + (unsigned int)(s - chunk);
			return true;
		}
	}
	return false;
}

static void slot_forget(struct slot *s)
{
	unsigned int id;

	if (slot_of(&qnet_chans, s, &id))
		slot_release(&qnet_chans, id, s);
	else if (slot_of(&qnet_sides, s, &id))
		slot_release(&qnet_sides, id, s);
	else if (slot_of(&qnet_fds, s, &id))
		slot_release(&qnet_fds, id, s);
}

/**
 * qnet_slot_reap() - the last thread is out of a slot that was ended
 * @s: slot
 *
 * A thread that just found the id bad may have been counted for a moment and
 * think itself the last one too: the exchange lets one of them through.
 */
void qnet_slot_reap(struct slot *s)
{
	uint32_t closing = SLOT_CLOSING;
	int saved = errno;
	struct calm was;

	if (!atomic_compare_exchange_strong(&s->state, &closing, SLOT_BUSY))
		return;
	qnet_table_lock(&was);
	close(s->fd);
	if (s->aux_fd >= 0)
		close(s->aux_fd);
	s->fd = s->aux_fd = -1;
	slot_forget(s);
	qnet_table_unlock(&was);
	errno = saved;
}

/*
 * Other processes may hold a connection that is a file descriptor: shut it
 * down only to free threads of ours.
 */
static void slot_wake(struct table *t, struct slot *s)
{
	int saved = errno;

	if (t != &qnet_fds || atomic_load(&s->state) != (SLOT_CLOSING | 1))
		shutdown(s->fd, SHUT_RDWR);
	if (s->aux_fd >= 0)
		shutdown(s->aux_fd, SHUT_RDWR);
	errno = saved;
}

/**
 * qnet_slot_end() - end an id
 * @t:  table
 * @id: id
 *
 * Return: 0 or -EINVAL: the id was not good.
 */
int qnet_slot_end(struct table *t, unsigned int id)
{
	struct slot *s = slot_get(t, id);
	struct calm was;
	bool first;

	qnet_timeout_clear();
	if (!s)
		return -EINVAL;
	qnet_table_lock(&was);
	first = atomic_fetch_and(&s->state, ~SLOT_LIVE) & SLOT_LIVE;
	if (first)
		atomic_fetch_or(&s->state, SLOT_CLOSING);
	qnet_table_unlock(&was);
	if (first)
		slot_wake(t, s);
	slot_put(s);
	return first ? 0 : -EINVAL;
}

static void chunk_close(struct slot *chunk)
{
	unsigned int i;

	for (i = 0; i < CHUNK_SLOTS; i++) {
		if (chunk[i].fd >= 0 &&
		    atomic_load(&chunk[i].state) & SLOT_STATES)
			close(chunk[i].fd);
		if (chunk[i].aux_fd >= 0)
			close(chunk[i].aux_fd);
		chunk[i].fd = chunk[i].aux_fd = -1;
	}
}

/*
 * Forget all ids of a kind.  The slots themselves stay: fork() may have been
 * called from a signal handler, and the call it interrupted still holds one.
 */
static void table_reset(struct table *t)
{
	unsigned int i, n = atomic_load(&t->end);
	struct slot *chunk;

	for (i = 0; i << CHUNK_SHIFT < n; i++) {
		chunk = atomic_exchange(&t->chunk[i], NULL);
		if (chunk)
			chunk_close(chunk);
	}
	atomic_store(&t->end, 0);
	t->hint = 0;
}

/*
 * The parent's connection is none of the child's (EBADF), and the child's copy
 * would keep it open when the parent has ended.  What cannot be had is closed.
 * The number may be another file's by now, even in the table.
 */
static void fd_renew(int fd, const struct slot *was)
{
	if (!qnet_socket_is_ours(fd))
		return;
	if (!(atomic_load(&was->state) & SLOT_LIVE) ||
	    qnet_connect_renew(fd, was->nd))
		close(fd);
	else
		qnet_slot_adopt((unsigned int)fd, was->nd, was->flags);
}

static void fds_renew(void)
{
	unsigned int i, j, n = atomic_load(&qnet_fds.end);
	struct slot *chunk;

	for (i = 0; i << CHUNK_SHIFT < n; i++) {
		chunk = atomic_exchange(&qnet_fds.chunk[i], NULL);
		for (j = 0; chunk && j < CHUNK_SLOTS; j++) {
			if (atomic_load(&chunk[j].state) & SLOT_STATES &&
			    chunk[j].fd >= 0)
				fd_renew(chunk[j].fd, &chunk[j]);
			chunk[j].fd = -1;
		}
	}
}

/* Of the thread that forks; under the table lock. */
static struct calm fork_calm;

static void fork_prepare(void)
{
	struct calm was;

	qnet_table_lock(&was);
	fork_calm = was;
}

static void fork_parent(void)
{
	struct calm was = fork_calm;

	qnet_timeout_clear();
	qnet_table_unlock(&was);
}

/*
 * Channels and side channels are not inherited: the child closes its copies,
 * so that the end of the parent is noticed.  Of connections that are file
 * descriptors it gets its own.  No other thread is in the child.
 */
static void fork_child(void)
{
	int saved = errno;

	qnet_timeout_clear();
	pthread_mutex_init(&table_lock, NULL);
	table_reset(&qnet_chans);
	table_reset(&qnet_sides);
	fds_renew();
	calm_end(&fork_calm);
	errno = saved;
}

__attribute__((constructor)) static void table_init(void)
{
	pthread_atfork(fork_prepare, fork_parent, fork_child);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Inside of libqnet.
 *
 * Every id a program holds (chid, coid) is an index into a table of slots.  A
 * slot holds the socket behind the id and one atomic word that says whether
 * the id is good and how many threads are using the socket.  A thread that
 * wants the socket adds itself, looks whether the id was good, and takes
 * itself off again afterwards: no lock.  Whoever ends the id marks the slot,
 * shuts the socket down so that blocked threads leave, and the last one out
 * closes it.  Thus the number of a socket in use is never given to another
 * file.  Slots are never freed, so a pointer to one stays good.
 */
#ifndef _LIBQNET_INTERNAL_H
#define _LIBQNET_INTERNAL_H

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/ioctl.h>
#include <sys/neutrino.h>

#define likely(x)	__builtin_expect(!!(x), 1)
#define unlikely(x)	__builtin_expect(!!(x), 0)
#define noinline	__attribute__((noinline))

#define SLOT_LIVE	0x80000000U	/* the id is good */
#define SLOT_CLOSING	0x40000000U	/* it was; threads are still inside */
#define SLOT_BUSY	0x20000000U	/* it is being made or closed */
#define SLOT_STATES	(SLOT_LIVE | SLOT_CLOSING | SLOT_BUSY)

#define CHUNK_SHIFT	8
#define CHUNK_SLOTS	(1U << CHUNK_SHIFT)
#define TABLE_CHUNKS	4096U
#define TABLE_SLOTS	(TABLE_CHUNKS << CHUNK_SHIFT)

/**
 * struct slot - one id
 * @state:  SLOT_* and the number of threads inside
 * @fd:     the socket; stands while the slot is SLOT_LIVE or SLOT_CLOSING
 * @aux_fd: of a connection: a second socket to close with it, or -1
 * @nd:     of a connection that is a file descriptor: as it was asked for
 * @flags:  of a connection: _NTO_COF_*; of a channel: _NTO_CHF_FIXED_PRIORITY
 */
struct slot {
	_Atomic uint32_t state;
	int fd;
	int aux_fd;
	unsigned int nd;
	unsigned int flags;
};

/**
 * struct table - ids of one kind
 * @chunk: slots by id; filled in as needed, never emptied
 * @end:   no id from here on was ever used
 * @hint:  no id below is free; under the table lock
 */
struct table {
	_Atomic(struct slot *) chunk[TABLE_CHUNKS];
	_Atomic unsigned int end;
	unsigned int hint;
};

extern struct table qnet_chans;	/* by chid */
extern struct table qnet_sides;	/* by coid without _NTO_SIDE_CHANNEL */
extern struct table qnet_fds;	/* by file descriptor */

/* Whether, and when, a thread can be cancelled */
struct cancel {
	int state;
	int type;
};

/**
 * struct calm - what a thread was before it wanted nothing to come between
 * @mask:   signals that were blocked
 * @cancel: whether it could be cancelled
 */
struct calm {
	sigset_t mask;
	struct cancel cancel;
};

void qnet_table_lock(struct calm *was);
void qnet_table_unlock(const struct calm *was);

int qnet_slot_reserve(struct table *t, unsigned int id);
int qnet_slot_reserve_any(struct table *t);
void qnet_fd_forget(int fd);
void qnet_slot_install(struct table *t, unsigned int id, int fd,
		       unsigned int flags);
void qnet_slot_cancel(struct table *t, unsigned int id);
void qnet_slot_adopt(unsigned int fd, unsigned int nd, unsigned int flags);
int qnet_slot_end(struct table *t, unsigned int id);
void qnet_slot_reap(struct slot *s);

/*
 * In the handler of a signal that has interrupted a call the thread may be one that
 * is cancelled at any moment; there are C libraries that look at this alone.
 */
static inline struct cancel cancel_off(void)
{
	struct cancel was;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &was.state);
	pthread_setcanceltype(PTHREAD_CANCEL_DEFERRED, &was.type);
	return was;
}

static inline void cancel_restore(const struct cancel *was)
{
	pthread_setcanceltype(was->type, NULL);
	pthread_setcancelstate(was->state, NULL);
}

/*
 * Up to the end of the block the thread is not cancelled.  Wherever something is
 * held that only the next lines let go, and close(), connect() and the like are
 * called: these are cancellation points of the C library.
 */
#define CANCEL_OFF(name) \
	struct cancel name __attribute__((cleanup(cancel_restore), unused)) = \
		cancel_off()

/* Take a thread off a slot. */
static inline void slot_put(struct slot *s)
{
	uint32_t was;

	was = atomic_fetch_sub_explicit(&s->state, 1, memory_order_acq_rel);
	if (unlikely(was == (SLOT_CLOSING | 1)))
		qnet_slot_reap(s);
}

/* For __attribute__((cleanup)): also when the thread is cancelled. */
static inline void slot_put_cleanup(struct slot **s)
{
	if (*s)
		slot_put(*s);
}

#define SLOT_GUARD(name) \
	struct slot *name __attribute__((cleanup(slot_put_cleanup))) = NULL

/* The slot of an id, or NULL if there never was one. */
static inline struct slot *slot_at(struct table *t, unsigned int id)
{
	struct slot *chunk;

	if (unlikely(id >= TABLE_SLOTS))
		return NULL;
	chunk = atomic_load_explicit(&t->chunk[id >> CHUNK_SHIFT],
				     memory_order_acquire);
	return likely(chunk) ? &chunk[id & (CHUNK_SLOTS - 1)] : NULL;
}

/* Put a thread on the slot of an id; NULL if the id is not good. */
static inline struct slot *slot_get(struct table *t, unsigned int id)
{
	struct slot *s = slot_at(t, id);

	if (unlikely(!s))
		return NULL;
	if (likely(atomic_fetch_add_explicit(&s->state, 1,
					     memory_order_acquire) & SLOT_LIVE))
		return s;
	slot_put(s);
	return NULL;
}

static inline bool slot_live(struct slot *s)
{
	return atomic_load_explicit(&s->state, memory_order_acquire) &
	       SLOT_LIVE;
}

/**
 * struct timeout - what TimerTimeout() has armed for a thread's next call
 * @states:   _NTO_TIMEOUT_*; 0: nothing.  And THREAD_NEW: this is the first call
 * @absolute: @ns is a time of CLOCK_MONOTONIC
 * @ns:       when it is over
 * @end:      the same, once the call is made, as a time of CLOCK_MONOTONIC
 * @otime:    what is left of it then, or NULL
 */
struct timeout {
	int states;
	bool absolute;
	uint64_t ns;
	uint64_t end;
	_Uint64t *otime;
};

#define THREAD_NEW	1

extern __thread struct timeout qnet_timeout
	__attribute__((tls_model("initial-exec"), visibility("hidden")));

void qnet_timeout_take(int states, uint32_t *flags, __u64 *ns);
void qnet_timeout_done(void);
void qnet_timeout_drop(void);
void qnet_thread_begin(void);
void qnet_thread_watch(void);

/* A call that has no use for a timeout uses it up. */
static inline void qnet_timeout_clear(void)
{
	if (unlikely(qnet_timeout.states))
		qnet_timeout_drop();
}

/**
 * struct prio - the priority at which a thread works
 * @like: the client's for which it need not be changed, nor looked at
 * @at:   that of a client, which it has now; 0: its own
 * @own:  its own
 * @may:  that own priority to which it was seen to be let rise
 */
struct prio {
	int like;
	int at;
	int own;
	int may;
};

extern __thread struct prio qnet_prio
	__attribute__((tls_model("initial-exec"), visibility("hidden")));

void qnet_prio_lend(int prio);
void qnet_prio_back(void);

/* ioctl() that returns -errno and leaves errno alone. */
static inline int qnet_ioctl(int fd, unsigned long cmd, void *arg)
{
	int saved = errno;
	int ret;

	qnet_timeout_clear();
	ret = ioctl(fd, cmd, arg);

	if (unlikely(ret < 0)) {
		ret = -errno;
		errno = saved;
	}
	return ret;
}

/* The plain form of a call from its _r form. */
static inline long qnet_ret(long ret)
{
	if (likely(ret >= 0))
		return ret;
	errno = (int)-ret;
	return -1;
}

int qnet_ioctl_cancel(int fd, unsigned long cmd, void *arg);

int qnet_socket(void);
int qnet_socket_is_ours(int fd);
bool qnet_socket_is_coid(int fd);
int qnet_node_ioctl(unsigned long cmd, void *arg);

struct slot *qnet_any_channel(void);
int qnet_rcvid_ioctl(unsigned long cmd, void *arg);
void qnet_last_channel(int chid);

int qnet_connect(int fd, unsigned int nd, pid_t pid, int chid, int coid);
int qnet_connect_renew(int fd, unsigned int nd);
int qnet_side_attach(unsigned int nd, pid_t pid, int chid, int flags);
int qnet_coid_get(int coid, struct slot **s);

void qnet_buf_set(struct qnet_buf *b, const void *base, size_t len);
void qnet_info_set(struct _msg_info *to, const struct qnet_msg_info *from);

int qnet_strtond(const char *name, const char **end);

int qnet_signal_here(pid_t pid, int tid, int signo, int code, __u64 value);

#endif /* _LIBQNET_INTERNAL_H */

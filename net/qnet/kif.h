/* SPDX-License-Identifier: GPL-2.0-only */
/* Floor 4: KIF packets to transactions and back. */
#ifndef _QNET_KIF_H
#define _QNET_KIF_H

struct qnet_piece;
struct qnet_user;

/* Message bytes that go with MSGSEND; most bytes of one read or write. */
#define QNET_KIF_EAGER		8192
#define QNET_KIF_CHUNK		65536
/* Circuits that are ended at one time when a node is lost, or a link. */
#define QNET_KIF_ENDS		512
/* Memory of writes that a client's node may be holding for its thread. */
#define QNET_KIF_AHEAD		(1024U * 1024)

/**
 * qnet_kif_call() - send a message to another node
 * @m: with qnet_msg.vc a client's end
 *
 * Process context.  Return: 0: @m will be finished; -EBADF, -EINTR, -ENOMEM.
 */
int qnet_kif_call(struct qnet_msg *m);

/**
 * qnet_kif_abandon() - a client leaves its call
 * @m: a synchronous one, of the calling thread
 *
 * The server's node is told, as far as it can be: nobody waits for its answer.
 *
 * Return: false: the end is under way.
 */
bool qnet_kif_abandon(struct qnet_msg *m);

/**
 * qnet_kif_unblock() - a client wants out of its call
 * @m: a synchronous one, of the calling thread, with qnet_msg.unblock set
 *
 * The server's node is asked, unless the message still waits here for its
 * circuit to open.  Process context.
 *
 * Return: true: it is out; false: the answer, or the node's death, ends the call.
 */
bool qnet_kif_unblock(struct qnet_msg *m);

int qnet_kif_pulse(struct qnet_vc *vc, u8 prio, s8 code, u64 value, gfp_t gfp);

/* A structure without data.  Return: see qnet_node_send(). */
int qnet_kif_send(struct qnet_node *node, u32 flow, const struct qnet_kif *k);
/* The same if somebody waits for it: if it cannot go, it was the last. */
void qnet_kif_must_send(struct qnet_node *node, u32 flow,
			const struct qnet_kif *k);

/**
 * qnet_kif_close() - the client's end of a circuit goes
 * @vc: off the tables
 * @tell: the server's node must hear
 */
void qnet_kif_close(struct qnet_vc *vc, bool tell);
/**
 * qnet_kif_drop_server() - the server's end of a circuit goes
 * @vc: off the tables; its messages vanish, the server hears, readers leave
 * @tell: the client's node must hear, too
 */
void qnet_kif_drop_server(struct qnet_vc *vc, bool tell);

/**
 * qnet_kif_end() - end a circuit with another node from within
 * @vc: either end; its socket stays, dead
 * @err: -errno for callers that wait here
 * @tell: the other end must hear
 */
void qnet_kif_end(struct qnet_vc *vc, int err, bool tell);

/* Gives memory of kvmalloc() back, for struct qnet_l4_pkt. */
void qnet_kif_free_data(void *data);

/**
 * qnet_kif_read() - fetch bytes of a client's message from its node
 * @m: server's end of the call
 * @off: offset in the message
 * @len: bytes, cut to the message by the caller
 * @to: where they go
 * @timeo: jiffies it may take; out: what is left of them
 *
 * Return: bytes copied, fewer when @timeo is over; -ESRCH the client is gone,
 * -EFAULT its memory is bad, -EINTR, -ENOMEM, -QNET_ESRVRFAULT @to is bad.
 */
ssize_t qnet_kif_read(struct qnet_msg *m, u64 off, size_t len,
		      struct iov_iter *to, long *timeo);

/**
 * qnet_kif_give() - send bytes of a message that another node's server wants
 * @m: client's end of the call
 * @p: which ones, and who wants them
 * @from: the message; NULL: the client brings nothing any more
 *
 * Process context if @from is given.
 */
void qnet_kif_give(struct qnet_msg *m, const struct qnet_piece *p,
		   const struct qnet_user *from);

/**
 * qnet_kif_write() - put bytes into a client's reply area
 * @m: server's end of the call
 * @off: offset in the reply area
 * @len: bytes, cut to it by the caller
 * @from: where they come from
 * @timeo: jiffies it may take; out: what is left of them
 *
 * Now and then waits until the client's thread has taken what was sent.
 *
 * Return: bytes taken; -ESRCH the client is gone, -EFAULT its memory is bad,
 * -EINTR, -ENOMEM, -ENOBUFS, -ETIMEDOUT its node or its thread does not answer, or
 * @timeo is over, -QNET_ESRVRFAULT @from is bad.
 */
ssize_t qnet_kif_write(struct qnet_msg *m, u64 off, size_t len,
		       struct iov_iter *from, long *timeo);

/**
 * qnet_kif_reply() - end a call from another node
 * @m: server's end, taken by the caller
 * @status: of the reply
 * @err: 0, errno > 0, QNET_EUNBLOCK
 * @data: reply; if it is longer than QNET_MSG_INLINE from kvmalloc(), and taken
 *        over unless it did not go
 * @len: its bytes, at most QNET_KIF_CHUNK
 *
 * Return: 0; -ENOMEM, -ENOBUFS: it did not go.
 */
int qnet_kif_reply(struct qnet_msg *m, s64 status, int err, void *data,
		   u32 len);

/* Message bytes that go to a node in one packet, at most. */
u32 qnet_kif_chunk(const struct qnet_node *node);

/* A pulse that waits in qnet_vc.pending and will not be sent. */
void qnet_kif_free_pulse(struct qnet_out *o);

extern const struct qnet_node_ops qnet_kif_node_ops;

/**
 * qnet_kif_admit() - who is a client of another node here?
 * @node: its node
 * @cred: ids as the node says; out: here
 * @vc:   it opens a circuit
 *
 * Return: 0, -EPERM he is not let in, -EAGAIN the node opens too many circuits.
 */
int qnet_kif_admit(struct qnet_node *node, struct qnet_kcred *cred, bool vc);

#endif /* _QNET_KIF_H */

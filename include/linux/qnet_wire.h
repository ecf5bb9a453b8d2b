/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The LWL4 wire format of Qnet (EtherType 0x8204), as host-order structs and
 * the functions that parse and build them (net/qnet/wire.c).  Pure functions
 * of bytes: no allocation, no locks, no skb.  They compile in user space too,
 * for unit tests and fuzzers.
 *
 * Receiving works for both byte orders; sending is little endian always.
 */
#ifndef _LINUX_QNET_WIRE_H
#define _LINUX_QNET_WIRE_H

#include <linux/types.h>

#define QNET_ETHERTYPE		0x8204
#define QNET_PAD		2	/* between the EtherType and the header */
#define QNET_HDR_LEN		36
#define QNET_TCS_HDR_LEN	8
#define QNET_LR_HDR_LEN		56
#define QNET_PKT_MAX		(1024U * 1024)	/* offset + length of a fragment */

enum qnet_type {
	QNET_T_USER_DATA	= 0,
	QNET_T_TCS_INIT		= 1,
	QNET_T_TCS_REM_UP	= 2,
	QNET_T_TCS_UP		= 3,
	QNET_T_TCS_DOWN		= 4,
	QNET_T_TCS_REM_DOWN	= 5,
	QNET_T_USER		= 8,
	QNET_T_ACK		= 9,
	QNET_T_NACK		= 10,
	QNET_T_LRES		= 11,
};

#define QNET_F_FIRST		0x01
#define QNET_F_LAST		0x02
#define QNET_F_CRC		0x04

enum qnet_layer {
	QNET_L_KIF	= 0,
	QNET_L_NR	= 1,
	QNET_L_LR	= 2,
	QNET_L_SEQ	= 3,
	QNET_L_WATCH	= 0x51,		/* private: circuit integrity */
	QNET_L_NAME	= 0x52,		/* private: names of services */
};

/* What a packet asks of the ways to its node; there is another, "redundant", and
 * who does not know one takes any way.
 */
#define QNET_QOS_T_LOADBALANCE	0
#define QNET_QOS_T_EXCLUSIVE	2
#define QNET_QOS_T_PREFERRED	3

/* Why bytes were refused.  The order is that of the counters in mib.h. */
enum qnet_bad {
	QNET_BAD_NONE = 0,
	QNET_BAD_SHORT,		/* no room for pad and header */
	QNET_BAD_VERSION,	/* version byte is neither 0x2a nor 0xaa */
	QNET_BAD_LENGTH,	/* length goes beyond the frame */
	QNET_BAD_OFFSET,	/* offset + length beyond QNET_PKT_MAX, or flags contradict */
	QNET_BAD_TYPE,		/* unknown LWL4 type */
	QNET_BAD_LAYER,		/* unknown layer, or one that does not go with the type */
	QNET_BAD_CRC,
	QNET_BAD_TCS,		/* TCS_INIT strings */
	QNET_BAD_LR,		/* LAN resolver header, items or type */
	QNET_BAD_NR,		/* node resolver */
	QNET_BAD_KIF_TYPE,	/* unknown KIF type */
	QNET_BAD_KIF_SHORT,	/* structure shorter than its type needs */
	QNET_BAD_KIF_SIZE,	/* size field contradicts type, flags or bytes */
	QNET_BAD_KIF_DATA,	/* nbytes is not what follows */
	QNET_BAD_CRED,		/* credentials: count or room */
	QNET_BAD_NAME,		/* private name layer */
	QNET_BAD_WATCH,		/* packet of the watchdogs */
	QNET_BAD_MAX
};

/**
 * struct qnet_hdr - the LWL4 header in host order
 * @big:    sender is big endian (everything behind the header is, too)
 * @type:   enum qnet_type
 * @flags:  QNET_F_*
 * @layer:  enum qnet_layer
 * @src_nd: the sender's number for the destination
 * @dst_nd: the destination's number for the sender, 0 = not known
 * @sconn:  the sender's id of the connection
 * @dconn:  the destination's id of it, 0 = not known
 * @seq:    number of the packet in its connection, one for all its fragments
 * @qos:    what the sender asks of the ways for this packet, QNET_QOS_T_*; between
 *          two of ours the high byte is part of an acknowledgment, see l4.h
 * @qidx:   index of the sender's link, 0; between two of ours see l4.h
 * @offset: of this fragment in its packet; ACK: size of the packet acked;
 *          NACK: the first byte missing
 * @length: payload bytes of this frame, all of them in the frame; always 0 in
 *          a parsed NACK, which has none whatever its length field says
 * @hole:   parse, NACK: its length field: bytes missing, 0 = not told
 * @crc:    as sent, 0 without QNET_F_CRC
 */
struct qnet_hdr {
	bool	big;
	u8	type;
	u8	flags;
	u8	layer;
	u16	src_nd;
	u16	dst_nd;
	u32	sconn;
	u32	dconn;
	u32	seq;
	u16	qos;
	u16	qidx;
	u32	offset;
	u32	length;
	u32	hole;
	u32	crc;
};

/**
 * qnet_hdr_parse() - read and check a header
 * @h: result
 * @p: the first byte behind the two pad bytes
 * @avail: bytes from @p to the end of the frame, Ethernet padding included
 *
 * Only the fragments of USER packets may carry FIRST and LAST apart from each
 * other; FIRST goes with offset 0 and with no other.  Any layer does for TCS
 * packets; ACK and NACK have layer 0, LRES has QNET_L_LR.
 *
 * Return: enum qnet_bad; the CRC is not checked here.
 */
int qnet_hdr_parse(struct qnet_hdr *h, const u8 *p, u32 avail);

/**
 * qnet_hdr_build() - write a little-endian header, with @h->crc as given
 * @p: room for QNET_HDR_LEN bytes
 * @h: what to write; @h->big is ignored
 */
void qnet_hdr_build(u8 *p, const struct qnet_hdr *h);

/* CRC as the format has it: seed 0 over 32 header bytes, 4 zeros, payload. */

/**
 * qnet_crc_hdr() - CRC of a header, its crc field taken as zero
 * @hdr: QNET_HDR_LEN bytes
 *
 * Return: the CRC to go on with.
 */
u32 qnet_crc_hdr(const u8 *hdr);

/**
 * qnet_crc_add() - take payload into a CRC
 * @crc: so far
 * @p:   bytes
 * @len: how many, struct qnet_hdr.length of them in all
 *
 * Return: the CRC, in host order, as struct qnet_hdr has it.
 */
u32 qnet_crc_add(u32 crc, const u8 *p, u32 len);

/**
 * qnet_crc_set() - store a CRC in a built header
 * @hdr: QNET_HDR_LEN bytes
 * @crc: of header and payload
 */
void qnet_crc_set(u8 *hdr, u32 crc);

/**
 * qnet_crc_check() - is a frame to be believed?
 * @h: its header
 * @crc: of its bytes; of no account if the frame carries none
 * @must: the sender is known to fill it in
 *
 * Return: QNET_BAD_NONE or QNET_BAD_CRC.
 */
int qnet_crc_check(const struct qnet_hdr *h, u32 crc, bool must);

/* ------------------------------------------------------------------- TCS */

/* What our nodes append to the strings of TCS_INIT. */
#define QNET_CAP_NAMES		0x0001	/* layer QNET_L_NAME */
#define QNET_CAP_WATCH		0x0002	/* layer QNET_L_WATCH */
#define QNET_CAP_ACKS		0x0004	/* cumulative, delayed acks */
#define QNET_CAP_CONN_SEND	0x0008	/* CONNECT and MSGSEND in one */
#define QNET_CAP_EVENTS		0x0010	/* EVENT by circuit, SIGNAL answered */

/**
 * struct qnet_tcs - names in a TCS_INIT
 * @src:     name of the sender
 * @src_dom: its domain
 * @dst:     name of the node it wants
 * @dst_dom: its domain
 * @caps:    QNET_CAP_* of the sender, 0 = plain LWL4 peer
 * @boot_id: of the sender, all zero for a plain peer
 *
 * Strings point into the packet and end with a NUL there.
 */
struct qnet_tcs {
	const char *src;
	const char *src_dom;
	const char *dst;
	const char *dst_dom;
	u32	caps;
	u8	boot_id[16];
};

/**
 * qnet_tcs_parse() - read a TCS_INIT payload
 * @t:   result, points into @p
 * @p:   payload
 * @len: of @p
 * @big: byte order of the packet
 *
 * A tail that is missing, unknown or cut means a plain peer, not an error.
 *
 * Return: QNET_BAD_NONE or QNET_BAD_TCS.
 */
int qnet_tcs_parse(struct qnet_tcs *t, const u8 *p, u32 len, bool big);

/**
 * qnet_tcs_build() - write a TCS_INIT payload
 * @p:    where to
 * @room: bytes at @p
 * @t:    what to write; the capability tail is always put
 *
 * Return: bytes written, 0 if @room is too small.
 */
u32 qnet_tcs_build(u8 *p, u32 room, const struct qnet_tcs *t);

/* -------------------------------------------------------------------- LR */

#define QNET_LR_REQUEST		1
#define QNET_LR_REPLY		2

/**
 * struct qnet_lr - a LAN resolver packet
 * @type:        QNET_LR_REQUEST or QNET_LR_REPLY
 * @src:         name of the sender
 * @src_dom:     its domain
 * @dst:         request: name looked for, reply: name of the asker
 * @dst_dom:     its domain
 * @src_len:     bytes of @src
 * @src_dom_len: bytes of @src_dom
 * @dst_len:     bytes of @dst
 * @dst_dom_len: bytes of @dst_dom
 * @src_mac:     address of the sender
 * @dst_mac:     reply: address of the asker
 *
 * Names point into the packet and have no NUL in them; absent ones have length
 * 0.  MACs point to 6 bytes, or are NULL if absent or of another family.
 */
struct qnet_lr {
	u8	type;
	const char *src, *src_dom, *dst, *dst_dom;
	u32	src_len, src_dom_len, dst_len, dst_dom_len;
	const u8 *src_mac, *dst_mac;
};

/**
 * qnet_lr_parse() - read a LAN resolver packet
 * @r:   result, points into @p
 * @p:   payload
 * @len: of @p
 * @big: byte order of the packet
 *
 * Return: QNET_BAD_NONE or QNET_BAD_LR.
 */
int qnet_lr_parse(struct qnet_lr *r, const u8 *p, u32 len, bool big);

/**
 * qnet_lr_build() - write a LAN resolver packet
 * @p:    where to
 * @room: bytes at @p
 * @r:    what to write; names need no NUL
 *
 * Return: bytes written, 0 if @room is too small.
 */
u32 qnet_lr_build(u8 *p, u32 room, const struct qnet_lr *r);

/* -------------------------------------------------------------------- NR */

enum qnet_nr_type {
	QNET_NR_PING	= 0,
	QNET_NR_PONG	= 1,
	QNET_NR_ASK	= 2,	/* which nd do you use for name */
	QNET_NR_ANSWER	= 3,
	QNET_NR_ERROR	= 4,
};

/**
 * struct qnet_nr - a node resolver packet
 * @type:     enum qnet_nr_type
 * @id:       tells which ASK an ANSWER or ERROR belongs to
 * @nd:       ANSWER: the number; ERROR: QNX errno
 * @name:     ASK: "node.domain"
 * @name_len: bytes of @name without NUL, 1..254
 */
struct qnet_nr {
	u8	type;
	u16	id;
	u32	nd;
	const char *name;
	u32	name_len;
};

/**
 * qnet_nr_parse() - read a node resolver packet
 * @n:   result; only the fields of its type are set; @n->name points into @p
 * @p:   payload
 * @len: of @p
 * @big: byte order of the packet
 *
 * Return: QNET_BAD_NONE or QNET_BAD_NR.
 */
int qnet_nr_parse(struct qnet_nr *n, const u8 *p, u32 len, bool big);

/**
 * qnet_nr_build() - write a node resolver packet
 * @p:    where to
 * @room: bytes at @p
 * @n:    what to write; @n->name needs no NUL
 *
 * Return: bytes written, 0 if @room is too small or @n is not valid.
 */
u32 qnet_nr_build(u8 *p, u32 room, const struct qnet_nr *n);

/* ------------------------------------------------------------------- KIF */

enum qnet_kif_type {
	QNET_K_CONNECT		= 0,
	QNET_K_CONNECT_MSGSEND	= 1,
	QNET_K_CONNECT_SUCCESS	= 2,
	QNET_K_CONNECT_FAIL	= 3,
	QNET_K_UNBLOCK		= 4,
	QNET_K_MSGSEND		= 5,
	QNET_K_MSGREAD		= 6,
	QNET_K_MSGREAD_XFER	= 7,
	QNET_K_MSGWRITE		= 8,
	QNET_K_MSGREPLY		= 9,
	QNET_K_MSGERROR		= 10,
	QNET_K_EVENT		= 11,
	QNET_K_PULSE		= 12,
	QNET_K_SIGNAL		= 13,
	QNET_K_DISCONNECT	= 14,
	QNET_K_CONNECT_DEATH	= 15,
	QNET_K_MSGREAD_ERROR	= 16,
	QNET_K_CONNECT_PULSE	= 17,
};

#define QNET_K_CRED_GROUPS	8

/* In the unused offset of a MSGERROR with EINTR, to one of ours: the client gets
 * the error that it would have left with, which is ETIMEDOUT after a timeout.
 */
#define QNET_K_UNBLOCKED	1

/* EVENT: what notify says.  To a peer with QNET_CAP_EVENTS the client_handle is
 * the client_id of the circuit, and from this bit on stands the client's thread,
 * 0 = none in particular.
 */
#define QNET_K_EVENT_KIND	0xff
#define QNET_K_EVENT_TID_SHIFT	10
#define QNET_K_EVENT_TID_MAX	0x3fffff

/* SIGNAL to a peer with QNET_CAP_EVENTS: the client_handle is the number of a
 * question, and MSGREPLY or MSGERROR with it the answer.  They are beyond the
 * handles of calls and the client_ids.
 */
#define QNET_K_QUESTION_MIN	0x60000000
#define QNET_K_CALL_MAX		0x3fffffff

struct qnet_kcred {
	u32	nd;
	s32	pid, sid;
	u32	flags;
	u32	ruid, euid, suid, rgid, egid, sgid;
	u32	ngroups;
	u32	groups[QNET_K_CRED_GROUPS];
};

struct qnet_vinfo {
	s32	tid, coid, prio;
	u32	srcmsglen, keydata, srcnd, dstmsglen;
};

/**
 * struct qnet_kif - one KIF structure in host order
 * @type:    enum qnet_kif_type
 * @big:    byte order; the caller of qnet_kif_parse() may keep it here
 * @has_cred: credentials came along (CONNECT, CONNECT_MSGSEND, CONNECT_PULSE,
 *           PULSE, SIGNAL; a MSGSEND may have them, we never send it so)
 * @hlen:    parse: bytes of the structure with credentials, message data
 *           begins there; for CONNECT_MSGSEND the inner MSGSEND begins there
 *           and is parsed by a second call
 * @nbytes:  message data behind the structure (MSGSEND, MSGREAD_XFER, MSGWRITE,
 *           MSGREPLY, MSGERROR, MSGREAD_ERROR); MSGREAD: bytes wanted;
 *           CONNECT_SUCCESS: the most message bytes to put in one MSGSEND
 * @version: of the protocol (CONNECT, CONNECT_SUCCESS, CONNECT_FAIL)
 * @server_pid:  CONNECT: the process wanted
 * @server_chid: CONNECT: its channel
 * @client_id:   CONNECT, SUCCESS, FAIL, DEATH
 * @client_pid:  CONNECT
 * @server_id:   SUCCESS, UNBLOCK, MSGSEND, PULSE, DISCONNECT
 * @scoid:   SUCCESS; also in a pulse
 * @handle:  client_handle, but msgread_handle in MSGREAD_XFER and
 *           MSGREAD_ERROR
 * @rd_handle: MSGREAD, which has both: the server's
 * @status:  FAIL, REPLY, ERROR, READ_ERROR: as on the wire, Linux numbering is
 *           the caller's business
 * @offset:  MSGREAD, MSGREAD_XFER, MSGWRITE, MSGREPLY, MSGERROR, MSGREAD_ERROR;
 *           MSGERROR: 0, or QNET_K_UNBLOCKED
 * @tid:     UNBLOCK, SIGNAL
 * @vinfo:   MSGSEND, PULSE: who sends
 * @code:    PULSE, -128..127; SIGNAL
 * @value:   PULSE, SIGNAL
 * @prio:    PULSE
 * @pid:     SIGNAL: target, < 0 = process group
 * @signo:   SIGNAL, QNX number
 * @notify:  EVENT
 * @union1:  EVENT
 * @evalue:  EVENT
 * @ecode:   EVENT
 * @eprio:   EVENT
 * @cred:    set if @has_cred
 */
struct qnet_kif {
	u8	type;
	bool	has_cred;
	bool	big;
	u32	hlen;
	u32	nbytes;
	s32	version;
	s32	server_pid, server_chid;
	s32	client_id, client_pid;
	s32	server_id;
	s32	scoid;
	s32	handle, rd_handle;
	s32	status;
	u32	offset;
	s32	tid;
	struct qnet_vinfo vinfo;
	s32	code, value, prio;
	s32	pid, signo;
	u32	notify, union1, evalue;
	s16	ecode, eprio;
	struct qnet_kcred cred;
};

/* The longest structure: CONNECT + credentials + MSGSEND. */
#define QNET_KIF_MAX		(24 + 76 + 48)

/**
 * qnet_kif_parse() - read one KIF structure
 * @k: result; only the fields of its type are set
 * @p: the bytes, linear at least for the structure
 * @lin: bytes readable at @p
 * @len: bytes of the whole packet from @p on, >= @lin
 * @big: byte order of the packet
 *
 * CONNECT_SUCCESS: the two ids stand in @client_id and @server_id in the order
 * of the structure text (client_id first); see qnet_kif_success_id().
 *
 * The structure must be as long as its type and credentials make it, and
 * @k->nbytes must be all that follows it; types without data must end the
 * packet.  Of offsets it is only certain that offset + nbytes fits 32 bits.
 *
 * A MSGSEND may carry credentials before its data or behind it.  Those behind
 * must lie within @lin, too, or the packet is refused with QNET_BAD_CRED.
 *
 * CONNECT_PULSE is read as a CONNECT; what may follow @k->hlen is not known.
 *
 * Return: enum qnet_bad.
 */
int qnet_kif_parse(struct qnet_kif *k, const u8 *p, u32 lin, u32 len, bool big);

/**
 * qnet_kif_success_id() - which id of a CONNECT_SUCCESS is the server's
 * @k:    a parsed CONNECT_SUCCESS
 * @want: the client_id it answers, one of its two ids
 *
 * The two descriptions of this structure contradict each other about the order
 * of the ids, so the server's is the one that is not ours.
 *
 * Return: the server_id.
 */
s32 qnet_kif_success_id(const struct qnet_kif *k, s32 want);

/**
 * qnet_kif_build() - write one KIF structure, without message data
 * @p:    where to
 * @room: bytes at @p
 * @k:    what to write; @k->hlen is ignored
 *
 * For CONNECT_MSGSEND this is the CONNECT block with its credentials; a second
 * call puts the MSGSEND behind it.
 *
 * Return: bytes written, 0 if @room is too small or @k is not valid.
 */
u32 qnet_kif_build(u8 *p, u32 room, const struct qnet_kif *k);

/**
 * qnet_kif_trailer() - zeros to put behind a short message
 * @data: the first bytes of the message
 * @nbytes: message bytes, all of which are in this one frame
 *
 * The stock dissector reads a MSGSEND of 0 or 1 byte, or one whose first word
 * looks like an IO message, as far as the largest IO message goes.
 *
 * Return: zero bytes wanted behind the packet, outside its length.
 */
u32 qnet_kif_trailer(const u8 *data, u32 nbytes);

/* Errno on the wire is QNX's.  Unknown numbers become EIO, 5, either way. */

/**
 * qnet_errno_to_wire() - QNX number of an error
 * @linux_errno: > 0; may be QNET_ENOREMOTE, QNET_ESRVRFAULT, QNET_EENDIAN
 *
 * Return: > 0.
 */
int qnet_errno_to_wire(int linux_errno);

/**
 * qnet_errno_from_wire() - Linux number of an error
 * @qnx_errno: as the peer sent it, any number
 *
 * Return: > 0.
 */
int qnet_errno_from_wire(int qnx_errno);

/* Signals on the wire have QNX's numbers.  Those that QNX has not are 256 and
 * more there, and mean something to our own peers only.
 */

/**
 * qnet_signo_to_wire() - QNX number of a signal
 * @signo: 1 to 64
 *
 * Return: > 0; 0 for any other @signo.
 */
int qnet_signo_to_wire(int signo);

/**
 * qnet_signo_from_wire() - Linux number of a signal
 * @qnx_signo: as the peer sent it, any number
 *
 * Return: 1 to 64; 0 if Linux has none for it.
 */
int qnet_signo_from_wire(int qnx_signo);

/* ------------------------------------------------- private layer 0x52: names */

#define QNET_NM_LOOKUP		1
#define QNET_NM_FOUND		2
#define QNET_NM_ERROR		3

/**
 * struct qnet_nm - a question about a name, or its answer
 * @op:       QNET_NM_*
 * @id:       answers carry the question's
 * @pid:      FOUND
 * @chid:     FOUND
 * @status:   ERROR: QNX errno
 * @name:     LOOKUP
 * @name_len: bytes of @name, without NUL, 1..255
 */
struct qnet_nm {
	u8	op;
	u32	id;
	s32	pid, chid;
	s32	status;
	const char *name;
	u32	name_len;
};

/**
 * qnet_nm_parse() - read a question or an answer about names
 * @n:   result; only the fields of its op are set; @n->name points into @p
 * @p:   payload
 * @len: of @p
 * @big: byte order of the packet
 *
 * Return: QNET_BAD_NONE or QNET_BAD_NAME.
 */
int qnet_nm_parse(struct qnet_nm *n, const u8 *p, u32 len, bool big);

/**
 * qnet_nm_build() - write a question or an answer about names
 * @p:    where to
 * @room: bytes at @p
 * @n:    what to write; @n->name needs no NUL
 *
 * Return: bytes written, 0 if @room is too small or @n is not valid.
 */
u32 qnet_nm_build(u8 *p, u32 room, const struct qnet_nm *n);

/* --------------------------------- private layer 0x51: integrity of circuits */

#define QNET_WATCH_POLL		1	/* do you have these circuits? */
#define QNET_WATCH_STATUS	2	/* the same, and what the answerer has */
#define QNET_WATCH_SET		4	/* that is what I have, all in all */
#define QNET_WATCH_SET_ANSWER	5	/* and that is what I have */
#define QNET_WATCH_PARTS	6	/* the same, in parts */

#define QNET_WATCH_VCS		60	/* circuits in a packet, at most */
#define QNET_WATCH_NPARTS	128	/* of a set, see qnet_watch_part() */

/* One of two sets of circuits that a node has with another. */
enum qnet_watch_side {
	QNET_WATCH_MINE,	/* the sender's processes are the clients */
	QNET_WATCH_THEIRS,	/* the receiver's are */
	QNET_WATCH_SIDES,
};

/**
 * struct qnet_watch - a packet of the watchdogs
 * @op:    QNET_WATCH_*
 * @count: POLL, STATUS: circuits that follow, 1 to QNET_WATCH_VCS
 * @id:    POLL, SET: any; STATUS, SET_ANSWER: of the question
 * @n:     SET, SET_ANSWER: circuits in each set, by enum qnet_watch_side
 * @sum:   SET, SET_ANSWER: sum of qnet_watch_hash() of the circuits of each
 * @more:  parsed POLL, STATUS: the circuits; PARTS: the sums
 */
struct qnet_watch {
	u8	op;
	u16	count;
	u32	id;
	u32	n[QNET_WATCH_SIDES];
	u64	sum[QNET_WATCH_SIDES];
	const u8 *more;
};

enum qnet_watch_state {
	QNET_WATCH_NONE,	/* there is no such circuit */
	QNET_WATCH_IDLE,
	QNET_WATCH_SEND,	/* its client is SEND-blocked */
	QNET_WATCH_REPLY,	/* REPLY-blocked */
	QNET_WATCH_CLOSING,
};

/**
 * struct qnet_watch_vc - one circuit in a POLL or STATUS
 * @server_id:  of it
 * @client_id:  of it
 * @client_pid: of it
 * @state:      enum qnet_watch_state, as the packet's sender sees it
 * @mine:       the client is on the node that sent the POLL
 */
struct qnet_watch_vc {
	s32	server_id;
	s32	client_id;
	s32	client_pid;
	u16	state;
	bool	mine;
};

/**
 * qnet_watch_hash() - what a circuit adds to the sum of its set
 * @client_id:  of the circuit
 * @client_pid: of it
 *
 * Return: a number that is the same at both ends.
 */
u64 qnet_watch_hash(u32 client_id, u32 client_pid);

/* The part of its set that a circuit with this hash is in. */
static inline u32 qnet_watch_part(u64 hash)
{
	return hash >> 57;
}

/**
 * qnet_watch_parse() - read a packet of the watchdogs
 * @w:   result; only the fields of its op are set; @w->more points into @p
 * @p:   payload
 * @len: of @p
 * @big: byte order of the packet
 *
 * Return: QNET_BAD_NONE or QNET_BAD_WATCH.
 */
int qnet_watch_parse(struct qnet_watch *w, const u8 *p, u32 len, bool big);

/**
 * qnet_watch_vc_get() - a circuit of a parsed POLL or STATUS
 * @v:   result
 * @w:   the packet
 * @i:   which, below @w->count
 * @big: byte order of the packet
 */
void qnet_watch_vc_get(struct qnet_watch_vc *v, const struct qnet_watch *w,
		       u32 i, bool big);

/**
 * qnet_watch_part_get() - the sum of a part in a parsed PARTS
 * @w:    the packet
 * @i:    which part, below QNET_WATCH_NPARTS
 * @side: of which set, enum qnet_watch_side as the packet's sender sees it
 * @big:  byte order of the packet
 *
 * Return: the low 32 bits of the sum.
 */
u32 qnet_watch_part_get(const struct qnet_watch *w, u32 i, u32 side, bool big);

/**
 * qnet_watch_build() - write the beginning of a packet of the watchdogs
 * @p:    where to
 * @room: bytes at @p
 * @w:    what to write, all but @w->more
 *
 * Return: bytes written, to be followed by what qnet_watch_vc_put() or
 * qnet_watch_part_put() write; 0 if @room is too small.
 */
u32 qnet_watch_build(u8 *p, u32 room, const struct qnet_watch *w);

/**
 * qnet_watch_vc_put() - write a circuit of a POLL or STATUS
 * @p: where to
 * @v: the circuit
 *
 * Return: bytes written, QNET_WATCH_VC_LEN.
 */
u32 qnet_watch_vc_put(u8 *p, const struct qnet_watch_vc *v);

/**
 * qnet_watch_part_put() - write the sums of a part
 * @p:   where to
 * @sum: low 32 bits of each sum, by enum qnet_watch_side
 *
 * Return: bytes written, QNET_WATCH_PART_LEN.
 */
u32 qnet_watch_part_put(u8 *p, const u32 *sum);

/* ------------------------------------------------- layouts on the wire */

/*
 * As a little-endian sender has them.  A big-endian packet has the same fields
 * at the same places in the other order: wire.c turns it around first.
 */
struct qnet_w_hdr {
	u8	version;
	u8	type;
	u8	flags;
	u8	layer;
	__le16	src_nd;
	__le16	dst_nd;
	__le32	sconn;
	__le32	dconn;
	__le32	seq;
	__le16	qos;
	__le16	qidx;
	__le32	offset;
	__le32	length;
	__le32	crc;
} __packed;

#define QNET_VER_LE		0x2a
#define QNET_VER_BE		0xaa

/* Offsets count from the end of this. */
struct qnet_w_tcs {
	__le16	src;
	__le16	src_dom;
	__le16	dst;
	__le16	dst_dom;
} __packed;

/*
 * The capability tail behind the last string of TCS_INIT.  It begins with a
 * zero byte, so that a string before it ends whoever counts how.  Little
 * endian in either kind of packet.  Later versions may only grow it.
 */
struct qnet_w_cap {
	u8	magic[4];
	u8	version;
	u8	length;		/* of the tail, from the magic on */
	__le32	caps;
	u8	boot_id[16];
} __packed;

#define QNET_CAP_MAGIC		"\0qnl"
#define QNET_CAP_VERSION	1

/* Offsets count from the end of the LR header. */
struct qnet_w_item {
	__le32	off;
	__le32	len;
} __packed;

struct qnet_w_lr {
	u8	version;
	u8	pad0;
	u8	type;
	u8	pad1;
	__le32	total;
	struct qnet_w_item src, src_dom, src_addr;
	struct qnet_w_item dst, dst_dom, dst_addr;
} __packed;

#define QNET_LR_VERSION		1

struct qnet_w_lr_addr {
	u8	len;
	u8	family;
	u8	mac[6];
	u8	zero[8];
} __packed;

#define QNET_LR_ADDR_MIN	8
#define QNET_LR_FAMILY_MAC	1

/* A ping is the type alone. */
struct qnet_w_nr {
	u8	type;
	u8	name_len;	/* ASK: with NUL; else 0 */
	__le16	id;
	__le32	value;		/* ANSWER, ERROR; the name of ASK begins here */
} __packed;

#define QNET_NR_NAME_OFF	4

struct qnet_w_nm {
	u8	op;
	u8	version;
	__le16	name_len;	/* LOOKUP: without NUL; else 0 */
	__le32	id;
	__le32	value;		/* FOUND: pid; ERROR: errno; LOOKUP: the name */
	__le32	chid;		/* FOUND */
} __packed;

#define QNET_NM_VERSION		1
#define QNET_NM_NAME_OFF	8
#define QNET_NM_NAME_MAX	255

struct qnet_w_watch {
	u8	op;
	u8	version;
	__le16	count;
	__le32	id;
} __packed;

#define QNET_WATCH_VERSION	1

/* SET and SET_ANSWER, behind the above */
struct qnet_w_watch_set {
	__le32	n[QNET_WATCH_SIDES];
	__le64	sum[QNET_WATCH_SIDES];
} __packed;

/* POLL and STATUS, @count times */
struct qnet_w_watch_vc {
	__le32	server_id;
	__le32	client_id;
	__le32	client_pid;
	__le32	server_pid;	/* for the eye */
	__le32	generation;	/* 0: no id comes back as long as it could matter */
	__le16	state;
	__le16	flags;		/* QNET_W_WATCH_MINE */
} __packed;

#define QNET_W_WATCH_MINE	0x0001

/* PARTS, QNET_WATCH_NPARTS times */
struct qnet_w_watch_part {
	__le32	sum[QNET_WATCH_SIDES];
} __packed;

#define QNET_WATCH_VC_LEN	((u32)sizeof(struct qnet_w_watch_vc))
#define QNET_WATCH_PART_LEN	((u32)sizeof(struct qnet_w_watch_part))
#define QNET_WATCH_MAX		((u32)(sizeof(struct qnet_w_watch) + \
				 QNET_WATCH_VCS * sizeof(struct qnet_w_watch_vc)))

struct qnet_w_kif {
	__le16	type;		/* QNET_W_K_* */
	__le16	size;
} __packed;

#define QNET_W_K_TYPE		0x007f
#define QNET_W_K_CRED		0x0100
#define QNET_W_K_BIG		0x8080

struct qnet_w_vinfo {
	__le32	tid;
	__le32	coid;
	__le32	prio;
	__le32	srcmsglen;
	__le32	keydata;
	__le32	srcnd;
	__le32	dstmsglen;
	__le32	zero;
} __packed;

struct qnet_w_cred {
	__le32	nd;
	__le32	pid;
	__le32	sid;
	__le32	flags;
	__le32	ruid;
	__le32	euid;
	__le32	suid;
	__le32	rgid;
	__le32	egid;
	__le32	sgid;
	__le32	ngroups;
	__le32	groups[];
} __packed;

struct qnet_w_connect {
	struct qnet_w_kif h;
	__le32	version;
	__le32	server_pid;
	__le32	server_chid;
	__le32	client_id;
	__le32	client_pid;
} __packed;

struct qnet_w_success {
	struct qnet_w_kif h;
	__le32	version;
	__le32	client_id;
	__le32	server_id;
	__le32	scoid;
	__le32	nbytes;
} __packed;

struct qnet_w_fail {
	struct qnet_w_kif h;
	__le32	version;
	__le32	client_id;
	__le32	status;
} __packed;

struct qnet_w_unblock {
	struct qnet_w_kif h;
	__le32	server_id;
	__le32	handle;
	__le32	tid;
} __packed;

struct qnet_w_msgsend {
	struct qnet_w_kif h;
	__le32	server_id;
	__le32	handle;
	struct qnet_w_vinfo vinfo;
	__le32	nbytes;
} __packed;

struct qnet_w_msgread {
	struct qnet_w_kif h;
	__le32	rd_handle;
	__le32	handle;
	__le32	offset;
	__le32	nbytes;
} __packed;

/* MSGREAD_XFER, MSGWRITE, MSGREPLY, MSGERROR, MSGREAD_ERROR */
struct qnet_w_xfer {
	struct qnet_w_kif h;
	__le32	status;
	__le32	handle;
	__le32	offset;
	__le32	nbytes;
} __packed;

struct qnet_w_event {
	struct qnet_w_kif h;
	__le32	handle;
	__le32	notify;
	__le32	union1;
	__le32	value;
	__le16	code;
	__le16	prio;
} __packed;

struct qnet_w_pulse {
	struct qnet_w_kif h;
	__le32	server_id;
	__le32	handle;
	struct qnet_w_vinfo vinfo;
	__le16	ptype;
	__le16	psubtype;
	s8	code;
	u8	zero[3];
	__le32	value;
	__le32	scoid;
	__le32	prio;
} __packed;

struct qnet_w_signal {
	struct qnet_w_kif h;
	__le32	handle;
	__le32	pid;
	__le32	tid;
	__le32	signo;
	__le32	code;
	__le32	value;
} __packed;

/* DISCONNECT: server_id, CONNECT_DEATH: client_id */
struct qnet_w_id {
	struct qnet_w_kif h;
	__le32	id;
} __packed;

/* ------------------------------------------------- fragments (frag.c) */

/**
 * qnet_frag_mss() - payload bytes in one frame
 * @mtu: of the device
 *
 * Return: a multiple of 8, 0 if the MTU is too small (below 68).
 */
u32 qnet_frag_mss(u32 mtu);

#define QNET_FRAG_HOLES		32

/**
 * struct qnet_frag - which bytes of a packet have come
 * @n:     intervals in @iv
 * @total: size of the packet once its LAST fragment was seen, else 0
 * @last:  LAST was seen
 * @iv:    what has come, [from, to): sorted, disjoint, not adjacent
 */
struct qnet_frag {
	u32	n;
	u32	total;
	bool	last;
	struct qnet_frag_iv {
		u32 from, to;
	} iv[QNET_FRAG_HOLES];
};

enum qnet_frag_verdict {
	QNET_FRAG_NEW,		/* keep bytes [*from, *to) of the packet */
	QNET_FRAG_DUP,		/* nothing new in it */
	QNET_FRAG_FULL,		/* too many holes: drop, it will come again */
	QNET_FRAG_BAD,		/* contradicts the packet's end */
};

/**
 * qnet_frag_init() - nothing has come yet
 * @f: state
 */
void qnet_frag_init(struct qnet_frag *f);

/**
 * qnet_frag_add() - note a fragment
 * @f: state
 * @off: its offset in the packet
 * @len: its bytes; 0 only in a packet of 0 bytes
 * @last: its LAST flag
 * @from: out: what of it is new, as packet offsets
 * @to: out
 *
 * Of a fragment that overlaps, the first new piece is taken and the rest left
 * to a retransmission.  *@from and *@to are set for QNET_FRAG_NEW only.
 *
 * Return: enum qnet_frag_verdict; FULL and BAD leave @f as it was.
 */
enum qnet_frag_verdict qnet_frag_add(struct qnet_frag *f, u32 off, u32 len,
				     bool last, u32 *from, u32 *to);

/**
 * qnet_frag_complete() - has all of the packet come
 * @f: state
 *
 * Return: true if so, @f->total is its size then.
 */
bool qnet_frag_complete(const struct qnet_frag *f);

/**
 * qnet_frag_hole() - the first hole
 * @f: state, not complete
 *
 * Return: the offset of the first byte missing.
 */
u32 qnet_frag_hole(const struct qnet_frag *f);

#endif /* _LINUX_QNET_WIRE_H */

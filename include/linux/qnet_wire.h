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
#define QNET_LR_HDR_LEN		56
#define QNET_PKT_MAX		(1U << 20)	/* offset + length of a fragment */

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
	QNET_BAD_MAX
};

/**
 * struct qnet_hdr - the LWL4 header in host order
 * @big:    sender is big endian (everything behind the header is, too)
 * @src_nd: the sender's number for the destination
 * @dst_nd: the destination's number for the sender, 0 = not known
 * @offset: of this fragment in its packet
 * @length: payload bytes of this frame
 * The other fields are as named in the format.
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
	u32	crc;
};

/**
 * qnet_hdr_parse() - read and check a header
 * @h: result
 * @p: the first byte behind the two pad bytes
 * @avail: bytes from @p to the end of the frame, Ethernet padding included
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
u32 qnet_crc_hdr(const u8 *hdr);		/* the header part, 36 bytes */
u32 qnet_crc_add(u32 crc, const u8 *p, u32 len);
void qnet_crc_set(u8 *hdr, u32 crc);		/* store it, little endian */

/* ------------------------------------------------------------------- TCS */

/* What our nodes append to the strings of TCS_INIT. */
#define QNET_CAP_NAMES		0x0001	/* layer QNET_L_NAME */
#define QNET_CAP_WATCH		0x0002	/* layer QNET_L_WATCH */
#define QNET_CAP_ACKS		0x0004	/* cumulative, delayed acks */
#define QNET_CAP_CONN_SEND	0x0008	/* CONNECT and MSGSEND in one */

/**
 * struct qnet_tcs - names in a TCS_INIT
 * @src, @src_dom, @dst, @dst_dom: point into the packet, NUL-terminated
 * @caps:    QNET_CAP_* of the sender, 0 = plain LWL4 peer
 * @boot_id: of the sender, all zero for a plain peer
 */
struct qnet_tcs {
	const char *src;
	const char *src_dom;
	const char *dst;
	const char *dst_dom;
	u32	caps;
	u8	boot_id[16];
};

int qnet_tcs_parse(struct qnet_tcs *t, const u8 *p, u32 len, bool big);
/* Return: bytes written, 0 if @room is too small. The tail is always put. */
u32 qnet_tcs_build(u8 *p, u32 room, const struct qnet_tcs *t);

/* -------------------------------------------------------------------- LR */

#define QNET_LR_REQUEST		1
#define QNET_LR_REPLY		2

/**
 * struct qnet_lr - a LAN resolver packet
 * @type:  QNET_LR_REQUEST or QNET_LR_REPLY
 * Names point into the packet with their lengths, trailing NULs stripped;
 * absent ones have length 0.  MACs point to 6 bytes, or are NULL if absent.
 */
struct qnet_lr {
	u8	type;
	const char *src, *src_dom, *dst, *dst_dom;
	u32	src_len, src_dom_len, dst_len, dst_dom_len;
	const u8 *src_mac, *dst_mac;
};

int qnet_lr_parse(struct qnet_lr *r, const u8 *p, u32 len, bool big);
u32 qnet_lr_build(u8 *p, u32 room, const struct qnet_lr *r);

/* -------------------------------------------------------------------- NR */

enum qnet_nr_type {
	QNET_NR_PING	= 0,
	QNET_NR_PONG	= 1,
	QNET_NR_ASK	= 2,	/* which nd do you use for name */
	QNET_NR_ANSWER	= 3,
	QNET_NR_ERROR	= 4,
};

struct qnet_nr {
	u8	type;
	u16	id;
	u32	nd;		/* ANSWER; ERROR: QNX errno */
	const char *name;	/* ASK: "node.domain" */
	u32	name_len;	/* without NUL */
};

int qnet_nr_parse(struct qnet_nr *n, const u8 *p, u32 len, bool big);
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
 * @type:   enum qnet_kif_type
 * @has_cred: credentials came along (CONNECT, CONNECT_MSGSEND, PULSE, SIGNAL)
 * @hlen:   parse: bytes of the structure with credentials, message data
 *          begins there; for CONNECT_MSGSEND the inner MSGSEND begins there
 *          and is parsed by a second call
 * @nbytes: message data behind the structure (MSGSEND, MSGREAD_XFER, MSGWRITE,
 *          MSGREPLY, MSGERROR, MSGREAD_ERROR); MSGREAD: bytes wanted
 * @handle: client_handle, but msgread_handle in MSGREAD_XFER and
 *          MSGREAD_ERROR; MSGREAD has both: @rd_handle is the server's
 * @status: Linux numbering is the caller's business: as on the wire
 */
struct qnet_kif {
	u8	type;
	bool	has_cred;
	u32	hlen;
	u32	nbytes;
	s32	version;
	s32	server_pid, server_chid;	/* CONNECT */
	s32	client_id, client_pid;
	s32	server_id;			/* SUCCESS, UNBLOCK, MSGSEND, PULSE, DISCONNECT */
	s32	scoid;				/* SUCCESS; also in a pulse */
	s32	handle, rd_handle;
	s32	status;				/* FAIL, REPLY, ERROR, READ_ERROR */
	u32	offset;
	s32	tid;				/* UNBLOCK, SIGNAL */
	struct qnet_vinfo vinfo;		/* MSGSEND, PULSE */
	s32	code, value, prio;		/* PULSE; SIGNAL code, value */
	s32	pid, signo;			/* SIGNAL */
	u32	notify, union1, evalue;		/* EVENT */
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
 * Return: enum qnet_bad.
 */
int qnet_kif_parse(struct qnet_kif *k, const u8 *p, u32 lin, u32 len, bool big);

/* Return: bytes of the structure written (no message data), 0: no room. */
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
int qnet_errno_to_wire(int linux_errno);	/* > 0 to > 0 */
int qnet_errno_from_wire(int qnx_errno);

/* ------------------------------------------------- private layer 0x52: names */

#define QNET_NM_LOOKUP		1
#define QNET_NM_FOUND		2
#define QNET_NM_ERROR		3

struct qnet_nm {
	u8	op;
	u32	id;		/* answers carry the question's */
	s32	pid, chid;	/* FOUND */
	s32	status;		/* ERROR: QNX errno */
	const char *name;	/* LOOKUP */
	u32	name_len;	/* without NUL, 1..255 */
};

int qnet_nm_parse(struct qnet_nm *n, const u8 *p, u32 len, bool big);
u32 qnet_nm_build(u8 *p, u32 room, const struct qnet_nm *n);

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
 * @n: intervals in @iv, sorted, disjoint, not adjacent
 * @total: size of the packet once its LAST fragment was seen, else 0
 * @last: LAST was seen
 */
struct qnet_frag {
	u32	n;
	u32	total;
	bool	last;
	struct { u32 from, to; } iv[QNET_FRAG_HOLES];
};

enum qnet_frag_verdict {
	QNET_FRAG_NEW,		/* keep bytes [*from, *to) of the packet */
	QNET_FRAG_DUP,		/* nothing new in it */
	QNET_FRAG_FULL,		/* too many holes: drop, it will come again */
	QNET_FRAG_BAD,		/* contradicts the packet's end */
};

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
 * to a retransmission.
 */
enum qnet_frag_verdict qnet_frag_add(struct qnet_frag *f, u32 off, u32 len,
				     bool last, u32 *from, u32 *to);

bool qnet_frag_complete(const struct qnet_frag *f);

/**
 * qnet_frag_hole() - the first hole
 * @f: state, not complete
 *
 * Return: the offset of the first byte missing.
 */
u32 qnet_frag_hole(const struct qnet_frag *f);

#endif /* _LINUX_QNET_WIRE_H */

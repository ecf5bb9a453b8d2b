// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random packets, built by wire.c, for somebody else to read.
 *
 *	kif_random fields N SEED PCAP TEXT
 *		packets of every kind; TEXT has a line for each, with the
 *		fields as Wireshark names them and their values: qnet6.*
 *		those it knows, qnet.* those of userspace/wireshark/qnet.lua
 *	kif_random big N SEED PCAP TEXT
 *		the same as a big-endian node would send them
 *	kif_random messages N SEED PCAP
 *		MSGSENDs of 0 to 200 bytes that look like IO messages
 *	kif_random bare N SEED PCAP
 *		the same without the trailer that makes them readable
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/kernel.h>
#include <linux/qnet_wire.h>

/* As in net/qnet/l4.h, which does not compile here. */
#define ACK_VALID	0x8000
#define ACK_SEQ_BITS	12
#define NACK_UNIT	16

static u64 state;
static FILE *pcap, *text;
static bool big;

/* splitmix64 */
static u32 rnd(void)
{
	u64 z = (state += 0x9e3779b97f4a7c15ULL);

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

static void note(const char *field, u32 value)
{
	if (text)
		fprintf(text, " %s=%u", field, value);
}

static void note64(const char *field, u64 value)
{
	fprintf(text, " %s=%llu", field, (unsigned long long)value);
}

static void note_string(const char *field, const char *s, u32 len)
{
	fprintf(text, " %s=%.*s", field, (int)len, s);
}

static void put32(u32 v)
{
	fwrite(&v, sizeof(v), 1, pcap);
}

/* To the other byte order, where such packets are wanted: @len bytes of fields
 * of @size.
 */
static void turn(u8 *p, u32 len, u32 size)
{
	u8 t[8];
	u32 i, j;

	for (i = 0; big && i < len; i += size) {
		memcpy(t, p + i, size);
		for (j = 0; j < size; j++)
			p[i + j] = t[size - 1 - j];
	}
}

static void expect(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "kif_random: %s\n", what);
	exit(1);
}

static void pcap_open(const char *path)
{
	pcap = fopen(path, "wb");
	if (!pcap) {
		perror(path);
		exit(1);
	}
	put32(0xa1b2c3d4);
	put32(4 << 16 | 2);
	put32(0);
	put32(0);
	put32(65535);
	put32(1);
}

static void pcap_frame(const u8 *p, u32 len)
{
	static u32 n;

	put32(1700000000 + n / 1000);
	put32(n++ % 1000 * 1000);
	put32(len);
	put32(len);
	fwrite(p, 1, len, pcap);
}

static void note_hdr(const struct qnet_hdr *h)
{
	note("qnet6.l4.type", h->type);
	note("qnet6.l4.layer", h->layer);
	note("qnet6.qos.src_nd_for_dst", h->src_nd);
	note("qnet6.qos.dst_nd_for_src", h->dst_nd);
	note("qnet6.qos.sconn", h->sconn);
	note("qnet6.qos.dconn", h->dconn);
	note("qnet6.qos.seq", h->seq);
	note("qnet6.qos.qos_type", h->qos);
	note("qnet6.qos.src_qos_idx", h->qidx);
	note("qnet6.l4.offset", h->offset);
	note("qnet6.l4.length", h->length);
	note("qnet6.l4.crc", h->crc);
}

/* What userspace/wireshark/qnet.lua finds in it. */
static void note_ack(const struct qnet_hdr *h)
{
	u32 low = h->qidx & ((1 << ACK_SEQ_BITS) - 1);

	if (h->type == QNET_T_ACK)
		note("qnet.ack.size", h->offset);
	if (h->type == QNET_T_NACK) {
		note("qnet.nack.from", h->offset);
		if (h->qidx) {
			note("qnet.nack.units", h->qidx);
			note("qnet.nack.size", h->qidx * NACK_UNIT);
		}
	}
	if (h->type != QNET_T_USER || !(h->qidx & ACK_VALID))
		return;
	note("qnet.ack.gen", h->qidx >> ACK_SEQ_BITS & 7);
	note("qnet.ack.seq", (u32)(h->qos >> 8) << ACK_SEQ_BITS | low);
	note("qnet.qos", h->qos & 0xff);
}

static void turn_hdr(u8 *p)
{
	if (big)
		p[0] = QNET_VER_BE;
	turn(p + 4, 4, 2);
	turn(p + 8, 12, 4);
	turn(p + 20, 4, 2);
	turn(p + 24, 12, 4);
}

/* Header, checksum, @trailer zeros behind it, and on to the wire. */
static void frame(struct qnet_hdr *h, const u8 *payload, u32 trailer)
{
	static const u8 eth[16] = { 2, 0, 0, 0, 0, 11, 2, 0, 0, 0, 0, 10,
				    0x82, 0x04 };
	u8 f[2048] = {}, *p = f + sizeof(eth);
	u32 len = sizeof(eth) + QNET_HDR_LEN + h->length + trailer;
	struct qnet_hdr again;

	memcpy(f, eth, sizeof(eth));
	memcpy(p + QNET_HDR_LEN, payload, h->length);
	qnet_hdr_build(p, h);
	turn_hdr(p);
	h->crc = qnet_crc_add(qnet_crc_hdr(p), payload, h->length);
	qnet_crc_set(p, h->crc);
	turn(p + QNET_HDR_LEN - 4, 4, 4);
	expect(!qnet_hdr_parse(&again, p, QNET_HDR_LEN + h->length) &&
	       again.big == big && again.crc == h->crc &&
	       again.seq == h->seq && again.qidx == h->qidx, "header");
	if (text) {
		note_hdr(h);
		note_ack(h);
	}
	pcap_frame(f, max(len, 60U));
}

static struct qnet_hdr random_hdr(u8 type, u8 layer)
{
	return (struct qnet_hdr) {
		.type = type, .layer = layer, .flags = 7,
		.src_nd = rnd(), .dst_nd = rnd(), .sconn = rnd(),
		.dconn = rnd(), .seq = rnd(), .qos = rnd() % 4, .qidx = rnd(),
	};
}

static void packet(u8 type, u8 layer, const u8 *payload, u32 len, u32 trailer)
{
	struct qnet_hdr h = random_hdr(type, layer);

	h.length = len;
	if (type == QNET_T_USER && h.qidx & ACK_VALID)
		h.qos |= rnd() << 8;
	frame(&h, payload, trailer);
}

static void answer_packet(u8 type)
{
	struct qnet_hdr h = random_hdr(type, 0);

	h.offset = rnd() % QNET_PKT_MAX;
	if (!(rnd() % 4))
		h.qidx = 0;
	frame(&h, (const u8 *)"", 0);
}

/* ------------------------------------------------------------------- KIF */

static void note_cred(const struct qnet_kcred *c)
{
	note("qnet6.kif.client_info.nd", c->nd);
	note("qnet6.kif.client_info.pid", c->pid);
	note("qnet6.kif.client_info.sid", c->sid);
	note("qnet6.kif.client_info.flags", c->flags);
	note("qnet6.kif.client_info.cred.ruid", c->ruid);
	note("qnet6.kif.client_info.cred.euid", c->euid);
	note("qnet6.kif.client_info.cred.suid", c->suid);
	note("qnet6.kif.client_info.cred.rgid", c->rgid);
	note("qnet6.kif.client_info.cred.egid", c->egid);
	note("qnet6.kif.client_info.cred.sgid", c->sgid);
	note("qnet6.kif.client_info.cred.ngroups", c->ngroups);
	/* of the list it shows the first one */
	if (c->ngroups)
		note("qnet6.kif.client_info.cred.grouplist", c->groups[0]);
}

static void note_vinfo(const struct qnet_vinfo *v)
{
	note("qnet6.kif.msgsend.vtid_info.tid", v->tid);
	note("qnet6.kif.msgsend.vtid_info.coid", v->coid);
	note("qnet6.kif.msgsend.vtid_info.priority", v->prio);
	note("qnet6.kif.msgsend.vtid_info.srcmsglen", v->srcmsglen);
	note("qnet6.kif.msgsend.vtid_info.keydata", v->keydata);
	note("qnet6.kif.msgsend.vtid_info.srcnd", v->srcnd);
	note("qnet6.kif.msgsend.vtid_info.dstmsglen", v->dstmsglen);
	note("qnet6.kif.msgsend.vtid_info.zero", 0);
}

static void note_connect(const struct qnet_kif *k)
{
	note("qnet6.kif.version", k->version);
	note("qnet6.kif.connect.server_pid", k->server_pid);
	note("qnet6.kif.connect.server_chid", k->server_chid);
	note("qnet6.kif.connect.client_id", k->client_id);
	note("qnet6.kif.connect.client_pid", k->client_pid);
}

static void note_msgsend(const struct qnet_kif *k)
{
	note("qnet6.kif.msgsend.server_id", k->server_id);
	note("qnet6.kif.msgsend.client_handle", k->handle);
	note_vinfo(&k->vinfo);
	note("qnet6.kif.msgsend.nbytes", k->nbytes);
}

static void note_xfer(const struct qnet_kif *k)
{
	note("qnet6.kif.msgwrite.status", k->status);
	note("qnet6.kif.msgwrite.handle", k->handle);
	note("qnet6.kif.msgwrite.offset", k->offset);
	note("qnet6.kif.msgwrite.nbytes", k->nbytes);
}

/* Is it the number of a question to one of ours? */
static bool is_question(s32 handle)
{
	return handle >= QNET_K_QUESTION_MIN;
}

static void note_answer(const struct qnet_kif *k)
{
	if (is_question(k->handle))
		note("qnet.signal.answer", k->handle);
	if (k->type == QNET_K_MSGERROR && k->status == 4 &&
	    k->offset == QNET_K_UNBLOCKED)
		note("qnet.unblocked", 1);
}

static void note_event(const struct qnet_kif *k)
{
	if ((u32)k->handle >> 28 == 5)
		note("qnet.event.client_id", k->handle);
	note("qnet.event.kind", k->notify & QNET_K_EVENT_KIND);
	note("qnet.event.tid", k->notify >> QNET_K_EVENT_TID_SHIFT);
	note("qnet.event.code", k->ecode);
	note("qnet.event.priority", k->eprio);
	note("qnet6.kif.event.client_handle", k->handle);
	note("qnet6.kif.event.sigevent_notify", k->notify);
	note("qnet6.kif.event.sigevent_union1", k->union1);
	note("qnet6.kif.event.sigevent_sigvalue", k->evalue);
	/* two halves, which it takes for one word */
	note("qnet6.kif.event.sigevent_union2",
	     big ? (u32)(u16)k->ecode << 16 | (u16)k->eprio :
		   (u16)k->ecode | (u32)(u16)k->eprio << 16);
}

static void note_pulse(const struct qnet_kif *k)
{
	note("qnet6.kif.msgsend.server_id", k->server_id);
	note("qnet6.kif.msgsend.client_handle", k->handle);
	note_vinfo(&k->vinfo);
	note("qnet6.kif.pulse.pulse.type", 0);
	note("qnet6.kif.pulse.pulse.subtype", 0);
	note("qnet6.kif.pulse.pulse.code", k->code);
	note("qnet6.kif.pulse.pulse.value", k->value);
	note("qnet6.kif.pulse.pulse.scoid", k->scoid);
	note("qnet6.kif.pulse.priority", k->prio);
}

static void note_signal(const struct qnet_kif *k)
{
	if (is_question(k->handle))
		note("qnet.signal.question", k->handle);
	if (k->signo > 256 && k->signo <= 256 + 64)
		note("qnet.signal.linux", k->signo - 256);
	note("qnet6.kif.signal.client_handle", k->handle);
	note("qnet6.kif.signal.pid", k->pid);
	note("qnet6.kif.signal.tid", k->tid);
	note("qnet6.kif.signal.signo", k->signo);
	note("qnet6.kif.signal.code", k->code);
	note("qnet6.kif.signal.value", k->value);
}

static void note_fields(const struct qnet_kif *k)
{
	switch (k->type) {
	case QNET_K_CONNECT:
	case QNET_K_CONNECT_MSGSEND:
		note_connect(k);
		break;
	case QNET_K_CONNECT_SUCCESS:
		/* its labels are known to be the other way round */
		note("qnet6.kif.version", k->version);
		note("qnet6.kif.connect_success.server_id", k->client_id);
		note("qnet6.kif.connect_success.client_id", k->server_id);
		note("qnet6.kif.connect_success.scoid", k->scoid);
		note("qnet6.kif.connect_success.nbytes", k->nbytes);
		break;
	case QNET_K_CONNECT_FAIL:
		note("qnet6.kif.version", k->version);
		note("qnet6.kif.connect_fail.client_id", k->client_id);
		note("qnet6.kif.connect_fail.status", k->status);
		break;
	case QNET_K_UNBLOCK:
		note("qnet6.kif.unblock.server_id", k->server_id);
		note("qnet6.kif.unblock.client_handle", k->handle);
		note("qnet6.kif.unblock.tid", k->tid);
		break;
	case QNET_K_MSGSEND:
		note_msgsend(k);
		break;
	case QNET_K_MSGREAD:
		note("qnet6.kif.msgread.msgread_handle", k->rd_handle);
		note("qnet6.kif.msgread.client_handle", k->handle);
		note("qnet6.kif.msgread.offset", k->offset);
		note("qnet6.kif.msgread.nbytes", k->nbytes);
		break;
	case QNET_K_EVENT:
		note_event(k);
		break;
	case QNET_K_PULSE:
		note_pulse(k);
		break;
	case QNET_K_SIGNAL:
		note_signal(k);
		break;
	case QNET_K_DISCONNECT:
		note("qnet6.kif.disconnect.server_id", k->server_id);
		break;
	case QNET_K_CONNECT_DEATH:
		note("qnet6.kif.connect_death.client_id", k->client_id);
		break;
	case QNET_K_CONNECT_PULSE:	/* known by its number only */
		break;
	case QNET_K_MSGREPLY:
	case QNET_K_MSGERROR:
		note_answer(k);
		note_xfer(k);
		break;
	default:
		note_xfer(k);
	}
}

static bool has_data(u8 type)
{
	return type == QNET_K_MSGSEND || type == QNET_K_MSGREAD_ERROR ||
	       (type >= QNET_K_MSGREAD_XFER && type <= QNET_K_MSGERROR);
}

static bool takes_cred(u8 type)
{
	return type == QNET_K_CONNECT || type == QNET_K_CONNECT_MSGSEND ||
	       type == QNET_K_PULSE || type == QNET_K_SIGNAL;
}

/* What has a meaning of its own is not met by chance. */
static void random_special(struct qnet_kif *k)
{
	if (rnd() & 1)
		return;
	switch (k->type) {
	case QNET_K_MSGERROR:
		k->status = 4;
		k->offset = QNET_K_UNBLOCKED;
		break;
	case QNET_K_MSGREPLY:
		k->handle = QNET_K_QUESTION_MIN + (rnd() >> 3);
		break;
	case QNET_K_EVENT:
		k->handle = 0x50000000 | (rnd() >> 4);
		break;
	case QNET_K_SIGNAL:
		k->handle = QNET_K_QUESTION_MIN + (rnd() >> 3);
		k->signo = qnet_signo_to_wire(1 + rnd() % 64);
	}
}

/* Every byte random, then what is not free to be. */
static void random_kif(struct qnet_kif *k, u8 type)
{
	u8 *p = (u8 *)k;
	u32 i;

	for (i = 0; i < sizeof(*k); i++)
		p[i] = rnd();
	k->type = type;
	k->has_cred = takes_cred(type) && (rnd() & 1);
	k->cred.ngroups = rnd() % (QNET_K_CRED_GROUPS + 1);
	k->code = (s8)k->code;
	k->pid = (s32)rnd();
	k->offset >>= 1;	/* they must not overflow together */
	k->nbytes >>= 1;
	if (has_data(type))
		k->nbytes = rnd() % 200;
	random_special(k);
}

/* To the other byte order; the parser must read it all the same. */
static void turn_kif(u8 *p, u32 len, const struct qnet_kif *k)
{
	u32 more = has_data(k->type) ? k->nbytes : 0;
	u8 le[QNET_KIF_MAX], out[QNET_KIF_MAX];
	struct qnet_kif again = {};

	memcpy(le, p, len);
	turn(p, 4, 2);
	turn(p + 4, len - 4, 4);
	p[0] |= 0x80;
	p[1] |= 0x80;
	if (k->type == QNET_K_EVENT) {
		memcpy(p + 20, le + 20, 4);
		turn(p + 20, 4, 2);
	}
	if (k->type == QNET_K_PULSE)
		memcpy(p + 48, le + 48, 4);
	expect(!qnet_kif_parse(&again, p, len, len + more, true) &&
	       qnet_kif_build(out, sizeof(out), &again) == len &&
	       !memcmp(le, out, len), "KIF");
}

/* A structure and its notes; return: its size. */
static u32 put_kif(u8 *p, u32 room, const struct qnet_kif *k)
{
	u32 len = qnet_kif_build(p, room, k);

	expect(len, "a type is not built");
	if (big)
		turn_kif(p, len, k);
	if (text) {
		note("qnet6.kif.type", k->type);
		note("qnet6.kif.size", len);
		note_fields(k);
		if (k->has_cred && k->type != QNET_K_CONNECT_PULSE)
			note_cred(&k->cred);
	}
	return len;
}

/* Messages of programs have types above those of the system. */
static u32 put_message(u8 *p, u32 nbytes)
{
	u32 i;

	for (i = 0; i < nbytes; i++)
		p[i] = rnd();
	if (nbytes > 1)
		p[1] = 2 + p[1] % 250;
	return qnet_kif_trailer(p, nbytes);
}

static void kif_packet(u8 type)
{
	u32 len, trailer = 0;
	struct qnet_kif k;
	u8 p[1024];

	random_kif(&k, type);
	len = put_kif(p, sizeof(p), &k);
	if (type == QNET_K_CONNECT_MSGSEND) {
		note("qnet.conn_send", len);
		random_kif(&k, QNET_K_MSGSEND);
		len += put_kif(p + len, sizeof(p) - len, &k);
	}
	if (has_data(k.type)) {
		trailer = put_message(p + len, k.nbytes);
		len += k.nbytes;
	}
	if (k.type != QNET_K_MSGSEND)
		trailer = 0;
	packet(QNET_T_USER, QNET_L_KIF, p, len, trailer);
}

/* ---------------------------------------------------------- other layers */

static u32 random_name(char *s)
{
	static const char set[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
	u32 i, n = 1 + rnd() % 30;

	for (i = 0; i < n; i++)
		s[i] = set[rnd() % (sizeof(set) - 1)];
	s[n] = 0;
	return n;
}

static void note_caps(const struct qnet_tcs *t)
{
	u32 i;

	note("qnet.cap.version", QNET_CAP_VERSION);
	note("qnet.cap.length", sizeof(struct qnet_w_cap));
	note("qnet.caps", t->caps);
	note("qnet.caps.names", !!(t->caps & QNET_CAP_NAMES));
	note("qnet.caps.watch", !!(t->caps & QNET_CAP_WATCH));
	note("qnet.caps.acks", !!(t->caps & QNET_CAP_ACKS));
	note("qnet.caps.conn_send", !!(t->caps & QNET_CAP_CONN_SEND));
	note("qnet.caps.events", !!(t->caps & QNET_CAP_EVENTS));
	fprintf(text, " qnet.boot_id=");
	for (i = 0; i < sizeof(t->boot_id); i++)
		fprintf(text, i == 4 || i == 6 || i == 8 || i == 10 ?
			"-%02x" : "%02x", t->boot_id[i]);
}

static void tcs_packet(void)
{
	char s[4][32];
	struct qnet_tcs t = { .src = s[0], .src_dom = s[1], .dst = s[2],
			      .dst_dom = s[3], .caps = rnd() };
	struct qnet_tcs again;
	u8 p[512];
	u32 i, len;

	for (i = 0; i < 4; i++)
		random_name(s[i]);
	for (i = 0; i < sizeof(t.boot_id); i++)
		t.boot_id[i] = rnd();
	note_string("qnet6.qos.src_name", s[0], 99);
	note_string("qnet6.qos.src_domain", s[1], 99);
	note_string("qnet6.qos.dst_name", s[2], 99);
	note_string("qnet6.qos.dst_domain", s[3], 99);
	note_caps(&t);
	len = qnet_tcs_build(p, sizeof(p), &t);
	turn(p, QNET_TCS_HDR_LEN, 2);
	expect(!qnet_tcs_parse(&again, p, len, big) &&
	       again.caps == t.caps && !strcmp(again.dst, t.dst), "TCS");
	packet(QNET_T_TCS_INIT, 0, p, len, 0);
}

static void note_mac(const char *field, const u8 *mac)
{
	if (mac)
		fprintf(text, " %s=%02x:%02x:%02x:%02x:%02x:%02x", field,
			mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
}

static void lr_packet(void)
{
	u8 mac[12], p[512];
	char s[4][32];
	struct qnet_lr r = { .type = 1 + rnd() % 2, .src = s[0],
			     .src_dom = s[1], .dst = s[2], .dst_dom = s[3] };
	struct qnet_lr again;
	u32 i, len;

	for (i = 0; i < sizeof(mac); i++)
		mac[i] = rnd();
	r.src_len = random_name(s[0]);
	r.src_dom_len = random_name(s[1]);
	r.dst_len = random_name(s[2]);
	r.dst_dom_len = random_name(s[3]);
	r.src_mac = rnd() % 4 ? mac : NULL;
	r.dst_mac = rnd() % 2 ? mac + 6 : NULL;
	len = qnet_lr_build(p, sizeof(p), &r);
	turn(p + 4, QNET_LR_HDR_LEN - 4, 4);
	expect(!qnet_lr_parse(&again, p, len, big) &&
	       again.dst_len == r.dst_len, "LR");
	note("qnet6.lr.type", r.type);
	note("qnet6.lr.length", len);
	note_string("qnet6.lr.src.name.name", s[0], 99);
	note_string("qnet6.lr.src.domain", s[1], 99);
	note_string("qnet6.lr.dst.name", s[2], 99);
	note_string("qnet6.lr.dst.domain", s[3], 99);
	note_mac("qnet6.lr.src.addr", r.src_mac);
	note_mac("qnet6.lr.dst.addr", r.dst_mac);
	packet(QNET_T_LRES, QNET_L_LR, p, len, 0);
}

static void nr_packet(u8 type)
{
	struct qnet_nr n = { .type = type, .id = rnd(), .nd = rnd() };
	struct qnet_nr again;
	char s[32];
	u8 p[64];
	u32 len;

	n.name = s;
	n.name_len = random_name(s);
	note("qnet6.nr.type", type);
	if (type == QNET_NR_ASK) {
		note("qnet6.nr.req_id", n.id);
		note("qnet6.nr.req_len", n.name_len + 1);
		note_string("qnet6.nr.req_name", s, 99);
	} else if (type == QNET_NR_ANSWER) {
		note("qnet6.nr.rep_id", n.id);
		note("qnet6.nr.rep_nd", n.nd);
	} else if (type == QNET_NR_ERROR) {
		note("qnet6.nr.rep_id", n.id);
		note("qnet6.nr.rep_status", n.nd);
	}
	len = qnet_nr_build(p, sizeof(p), &n);
	if (len >= QNET_NR_NAME_OFF)
		turn(p + 2, 2, 2);
	if (type > QNET_NR_ASK)
		turn(p + 4, 4, 4);
	expect(!qnet_nr_parse(&again, p, len, big), "NR");
	packet(QNET_T_USER, QNET_L_NR, p, len, 0);
}

static void note_nm(const struct qnet_nm *n)
{
	note("qnet.name.op", n->op);
	note("qnet.name.version", QNET_NM_VERSION);
	note("qnet.name.length", n->op == QNET_NM_LOOKUP ? n->name_len : 0);
	note("qnet.name.id", n->id);
	if (n->op == QNET_NM_LOOKUP) {
		note_string("qnet.name.name", n->name, n->name_len);
	} else if (n->op == QNET_NM_FOUND) {
		note("qnet.name.pid", n->pid);
		note("qnet.name.chid", n->chid);
	} else {
		note("qnet.name.status", n->status);
	}
}

static void nm_packet(u8 op)
{
	struct qnet_nm n = { .op = op, .id = rnd(), .pid = rnd(),
			     .chid = rnd(), .status = rnd() };
	struct qnet_nm again;
	char s[32];
	u8 p[64];
	u32 len;

	n.name = s;
	n.name_len = random_name(s);
	note_nm(&n);
	len = qnet_nm_build(p, sizeof(p), &n);
	turn(p + 2, 2, 2);
	turn(p + 4, op == QNET_NM_LOOKUP ? 4 : len - 4, 4);
	expect(!qnet_nm_parse(&again, p, len, big) && again.id == n.id, "name");
	packet(QNET_T_USER, QNET_L_NAME, p, len, 0);
}

static u32 put_watch_vc(u8 *p)
{
	struct qnet_watch_vc v = {
		.server_id = rnd(), .client_id = rnd(), .client_pid = rnd(),
		.state = rnd() % (QNET_WATCH_CLOSING + 1), .mine = rnd() & 1,
	};
	u32 len = qnet_watch_vc_put(p, &v);

	turn(p, 20, 4);
	turn(p + 20, 4, 2);
	note("qnet.watch.server_id", v.server_id);
	note("qnet.watch.client_id", v.client_id);
	note("qnet.watch.client_pid", v.client_pid);
	note("qnet.watch.server_pid", 0);
	note("qnet.watch.generation", 0);
	note("qnet.watch.state", v.state);
	note("qnet.watch.mine", v.mine);
	return len;
}

static u32 put_watch_part(u8 *p)
{
	u32 sum[QNET_WATCH_SIDES] = { rnd(), rnd() };
	u32 len = qnet_watch_part_put(p, sum);

	turn(p, len, 4);
	note("qnet.watch.part_mine", sum[QNET_WATCH_MINE]);
	note("qnet.watch.part_theirs", sum[QNET_WATCH_THEIRS]);
	return len;
}

/* The beginning of a packet of the watchdogs, in the byte order wanted. */
static u32 put_watch(u8 *p, const struct qnet_watch *w)
{
	u32 len = qnet_watch_build(p, QNET_WATCH_MAX, w);

	turn(p + 2, 2, 2);
	turn(p + 4, 4, 4);
	note("qnet.watch.op", w->op);
	note("qnet.watch.version", QNET_WATCH_VERSION);
	note("qnet.watch.count", w->count);
	note("qnet.watch.id", w->id);
	if (w->op != QNET_WATCH_SET && w->op != QNET_WATCH_SET_ANSWER)
		return len;
	turn(p + 8, 8, 4);
	turn(p + 16, 16, 8);
	note("qnet.watch.n_mine", w->n[QNET_WATCH_MINE]);
	note("qnet.watch.n_theirs", w->n[QNET_WATCH_THEIRS]);
	note64("qnet.watch.sum_mine", w->sum[QNET_WATCH_MINE]);
	note64("qnet.watch.sum_theirs", w->sum[QNET_WATCH_THEIRS]);
	return len;
}

static u64 rnd64(void)
{
	return (u64)rnd() << 32 | rnd();
}

static void watch_packet(u8 op)
{
	struct qnet_watch w = {
		.op = op, .id = rnd(), .n = { rnd(), rnd() },
		.sum = { rnd64(), rnd64() },
	}, again;
	u8 p[QNET_WATCH_MAX];
	u32 i, len;

	if (op <= QNET_WATCH_STATUS)
		w.count = 1 + rnd() % (rnd() & 1 ? 3 : QNET_WATCH_VCS);
	len = put_watch(p, &w);
	for (i = 0; i < w.count; i++)
		len += put_watch_vc(p + len);
	for (i = 0; op == QNET_WATCH_PARTS && i < QNET_WATCH_NPARTS; i++)
		len += put_watch_part(p + len);
	expect(!qnet_watch_parse(&again, p, len, big) && again.id == w.id,
	       "watch");
	packet(QNET_T_USER, QNET_L_WATCH, p, len, 0);
}

#define KINDS	37

static void any_packet(u32 i)
{
	static const u8 watch[] = {
		QNET_WATCH_POLL, QNET_WATCH_STATUS, QNET_WATCH_SET,
		QNET_WATCH_SET_ANSWER, QNET_WATCH_PARTS,
	};
	u32 kind = i % KINDS;

	if (kind <= QNET_K_CONNECT_PULSE)
		kif_packet(kind);
	else if (kind < 20)
		tcs_packet();
	else if (kind < 22)
		lr_packet();
	else if (kind < 27)
		nr_packet(kind - 22);
	else if (kind < 30)
		nm_packet(kind - 27 + QNET_NM_LOOKUP);
	else if (kind < 35)
		watch_packet(watch[kind - 30]);
	else
		answer_packet(kind - 35 + QNET_T_ACK);
	fprintf(text, "\n");
}

/* Nothing in it makes sense but its type. */
static void io_message(u32 i, bool bare)
{
	struct qnet_kif k = { .type = QNET_K_MSGSEND, .server_id = 1 };
	u16 type = 0x100 + i % 27;
	u32 j, trailer;
	u8 p[512];

	k.nbytes = rnd() % 201;
	for (j = 0; j < k.nbytes; j++)
		p[48 + j] = rnd();
	p[48] = type;
	p[49] = type >> 8;
	qnet_kif_build(p, 48, &k);
	trailer = bare ? 0 : qnet_kif_trailer(p + 48, k.nbytes);
	packet(QNET_T_USER, QNET_L_KIF, p, 48 + k.nbytes, trailer);
}

static int usage(const char *me)
{
	fprintf(stderr, "usage: %s fields|big N SEED PCAP TEXT\n"
		"       %s messages|bare N SEED PCAP\n", me, me);
	return 2;
}

int main(int argc, char **argv)
{
	bool fields = argc == 6 && (!strcmp(argv[1], "fields") ||
				    !strcmp(argv[1], "big"));
	bool bare = argc == 5 && !strcmp(argv[1], "bare");
	u32 i, n;

	if (!fields && !bare && (argc != 5 || strcmp(argv[1], "messages")))
		return usage(argv[0]);
	big = !strcmp(argv[1], "big");
	n = strtoul(argv[2], NULL, 0);
	state = strtoull(argv[3], NULL, 0);
	pcap_open(argv[4]);
	if (fields) {
		text = fopen(argv[5], "w");
		if (!text)
			return 1;
	}
	for (i = 0; i < n; i++) {
		if (fields)
			any_packet(i);
		else
			io_message(i, bare);
	}
	return (fields && fclose(text)) || fclose(pcap);
}

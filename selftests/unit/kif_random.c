// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random packets, built by wire.c, for somebody else to read.
 *
 *	kif_random fields N SEED PCAP TEXT
 *		packets of every kind; TEXT has a line for each, with the
 *		fields as Wireshark names them and their values
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

static u64 state;
static FILE *pcap, *text;

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

static void note_string(const char *field, const char *s, u32 len)
{
	fprintf(text, " %s=%.*s", field, (int)len, s);
}

static void put32(u32 v)
{
	fwrite(&v, sizeof(v), 1, pcap);
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

/* Header, checksum, @trailer zeros behind it, and on to the wire. */
static void packet(u8 type, u8 layer, const u8 *payload, u32 len, u32 trailer)
{
	static const u8 eth[16] = { 2, 0, 0, 0, 0, 11, 2, 0, 0, 0, 0, 10,
				    0x82, 0x04 };
	u8 f[2048] = {}, *p = f + sizeof(eth);
	struct qnet_hdr h = {
		.type = type, .layer = layer, .flags = 7,
		.src_nd = rnd(), .dst_nd = rnd(), .sconn = rnd(),
		.dconn = rnd(), .seq = rnd(), .qos = rnd() % 4, .qidx = rnd(),
		.length = len,
	};

	memcpy(f, eth, sizeof(eth));
	memcpy(p + QNET_HDR_LEN, payload, len);
	qnet_hdr_build(p, &h);
	h.crc = qnet_crc_add(qnet_crc_hdr(p), payload, len);
	qnet_crc_set(p, h.crc);
	if (text)
		note_hdr(&h);
	len += sizeof(eth) + QNET_HDR_LEN + trailer;
	pcap_frame(f, max(len, 60U));
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

static void note_event(const struct qnet_kif *k)
{
	note("qnet6.kif.event.client_handle", k->handle);
	note("qnet6.kif.event.sigevent_notify", k->notify);
	note("qnet6.kif.event.sigevent_union1", k->union1);
	note("qnet6.kif.event.sigevent_sigvalue", k->evalue);
	note("qnet6.kif.event.sigevent_union2",
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
	if (has_data(type))
		k->nbytes = rnd() % 200;
}

/* A structure and its notes; return: its size. */
static u32 put_kif(u8 *p, u32 room, const struct qnet_kif *k)
{
	u32 len = qnet_kif_build(p, room, k);

	if (!len) {
		fprintf(stderr, "type %u is not built\n", k->type);
		exit(1);
	}
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

static void tcs_packet(void)
{
	char s[4][32];
	struct qnet_tcs t = { .src = s[0], .src_dom = s[1], .dst = s[2],
			      .dst_dom = s[3], .caps = rnd() };
	u8 p[512];
	u32 i;

	for (i = 0; i < 4; i++)
		random_name(s[i]);
	for (i = 0; i < sizeof(t.boot_id); i++)
		t.boot_id[i] = rnd();
	note_string("qnet6.qos.src_name", s[0], 99);
	note_string("qnet6.qos.src_domain", s[1], 99);
	note_string("qnet6.qos.dst_name", s[2], 99);
	note_string("qnet6.qos.dst_domain", s[3], 99);
	packet(QNET_T_TCS_INIT, 0, p, qnet_tcs_build(p, sizeof(p), &t), 0);
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
	char s[32];
	u8 p[64];

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
	packet(QNET_T_USER, QNET_L_NR, p, qnet_nr_build(p, sizeof(p), &n), 0);
}

static void nm_packet(u8 op)
{
	struct qnet_nm n = { .op = op, .id = rnd(), .pid = rnd(),
			     .chid = rnd(), .status = rnd() };
	char s[32];
	u8 p[64];

	n.name = s;
	n.name_len = random_name(s);
	packet(QNET_T_USER, QNET_L_NAME, p, qnet_nm_build(p, sizeof(p), &n), 0);
}

static void any_packet(u32 i)
{
	u32 kind = i % 30;

	if (kind <= QNET_K_CONNECT_PULSE)
		kif_packet(kind);
	else if (kind < 20)
		tcs_packet();
	else if (kind < 22)
		lr_packet();
	else if (kind < 27)
		nr_packet(kind - 22);
	else
		nm_packet(kind - 27 + QNET_NM_LOOKUP);
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
	fprintf(stderr, "usage: %s fields N SEED PCAP TEXT\n"
		"       %s messages|bare N SEED PCAP\n", me, me);
	return 2;
}

int main(int argc, char **argv)
{
	bool fields = argc == 6 && !strcmp(argv[1], "fields");
	bool bare = argc == 5 && !strcmp(argv[1], "bare");
	u32 i, n;

	if (!fields && !bare && (argc != 5 || strcmp(argv[1], "messages")))
		return usage(argv[0]);
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

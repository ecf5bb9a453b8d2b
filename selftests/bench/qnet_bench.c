// SPDX-License-Identifier: GPL-2.0
/*
 * qnet_bench - what one round trip costs, on Qnet and on its neighbours
 *
 * One client sends N bytes, one server sends the same N bytes back, or only
 * the first few (-a, for goodput), in a closed loop: the next request leaves
 * when the last one and its answer have been checked.  The time of every round
 * trip is taken; printed is the mean of the middle half.  Under the lab's
 * instruction clock (selftests/lab/lab -i) time is instructions, so the result
 * says what the kernel and the library execute, and repeats.
 *
 * qnet_bench [-a BYTES] [-c NETNS] [-s NETNS] [-l LABEL] [-w ROUNDS]
 *            [-r ROUNDS] [-p] TRANSPORT BYTES
 *
 *   -a       how much of a message is sent back (all of it)
 *   -c, -s   network namespaces of client and server (n1, n2); transports that
 *            stay on one node have both in the client's
 *   -l       the name printed (TRANSPORT)
 *   -w, -r   rounds to warm up, rounds to measure (by size)
 *   -p       the server preempts the client; see schedule()
 *
 * Everything a transport is stands in one struct transport below.  Prints one
 * JSON object: transport, bytes, answer (bytes), instructions (nanoseconds,
 * where the clock counts those), mean (of all rounds), frames (on the device
 * q0, both ways, per round trip), rounds.  A size that a transport cannot carry
 * prints null and the reason.  Exits with 1 when a message or an answer is
 * wrong or nothing crosses the wire that should.
 *
 * Addresses: node n1 has 10.9.0.1, n2 10.9.0.2; the node n2 is "n2" to Qnet.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/tipc.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <sys/netmgr.h>
#include <sys/neutrino.h>

#define DEVICE		"q0"
#define SERVER_IP	"10.9.0.2"
#define SERVER_NODE	"n2"
#define PORT		7777
#define TIPC_TYPE	0x514e
#define ETHERTYPE	0x88b5		/* for local experiments */
#define ETH_PAYLOAD	1500
#define UDP_MAX		65507
#define TIPC_MAX	66000
#define SECONDS		300		/* longest run */

/* Where the server is, told to the client when it is ready */
struct hello {
	pid_t		pid;
	int		chid;
	unsigned char	mac[ETH_ALEN];
};

/* One end: the client's or the server's. Buffers have room for a header in front */
struct end {
	size_t		bytes;
	size_t		back;		/* bytes of the answer */
	char		*tx, *rx;
	char		*answer;	/* the client's: its rx if all comes back */
	int		fd;		/* socket, connected or listening */
	int		id;		/* Qnet: connection or channel */
	int		ring[2];	/* eventfds: to the server, to the client */
	struct hello	peer;
};

/*
 * A way to carry messages.
 * @wire:     the ends are on different nodes
 * @shortcut: but messages are known to go past the device
 * @refuse:   why so many bytes cannot be sent, or NULL
 * @serve:    makes the server's end and tells @peer where it is
 * @echo:     the server's loop, without end
 * @connect:  makes the client's end
 * @trip:     one round trip
 */
struct transport {
	const char	*name;
	bool		wire;
	bool		shortcut;
	const char	*(*refuse)(size_t bytes);
	void		(*serve)(struct end *e);
	void		(*echo)(struct end *e);
	void		(*connect)(struct end *e);
	void		(*trip)(struct end *e);
};

static void want(bool ok, const char *what)
{
	if (!ok)
		err(1, "%s", what);
}

/* ---- Qnet ---------------------------------------------------------------- */

static void qnet_serve(struct end *e)
{
	e->id = ChannelCreate(0);
	want(e->id > 0, "ChannelCreate");
	e->peer.pid = getpid();
	e->peer.chid = e->id;
}

/* What the first part of a large message left with the client */
static void qnet_rest(struct end *e, int rcvid, size_t have)
{
	while (have < e->bytes) {
		ssize_t n = MsgRead(rcvid, e->rx + have, e->bytes - have, have);

		want(n > 0, "MsgRead");
		have += n;
	}
}

static void qnet_echo(struct end *e)
{
	struct _msg_info info;
	int next, rcvid = 0;

	for (;;) {
		next = qnet_reply_receive(e->id, &rcvid, 0, e->rx, e->back,
					  e->rx, e->bytes, &info);
		want(next > 0, "qnet_reply_receive");
		rcvid = next;
		if (info.msglen < info.srcmsglen)
			qnet_rest(e, rcvid, info.msglen);
	}
}

static void qnet_connect_nd(struct end *e, int nd)
{
	e->id = ConnectAttach(nd, e->peer.pid, e->peer.chid, _NTO_SIDE_CHANNEL, 0);
	want(e->id >= 0, "ConnectAttach");
}

static void qnet_connect_local(struct end *e)
{
	qnet_connect_nd(e, ND_LOCAL_NODE);
}

static void qnet_connect_remote(struct end *e)
{
	int nd = netmgr_strtond(SERVER_NODE, NULL);

	want(nd > 0, "netmgr_strtond " SERVER_NODE);
	qnet_connect_nd(e, nd);
}

static void qnet_trip(struct end *e)
{
	want(MsgSend(e->id, e->tx, e->bytes, e->answer, e->back) == 0, "MsgSend");
}

/* ---- Sockets in general --------------------------------------------------- */

static void send_all(struct end *e, const char *data, size_t bytes)
{
	while (bytes) {
		ssize_t n = send(e->fd, data, bytes, 0);

		want(n > 0, "send");
		data += n;
		bytes -= n;
	}
}

static void recv_all(struct end *e, char *data, size_t bytes, int flags)
{
	ssize_t n = recv(e->fd, data, bytes, flags);

	want(n >= 0, "recv");
	if ((size_t)n != bytes)
		errx(1, "%zd bytes came instead of %zu", n, bytes);
}

static void message_echo(struct end *e)
{
	for (;;) {
		recv_all(e, e->rx, e->bytes, 0);
		send_all(e, e->rx, e->back);
	}
}

static void message_trip(struct end *e)
{
	send_all(e, e->tx, e->bytes);
	recv_all(e, e->answer, e->back, 0);
}

/* The same where the transport keeps no messages apart */
static void stream_echo(struct end *e)
{
	for (;;) {
		recv_all(e, e->rx, e->bytes, MSG_WAITALL);
		send_all(e, e->rx, e->back);
	}
}

static void stream_trip(struct end *e)
{
	send_all(e, e->tx, e->bytes);
	recv_all(e, e->answer, e->back, MSG_WAITALL);
}

/* Both buffers shall hold a message, whatever the system's limits */
static void force_buffers(struct end *e)
{
	int size = 2 * e->bytes + 65536;

	want(!setsockopt(e->fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)),
	     "SO_SNDBUFFORCE");
	want(!setsockopt(e->fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)),
	     "SO_RCVBUFFORCE");
}

static void listen_at(struct end *e, int type, const void *addr, socklen_t len)
{
	int one = 1;

	e->fd = socket(((const struct sockaddr *)addr)->sa_family, type, 0);
	want(e->fd >= 0, "socket");
	/* the last run's address may be in TIME_WAIT */
	want(!setsockopt(e->fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)),
	     "SO_REUSEADDR");
	want(!bind(e->fd, addr, len), "bind");
	want(!listen(e->fd, 1), "listen");
}

static void connect_to(struct end *e, int type, const void *addr, socklen_t len)
{
	e->fd = socket(((const struct sockaddr *)addr)->sa_family, type, 0);
	want(e->fd >= 0, "socket");
	want(!connect(e->fd, addr, len), "connect");
}

static void accept_one(struct end *e)
{
	int fd = accept(e->fd, NULL, NULL);

	want(fd >= 0, "accept");
	close(e->fd);
	e->fd = fd;
}

static struct sockaddr_in inet_address(void)
{
	return (struct sockaddr_in) {
		.sin_family = AF_INET,
		.sin_port = htons(PORT),
		.sin_addr.s_addr = inet_addr(SERVER_IP),
	};
}

/* ---- UDP ------------------------------------------------------------------- */

static const char *udp_refuse(size_t bytes)
{
	return bytes > UDP_MAX ? "a datagram holds 65507 bytes" : NULL;
}

static void udp_serve(struct end *e)
{
	struct sockaddr_in sin = inet_address();

	e->fd = socket(AF_INET, SOCK_DGRAM, 0);
	want(e->fd >= 0, "socket");
	want(!bind(e->fd, (struct sockaddr *)&sin, sizeof(sin)), "bind");
	force_buffers(e);
}

/* Connected sockets on both sides: no look-up of the route per datagram */
static void udp_echo(struct end *e)
{
	struct sockaddr_in sin;
	socklen_t len = sizeof(sin);

	want(recvfrom(e->fd, e->rx, e->bytes, MSG_PEEK, (struct sockaddr *)&sin, &len) >= 0,
	     "recvfrom");
	want(!connect(e->fd, (struct sockaddr *)&sin, len), "connect");
	message_echo(e);
}

static void udp_connect(struct end *e)
{
	struct sockaddr_in sin = inet_address();

	connect_to(e, SOCK_DGRAM, &sin, sizeof(sin));
	force_buffers(e);
}

/* ---- TCP ------------------------------------------------------------------- */

static void tcp_nodelay(struct end *e)
{
	int one = 1;

	want(!setsockopt(e->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)),
	     "TCP_NODELAY");
}

static void tcp_serve(struct end *e)
{
	struct sockaddr_in sin = inet_address();

	listen_at(e, SOCK_STREAM, &sin, sizeof(sin));
}

static void tcp_echo(struct end *e)
{
	accept_one(e);
	tcp_nodelay(e);
	stream_echo(e);
}

static void tcp_connect(struct end *e)
{
	struct sockaddr_in sin = inet_address();

	connect_to(e, SOCK_STREAM, &sin, sizeof(sin));
	tcp_nodelay(e);
}

/* ---- TIPC ------------------------------------------------------------------ */

static const char *tipc_refuse(size_t bytes)
{
	return bytes > TIPC_MAX ? "a message holds 66000 bytes" : NULL;
}

static void tipc_serve_type(struct end *e, int type)
{
	struct sockaddr_tipc a = {
		.family = AF_TIPC,
		.addrtype = TIPC_SERVICE_RANGE,
		.scope = TIPC_CLUSTER_SCOPE,
		.addr.nameseq = { TIPC_TYPE, 1, 1 },
	};

	listen_at(e, type, &a, sizeof(a));
}

static void tipc_serve(struct end *e)
{
	tipc_serve_type(e, SOCK_SEQPACKET);
}

static void tipc_stream_serve(struct end *e)
{
	tipc_serve_type(e, SOCK_STREAM);
}

static void tipc_stream_echo(struct end *e)
{
	accept_one(e);
	stream_echo(e);
}

static void stream_of_messages_echo(struct end *e)
{
	accept_one(e);
	message_echo(e);
}

/* The name of the service takes a moment to travel */
static void tipc_connect_type(struct end *e, int type)
{
	struct sockaddr_tipc a = {
		.family = AF_TIPC,
		.addrtype = TIPC_SERVICE_ADDR,
		.addr.name.name = { TIPC_TYPE, 1 },
	};
	int tries = 100;

	e->fd = socket(AF_TIPC, type, 0);
	want(e->fd >= 0, "socket");
	while (connect(e->fd, (struct sockaddr *)&a, sizeof(a))) {
		want(errno == EHOSTUNREACH && --tries, "connect");
		usleep(100000);
	}
}

static void tipc_connect(struct end *e)
{
	tipc_connect_type(e, SOCK_SEQPACKET);
}

static void tipc_stream_connect(struct end *e)
{
	tipc_connect_type(e, SOCK_STREAM);
}

/* ---- AF_UNIX ---------------------------------------------------------------- */

static const struct sockaddr_un unix_address = {
	.sun_family = AF_UNIX,
	.sun_path = "\0qnet_bench",
};

static void unix_serve(struct end *e)
{
	listen_at(e, SOCK_SEQPACKET, &unix_address, sizeof(unix_address));
}

static void unix_echo(struct end *e)
{
	accept_one(e);
	force_buffers(e);
	message_echo(e);
}

static void unix_connect(struct end *e)
{
	connect_to(e, SOCK_SEQPACKET, &unix_address, sizeof(unix_address));
	force_buffers(e);
}

/* ---- Raw Ethernet ------------------------------------------------------------ */

static const char *packet_refuse(size_t bytes)
{
	return bytes > ETH_PAYLOAD ? "a frame holds 1500 bytes" : NULL;
}

static void packet_open(struct end *e)
{
	struct sockaddr_ll sll = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETHERTYPE),
		.sll_ifindex = if_nametoindex(DEVICE),
	};
	struct ethhdr *eth = (struct ethhdr *)(e->tx - ETH_HLEN);
	struct ifreq ifr = { .ifr_name = DEVICE };

	want(sll.sll_ifindex, DEVICE);
	e->fd = socket(AF_PACKET, SOCK_RAW, 0);
	want(e->fd >= 0, "socket");
	want(!bind(e->fd, (struct sockaddr *)&sll, sizeof(sll)), "bind");
	want(!ioctl(e->fd, SIOCGIFHWADDR, &ifr), "SIOCGIFHWADDR");
	memcpy(eth->h_source, ifr.ifr_hwaddr.sa_data, ETH_ALEN);
	eth->h_proto = htons(ETHERTYPE);
}

static void packet_serve(struct end *e)
{
	struct ethhdr *eth = (struct ethhdr *)(e->tx - ETH_HLEN);

	packet_open(e);
	memcpy(e->peer.mac, eth->h_source, ETH_ALEN);
}

static void packet_echo(struct end *e)
{
	struct ethhdr *in = (struct ethhdr *)(e->rx - ETH_HLEN);
	struct ethhdr *out = (struct ethhdr *)(e->tx - ETH_HLEN);

	for (;;) {
		recv_all(e, (char *)in, ETH_HLEN + e->bytes, 0);
		memcpy(in->h_dest, in->h_source, ETH_ALEN);
		memcpy(in->h_source, out->h_source, ETH_ALEN);
		send_all(e, (char *)in, ETH_HLEN + e->back);
	}
}

static void packet_connect(struct end *e)
{
	struct ethhdr *eth = (struct ethhdr *)(e->tx - ETH_HLEN);

	packet_open(e);
	memcpy(eth->h_dest, e->peer.mac, ETH_ALEN);
}

static void packet_trip(struct end *e)
{
	send_all(e, e->tx - ETH_HLEN, ETH_HLEN + e->bytes);
	recv_all(e, e->answer - ETH_HLEN, ETH_HLEN + e->back, 0);
}

/* ---- Shared memory of sorts: one copy each way, and eventfds to wake ---------- */

static void vm_ring(int fd)
{
	uint64_t one = 1;

	want(write(fd, &one, sizeof(one)) == sizeof(one), "eventfd: write");
}

static void vm_wait(int fd)
{
	uint64_t n;

	want(read(fd, &n, sizeof(n)) == sizeof(n), "eventfd: read");
}

/* A fork has the same addresses as its parent */
static void vm_echo(struct end *e)
{
	struct iovec mine = { e->rx, e->bytes };
	struct iovec theirs = { e->tx, e->bytes };
	struct iovec back = { e->rx, e->back };
	struct iovec answer = { e->answer, e->back };
	pid_t client = getppid();

	for (;;) {
		vm_wait(e->ring[0]);
		want(process_vm_readv(client, &mine, 1, &theirs, 1, 0) ==
		     (ssize_t)e->bytes, "process_vm_readv");
		want(process_vm_writev(client, &back, 1, &answer, 1, 0) ==
		     (ssize_t)e->back, "process_vm_writev");
		vm_ring(e->ring[1]);
	}
}

static void vm_nothing(struct end *e)
{
	(void)e;
}

static void vm_trip(struct end *e)
{
	vm_ring(e->ring[0]);
	vm_wait(e->ring[1]);
}

static const struct transport transports[] = {
	{ .name = "qnet-local", .serve = qnet_serve, .echo = qnet_echo,
	  .connect = qnet_connect_local, .trip = qnet_trip },
	{ .name = "qnet-remote", .wire = true, .serve = qnet_serve,
	  .echo = qnet_echo, .connect = qnet_connect_remote, .trip = qnet_trip },
	{ .name = "packet", .wire = true, .refuse = packet_refuse,
	  .serve = packet_serve, .echo = packet_echo,
	  .connect = packet_connect, .trip = packet_trip },
	{ .name = "udp", .wire = true, .refuse = udp_refuse, .serve = udp_serve,
	  .echo = udp_echo, .connect = udp_connect, .trip = message_trip },
	{ .name = "tcp", .wire = true, .serve = tcp_serve, .echo = tcp_echo,
	  .connect = tcp_connect, .trip = stream_trip },
	{ .name = "tipc", .wire = true, .shortcut = true, .refuse = tipc_refuse,
	  .serve = tipc_serve, .echo = stream_of_messages_echo,
	  .connect = tipc_connect, .trip = message_trip },
	{ .name = "tipc-stream", .wire = true, .shortcut = true,
	  .serve = tipc_stream_serve, .echo = tipc_stream_echo,
	  .connect = tipc_stream_connect, .trip = stream_trip },
	{ .name = "unix", .serve = unix_serve, .echo = unix_echo,
	  .connect = unix_connect, .trip = message_trip },
	{ .name = "process_vm", .serve = vm_nothing, .echo = vm_echo,
	  .connect = vm_nothing, .trip = vm_trip },
	{ }
};

/* ---- Measuring ----------------------------------------------------------------- */

static int64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * INT64_C(1000000000) + ts.tv_nsec;
}

/* Frames that the namespace's q0 has sent and received */
static uint64_t frames(void)
{
	uint64_t rx, tx, sum = 0;
	char line[512], *at;
	FILE *f = fopen("/proc/thread-self/net/dev", "r");

	want(f, "/proc/thread-self/net/dev");
	while (fgets(line, sizeof(line), f)) {
		at = strstr(line, DEVICE ":");
		if (at && sscanf(at + strlen(DEVICE ":"),
				 "%*u %" SCNu64 " %*u %*u %*u %*u %*u %*u %*u %" SCNu64,
				 &rx, &tx) == 2)
			sum = rx + tx;
	}
	fclose(f);
	return sum;
}

/* Another message every time, so that an old answer is not taken for it */
static void prepare(struct end *e, uint32_t round)
{
	memset(e->rx, 0, e->bytes);
	memset(e->answer, 0, e->back);
	for (size_t i = 0; i + sizeof(round) <= e->bytes; i += 512)
		memcpy(e->tx + i, &round, sizeof(round));
}

/* What is not sent back is looked at where the server has it: see buffers() */
static bool arrived(const struct end *e)
{
	return !memcmp(e->rx, e->tx, e->bytes) &&
	       !memcmp(e->answer, e->tx, e->back);
}

static int by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

struct result {
	double	typical, mean, frames;
};

/*
 * The mean of the middle half: clock ticks fall among the dear ones and do not
 * count; of two kinds of round that alternate both do.
 */
static double middle(int64_t *took, unsigned int rounds)
{
	unsigned int from = rounds / 4, to = rounds - from;
	double sum = 0;

	qsort(took, rounds, sizeof(*took), by_size);
	for (unsigned int i = from; i < to; i++)
		sum += took[i];
	return sum / (to - from);
}

static struct result measure(const struct transport *t, struct end *e,
			     unsigned int warm, unsigned int rounds)
{
	int64_t *took = calloc(rounds, sizeof(*took)), sum = 0, start;
	struct result r;
	uint64_t before = 0;
	unsigned int i;

	want(took, "calloc");
	for (i = 0; i < warm + rounds; i++) {
		if (i == warm)
			before = frames();
		prepare(e, i);
		start = now();
		t->trip(e);
		start = now() - start;
		if (!arrived(e))
			errx(1, "round %u: not what was sent arrived", i);
		if (i >= warm)
			took[i - warm] = start;
	}
	r.frames = (double)(frames() - before) / rounds;
	for (i = 0; i < rounds; i++)
		sum += took[i];
	r.typical = middle(took, rounds);
	r.mean = (double)sum / rounds;
	free(took);
	return r;
}

/* ---- Two processes --------------------------------------------------------------- */

static void enter(const char *netns)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "/run/netns/%s", netns);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	want(fd >= 0, path);
	want(!setns(fd, CLONE_NEWNET), "setns");
	close(fd);
}

/*
 * All on one CPU: crossing over to another costs time, but says nothing.
 *
 * Who is woken may take over in the middle of the other's system call; then
 * the other one often finds its answer there before it has gone to sleep, and
 * a wake-up is saved: 2500 instructions, for all transports alike. The
 * scheduler does it or not by its own history. So it is told: never
 * (SCHED_BATCH), which is how it is between two machines, where whoever waits
 * sleeps; or, with -p, the server always.
 */
static void schedule(bool preempt, bool serving)
{
	const struct sched_param none = { 0 };
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(0, &set);
	want(!sched_setaffinity(0, sizeof(set), &set), "sched_setaffinity");
	if (preempt)
		want(!setpriority(PRIO_PROCESS, 0, serving ? -20 : 0), "setpriority");
	else
		want(!sched_setscheduler(0, SCHED_BATCH, &none), "SCHED_BATCH");
}

static char *buffer(size_t bytes, bool shared)
{
	const size_t head = 4096;
	char *at;

	if (shared) {
		at = mmap(NULL, head + bytes, PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
		want(at != MAP_FAILED, "mmap");
	} else {
		at = calloc(1, head + bytes);
		want(at, "calloc");
	}
	return at + head;
}

/*
 * Where not all is sent back the client shares the server's rx, to check the
 * rest there when the clock stands, and gets the answer elsewhere.
 */
static void buffers(struct end *e)
{
	bool part = e->back < e->bytes;

	e->tx = buffer(e->bytes, false);
	e->rx = buffer(e->bytes, part);
	e->answer = part ? buffer(e->back, false) : e->rx;
	for (size_t i = 0; i < e->bytes; i++)
		e->tx[i] = i * 7 + i / 251;
}

static void server(const struct transport *t, struct end *e, const char *netns,
		   bool preempt, int ready)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	alarm(SECONDS);
	schedule(preempt, true);
	enter(netns);
	t->serve(e);
	want(write(ready, &e->peer, sizeof(e->peer)) == sizeof(e->peer), "pipe");
	t->echo(e);
	exit(1);
}

struct options {
	const char	*client, *server, *label;
	size_t		answer;
	unsigned int	warm, rounds;
	bool		preempt;
};

static struct result run(const struct transport *t, struct end *e,
			 const struct options *o)
{
	struct result r;
	int ready[2];
	pid_t pid;

	want(!pipe(ready), "pipe");
	e->ring[0] = eventfd(0, 0);
	e->ring[1] = eventfd(0, 0);
	buffers(e);
	pid = fork();
	want(pid >= 0, "fork");
	if (!pid)
		server(t, e, t->wire ? o->server : o->client, o->preempt, ready[1]);
	close(ready[1]);
	if (read(ready[0], &e->peer, sizeof(e->peer)) != sizeof(e->peer))
		errx(1, "the server failed");
	schedule(o->preempt, false);
	enter(o->client);
	t->connect(e);
	r = measure(t, e, o->warm, o->rounds);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return r;
}

/* Random addresses cost or save a page, a branch: the clock would tell */
static void fixed_addresses(char **argv)
{
	int now = personality(0xffffffff);

	if (now < 0 || now & ADDR_NO_RANDOMIZE)
		return;
	want(personality(now | ADDR_NO_RANDOMIZE) >= 0, "personality");
	execv("/proc/self/exe", argv);
	err(1, "exec");
}

static void usage(void)
{
	fprintf(stderr, "usage: qnet_bench [-a BYTES] [-c NETNS] [-s NETNS] [-l LABEL] "
		"[-w ROUNDS] [-r ROUNDS] [-p] TRANSPORT BYTES\nTRANSPORT:");
	for (const struct transport *t = transports; t->name; t++)
		fprintf(stderr, " %s", t->name);
	fputc('\n', stderr);
	exit(2);
}

static const struct transport *find(const char *name)
{
	const struct transport *t = transports;

	while (t->name && strcmp(t->name, name))
		t++;
	if (!t->name)
		usage();
	return t;
}

/* Enough for a steady figure, and no longer than a second or two each */
static unsigned int rounds_for(size_t bytes)
{
	if (bytes <= 4096)
		return 400;
	return bytes <= 262144 ? 200 : 80;
}

static void read_options(int argc, char **argv, struct options *o)
{
	int c;

	while ((c = getopt(argc, argv, "a:c:s:l:w:r:p")) != -1) {
		switch (c) {
		case 'a':
			o->answer = strtoul(optarg, NULL, 0);
			break;
		case 'c':
			o->client = optarg;
			break;
		case 's':
			o->server = optarg;
			break;
		case 'l':
			o->label = optarg;
			break;
		case 'w':
			o->warm = strtoul(optarg, NULL, 0);
			break;
		case 'r':
			o->rounds = strtoul(optarg, NULL, 0);
			break;
		case 'p':
			o->preempt = true;
			break;
		default:
			usage();
		}
	}
	if (argc - optind != 2)
		usage();
}

int main(int argc, char **argv)
{
	struct options o = { .client = "n1", .server = "n2" };
	const struct transport *t;
	struct end e = { .fd = -1 };
	struct result r;
	const char *why;

	fixed_addresses(argv);
	read_options(argc, argv, &o);
	t = find(argv[optind]);
	e.bytes = strtoul(argv[optind + 1], NULL, 0);
	e.back = o.answer ? o.answer : e.bytes;
	if (!e.bytes || e.back > e.bytes)
		usage();
	o.rounds = o.rounds ? o.rounds : rounds_for(e.bytes);
	o.warm = o.warm ? o.warm : o.rounds / 4 + 1;
	o.label = o.label ? o.label : t->name;

	why = t->refuse ? t->refuse(e.bytes) : NULL;
	if (why) {
		printf("{\"transport\": \"%s\", \"bytes\": %zu, \"answer\": %zu, "
		       "\"instructions\": null, \"frames\": null, \"reason\": \"%s\"}\n",
		       o.label, e.bytes, e.back, why);
		return 0;
	}
	alarm(SECONDS);
	r = run(t, &e, &o);
	if (t->wire && !t->shortcut && r.frames < 1.9)
		errx(1, "%s: %.2f frames for a round trip: it did not cross the wire",
		     o.label, r.frames);
	printf("{\"transport\": \"%s\", \"bytes\": %zu, \"answer\": %zu, "
	       "\"instructions\": %.0f, \"mean\": %.0f, \"frames\": %.2f, "
	       "\"rounds\": %u}\n",
	       o.label, e.bytes, e.back, r.typical, r.mean, r.frames, o.rounds);
	return 0;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * labtool: what the guests of the lab need in C, because an interpreter takes
 * half a second to start under emulation.
 *
 *	labtool on N CMD...	run CMD on node N
 *	labtool host CMD...	have the host do CMD: crash, boot, cut, mend N
 *	labtool mknode N	make node N out of namespaces (netns mode)
 *	labtool tap FILE DEV...	write every frame that enters a port of the
 *				cable (DEV...) to FILE, as pcap
 *
 * "on" enters the namespaces of the node when there are any (netns mode).
 * Otherwise (vm mode) it hands the command, its environment and its three
 * descriptors to the agent of this guest, which talks to the agent in the
 * node's guest.
 */

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NODES		"/run/lab/nodes"
#define AGENT		"/run/lab/agent"
#define LAB_FAILED	125

extern char **environ;

static void __attribute__((noreturn, format(printf, 1, 2)))
die(const char *fmt, ...)
{
	int err = errno;
	va_list ap;

	fputs("lab: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	if (err)
		fprintf(stderr, ": %s", strerror(err));
	fputc('\n', stderr);
	exit(LAB_FAILED);
}

/* ---- on ---------------------------------------------------------------- */

/* A node sees its own programs, not the commands of the lab */
static void node_env(void)
{
	const char *bin = getenv("LAB_BIN"), *path = getenv("PATH");
	size_t len = bin ? strlen(bin) : 0;

	unsetenv("BASH_ENV");
	if (len && path && !strncmp(path, bin, len) && path[len] == ':')
		setenv("PATH", path + len + 1, 1);
}

static void join(const char *node, const char *kind, int type)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), NODES "/%s/%s", node, kind);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		die("no such node: %s", node);
	if (setns(fd, type))
		die("cannot enter %s", path);
	close(fd);
}

static void __attribute__((noreturn)) on_netns(const char *node, char **cmd)
{
	char *cwd = get_current_dir_name();

	join(node, "net", CLONE_NEWNET);
	join(node, "uts", CLONE_NEWUTS);
	join(node, "mnt", CLONE_NEWNS);
	if (!cwd || chdir(cwd))
		if (chdir("/"))
			die("/");
	execvp(cmd[0], cmd);
	fprintf(stderr, "on %s: %s: %s\n", node, cmd[0], strerror(errno));
	exit(errno == ENOENT ? 127 : 126);
}

static void put(FILE *f, const char *s)
{
	fwrite(s, 1, strlen(s) + 1, f);
}

/* The request: length, then node, cwd, argc, argv and environment, as strings */
static void send_request(int s, const char *node, char **cmd)
{
	char ctrl[CMSG_SPACE(3 * sizeof(int))] = {};
	int fds[3] = { 0, 1, 2 }, argc = 0, i;
	char *cwd = get_current_dir_name();
	struct msghdr msg = {};
	struct cmsghdr *cmsg;
	struct iovec iov;
	char number[16];
	size_t size = 0;
	uint32_t len;
	char *buf;
	FILE *f;

	f = open_memstream(&buf, &size);
	if (!f)
		die("memory");
	while (cmd[argc])
		argc++;
	put(f, node);
	put(f, cwd ? cwd : "/");
	snprintf(number, sizeof(number), "%d", argc);
	put(f, number);
	for (i = 0; i < argc; i++)
		put(f, cmd[i]);
	for (i = 0; environ[i]; i++)
		put(f, environ[i]);
	fclose(f);

	len = htonl(size);
	iov = (struct iovec){ &len, sizeof(len) };
	msg.msg_iov = &iov;
	msg.msg_iovlen = 1;
	msg.msg_control = ctrl;
	msg.msg_controllen = sizeof(ctrl);
	cmsg = CMSG_FIRSTHDR(&msg);
	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(fds));
	memcpy(CMSG_DATA(cmsg), fds, sizeof(fds));
	if (sendmsg(s, &msg, 0) != sizeof(len))
		die("agent");
	for (i = 0; (size_t)i < size; i += len) {
		len = send(s, buf + i, size - i, MSG_NOSIGNAL);
		if ((int)len <= 0)
			die("agent");
	}
	free(buf);
}

/* Waits for the end of the command; passes signals on meanwhile */
static int await_end(int s, const sigset_t *set)
{
	struct pollfd p[2] = { { s, POLLIN, 0 }, { -1, POLLIN, 0 } };
	struct signalfd_siginfo si;
	unsigned char c;

	p[1].fd = signalfd(-1, set, SFD_CLOEXEC);
	for (;;) {
		if (poll(p, 2, -1) < 0 && errno != EINTR)
			die("poll");
		if (p[1].revents & POLLIN &&
		    read(p[1].fd, &si, sizeof(si)) == sizeof(si)) {
			c = si.ssi_signo;
			send(s, &c, 1, MSG_NOSIGNAL);
		}
		if (p[0].revents)
			return read(s, &c, 1) == 1 ? c : 255;
	}
}

static int on_vm(const char *node, char **cmd)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX, .sun_path = AGENT };
	sigset_t set, old;
	int s;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGQUIT);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGUSR2);
	sigprocmask(SIG_BLOCK, &set, &old);

	s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (s < 0 || connect(s, (struct sockaddr *)&sun, sizeof(sun)))
		die("no agent");
	send_request(s, node, cmd);
	return await_end(s, &set);
}

static int on(int argc, char **argv)
{
	char *end;

	if (argc < 3 || !strtoul(argv[1], &end, 10) || *end) {
		errno = 0;
		die("usage: on [-d] N CMD...");
	}
	node_env();
	if (!access(NODES, F_OK))
		on_netns(argv[1], argv + 2);
	return on_vm(argv[1], argv + 2);
}

static int host(int argc, char **argv)
{
	if (argc < 2) {
		errno = 0;
		die("usage: host CMD...");
	}
	return on_vm("0", argv + 1);
}

/* ---- mknode ------------------------------------------------------------ */

static void try_mount(const char *type, const char *dir)
{
	if (mount(type, dir, type, 0, NULL) && errno != ENODEV && errno != ENOENT)
		die("mount %s on %s", type, dir);
}

/* Keeps a namespace of this process, or one of its children, alive */
static void keep(pid_t pid, const char *node, const char *kind)
{
	char from[64], to[64];
	int fd;

	snprintf(from, sizeof(from), "/proc/%d/ns/%s", pid, kind);
	snprintf(to, sizeof(to), NODES "/%s/%s", node, kind);
	fd = open(to, O_CREAT | O_RDONLY, 0644);
	if (fd < 0)
		die("%s", to);
	close(fd);
	if (mount(from, to, NULL, MS_BIND, NULL))
		die("mount %s", to);
}

static void loopback_up(void)
{
	struct ifreq ifr = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int s = socket(AF_UNIX, SOCK_DGRAM, 0);

	if (s < 0 || ioctl(s, SIOCSIFFLAGS, &ifr))
		die("lo");
	close(s);
}

/* A node that is to go goes only when nobody else has its namespaces mounted. */
static void forget_mounts(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	char path[512];

	while (d && (e = readdir(d))) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		while (!umount2(path, MNT_DETACH))
			;
	}
	if (d)
		closedir(d);
}

/* The node's view: own network, own host name, own /sys */
static void become_node(const char *name)
{
	if (unshare(CLONE_NEWNET | CLONE_NEWUTS | CLONE_NEWNS))
		die("unshare");
	if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL))
		die("propagation");
	forget_mounts(NODES);
	forget_mounts("/run/netns");
	if (sethostname(name, strlen(name)))
		die("hostname");
	try_mount("sysfs", "/sys");
	try_mount("debugfs", "/sys/kernel/debug");
	try_mount("tracefs", "/sys/kernel/tracing");
	try_mount("cgroup2", "/sys/fs/cgroup");
	loopback_up();
}

/* As "ip netns add" makes it, which would hide what is mounted there by then. */
static void netns_dir(void)
{
	mkdir("/run/netns", 0755);
	if (!mount(NULL, "/run/netns", NULL, MS_SHARED | MS_REC, NULL))
		return;
	if (mount("/run/netns", "/run/netns", NULL, MS_BIND | MS_REC, NULL) ||
	    mount(NULL, "/run/netns", NULL, MS_SHARED | MS_REC, NULL))
		die("/run/netns");
}

static int mknode(int argc, char **argv)
{
	char dir[64], name[32], netns[64];
	int ready[2], done[2], status;
	pid_t pid;
	char c;

	if (argc != 2) {
		errno = 0;
		die("usage: mknode N");
	}
	snprintf(name, sizeof(name), "n%s", argv[1]);
	snprintf(dir, sizeof(dir), NODES "/%s", argv[1]);
	mkdir(NODES, 0755);
	mkdir(dir, 0755);
	/* A mount namespace can be kept only where mounts are private */
	if (mount(dir, dir, NULL, MS_BIND, NULL) ||
	    mount(NULL, dir, NULL, MS_PRIVATE, NULL))
		die("%s", dir);

	if (pipe(ready) || pipe(done))
		die("pipe");
	pid = fork();
	if (!pid) {
		become_node(name);
		if (write(ready[1], "", 1) != 1)
			die("pipe");
		close(done[1]);
		_exit(read(done[0], &c, 1) != 0);
	}
	close(ready[1]);
	if (read(ready[0], &c, 1) != 1)
		return LAB_FAILED;
	keep(pid, argv[1], "net");
	keep(pid, argv[1], "uts");
	keep(pid, argv[1], "mnt");
	close(done[1]);
	waitpid(pid, &status, 0);

	/* for `ip -n nN` */
	netns_dir();
	snprintf(netns, sizeof(netns), "/run/netns/%s", name);
	snprintf(dir, sizeof(dir), NODES "/%s/net", argv[1]);
	close(open(netns, O_CREAT | O_RDONLY, 0644));
	if (mount(dir, netns, NULL, MS_BIND, NULL))
		die("%s", netns);
	return 0;
}

/* ---- tap --------------------------------------------------------------- */

#define MAX_FRAME	(256 << 10)

static volatile sig_atomic_t tap_stop;

static void tap_signal(int sig)
{
	(void)sig;
	tap_stop = 1;
}

static uint64_t tap_frames, tap_dropped;

/*
 * One packet socket for all ports, so that frames stand in the file in the
 * order in which they came. Each frame enters the cable through one port and
 * is seen there and nowhere else: what the bridge sends is ignored, as is
 * what it hands to its own device.
 */
static int tap_open(void)
{
	struct sock_filter none = BPF_STMT(BPF_RET | BPF_K, 0);
	struct sock_fprog drop = { 1, &none };
	int size = 64 << 20, one = 1;
	int s;

	s = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (s < 0)
		die("packet socket");
	if (setsockopt(s, SOL_SOCKET, SO_ATTACH_FILTER, &drop, sizeof(drop)) ||
	    setsockopt(s, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) ||
	    setsockopt(s, SOL_SOCKET, SO_TIMESTAMPNS, &one, sizeof(one)) ||
	    setsockopt(s, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof(one)) ||
	    setsockopt(s, SOL_PACKET, PACKET_AUXDATA, &one, sizeof(one)))
		die("packet socket");
	return s;
}

/* Accepts the frames of the named devices only */
static void tap_filter(int s, int n, char **dev)
{
	struct sock_filter code[n + 3];
	struct sock_fprog prog = { n + 3, code };
	struct sockaddr_ll any = {
		.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL),
	};
	int i;

	code[0] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
					       SKF_AD_OFF + SKF_AD_IFINDEX);
	for (i = 0; i < n; i++) {
		unsigned int index = if_nametoindex(dev[i]);

		if (!index)
			die("%s", dev[i]);
		code[i + 1] = (struct sock_filter)
			BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, index, n - i, 0);
	}
	code[n + 1] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, 0);
	code[n + 2] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, MAX_FRAME);
	if (setsockopt(s, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)) ||
	    bind(s, (struct sockaddr *)&any, sizeof(any)))
		die("packet socket");
}

static void tap_write(FILE *out, struct msghdr *msg, uint8_t *frame, size_t len)
{
	const struct tpacket_auxdata *aux = NULL;
	struct timespec ts = {};
	struct cmsghdr *c;
	uint8_t tag[4];
	uint32_t rec[4];

	for (c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level == SOL_PACKET && c->cmsg_type == PACKET_AUXDATA)
			aux = (void *)CMSG_DATA(c);
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS)
			memcpy(&ts, CMSG_DATA(c), sizeof(ts));
	}

	rec[0] = ts.tv_sec;
	rec[1] = ts.tv_nsec;
	rec[2] = rec[3] = len;
	if (aux && aux->tp_status & TP_STATUS_VLAN_VALID && len >= 12) {
		/* the kernel has taken the tag out of the frame */
		uint16_t tpid = aux->tp_status & TP_STATUS_VLAN_TPID_VALID ?
				aux->tp_vlan_tpid : ETH_P_8021Q;

		tag[0] = tpid >> 8;
		tag[1] = tpid;
		tag[2] = aux->tp_vlan_tci >> 8;
		tag[3] = aux->tp_vlan_tci;
		rec[2] = rec[3] = len + 4;
		fwrite(rec, sizeof(rec), 1, out);
		fwrite(frame, 12, 1, out);
		fwrite(tag, 4, 1, out);
		fwrite(frame + 12, len - 12, 1, out);
	} else {
		fwrite(rec, sizeof(rec), 1, out);
		fwrite(frame, len, 1, out);
	}
}

/* Reads what is there; returns whether there was anything */
static int tap_drain(int s, FILE *out, uint8_t *frame)
{
	int any = 0;

	for (;;) {
		char ctrl[256];
		struct iovec iov = { frame, MAX_FRAME };
		struct msghdr msg = {
			.msg_iov = &iov, .msg_iovlen = 1,
			.msg_control = ctrl, .msg_controllen = sizeof(ctrl),
		};
		ssize_t len = recvmsg(s, &msg, MSG_DONTWAIT);

		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0)	/* nothing there, or a port has gone down */
			return any || errno == ENETDOWN;
		tap_write(out, &msg, frame, len);
		tap_frames++;
		any = 1;
	}
}

static int tap(int argc, char **argv)
{
	const uint32_t head[6] = { 0xa1b23c4d, 2 | 4 << 16, 0, 0, MAX_FRAME, 1 };
	struct sigaction sa = { .sa_handler = tap_signal };
	struct tpacket_stats st;
	socklen_t len = sizeof(st);
	uint8_t *frame = malloc(MAX_FRAME);
	sigset_t blocked, unblocked;
	struct pollfd p;
	FILE *out;
	int s;

	if (argc < 3 || !frame) {
		errno = 0;
		die("usage: tap FILE DEV...");
	}
	out = fopen(argv[1], "we");
	if (!out)
		die("%s", argv[1]);
	setvbuf(out, NULL, _IOFBF, 256 << 10);
	fwrite(head, sizeof(head), 1, out);
	fflush(out);

	s = tap_open();
	tap_filter(s, argc - 2, argv + 2);
	sigaction(SIGTERM, &sa, NULL);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGTERM);
	sigprocmask(SIG_BLOCK, &blocked, &unblocked);
	signal(SIGINT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);

	/* The parent waits for this: from here on nothing is missed */
	if (daemon(1, 1))
		die("daemon");
	if (getenv("TAP_PID")) {
		FILE *pid = fopen(getenv("TAP_PID"), "we");

		if (pid)
			fprintf(pid, "%d\n", getpid());
		if (!pid || fclose(pid))
			die("%s", getenv("TAP_PID"));
	}

	p = (struct pollfd){ s, POLLIN, 0 };
	while (!tap_stop) {
		/* written at once when the wire is quiet */
		if (!poll(&p, 1, 20)) {
			fflush(out);
			if (ppoll(&p, 1, NULL, &unblocked) < 0)
				continue;
		}
		tap_drain(s, out, frame);
	}
	tap_drain(s, out, frame);
	getsockopt(s, SOL_PACKET, PACKET_STATISTICS, &st, &len);
	tap_dropped += st.tp_drops;
	if (fclose(out))
		die("%s", argv[1]);
	if (tap_dropped)
		fprintf(stderr, "lab: the capture lacks %llu of %llu frames\n",
			(unsigned long long)tap_dropped,
			(unsigned long long)(tap_frames + tap_dropped));
	return 0;
}

/* ------------------------------------------------------------------------ */

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "on"))
		return on(argc - 1, argv + 1);
	if (argc > 1 && !strcmp(argv[1], "host"))
		return host(argc - 1, argv + 1);
	if (argc > 1 && !strcmp(argv[1], "mknode"))
		return mknode(argc - 1, argv + 1);
	if (argc > 1 && !strcmp(argv[1], "tap"))
		return tap(argc - 1, argv + 1);
	fprintf(stderr, "usage: labtool on|host|mknode|tap ...\n");
	return LAB_FAILED;
}

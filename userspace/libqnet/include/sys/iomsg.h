/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Messages of the I/O protocol between clients and resource managers: their
 * types and the headers of the ones that servers without a resource manager
 * library look at.
 */
#ifndef _SYS_IOMSG_H
#define _SYS_IOMSG_H

#include <sys/neutrino.h>

#define _IO_BASE		0x100
#define _IO_MAX			0x1ff

#define _IO_CONNECT		0x100
#define _IO_READ		0x101
#define _IO_WRITE		0x102
#define _IO_STAT		0x104
#define _IO_NOTIFY		0x105
#define _IO_DEVCTL		0x106
#define _IO_PATHCONF		0x108
#define _IO_LSEEK		0x109
#define _IO_CHMOD		0x10a
#define _IO_CHOWN		0x10b
#define _IO_UTIME		0x10c
#define _IO_OPENFD		0x10d
#define _IO_FDINFO		0x10e
#define _IO_LOCK		0x10f
#define _IO_SPACE		0x110
#define _IO_SHUTDOWN		0x111
#define _IO_MMAP		0x112
#define _IO_MSG			0x113
#define _IO_DUP			0x115
#define _IO_CLOSE		0x116
#define _IO_SYNC		0x119
#define _IO_POWER		0x11a

#define _IO_COMBINE_FLAG	0x8000

enum _io_connect_subtypes {
	_IO_CONNECT_COMBINE,
	_IO_CONNECT_COMBINE_CLOSE,
	_IO_CONNECT_OPEN,
	_IO_CONNECT_UNLINK,
	_IO_CONNECT_RENAME,
	_IO_CONNECT_MKNOD,
	_IO_CONNECT_READLINK,
	_IO_CONNECT_LINK,
	_IO_CONNECT_RSVD_UNBLOCK,
	_IO_CONNECT_MOUNT
};

enum _io_connect_extra_type {
	_IO_CONNECT_EXTRA_NONE,
	_IO_CONNECT_EXTRA_LINK,
	_IO_CONNECT_EXTRA_SYMLINK,
	_IO_CONNECT_EXTRA_MQUEUE,
	_IO_CONNECT_EXTRA_PHOTON,
	_IO_CONNECT_EXTRA_SOCKET,
	_IO_CONNECT_EXTRA_SEM,
	_IO_CONNECT_EXTRA_RESMGR_LINK,
	_IO_CONNECT_EXTRA_PROC_SYMLINK,
	_IO_CONNECT_EXTRA_RENAME,
	_IO_CONNECT_EXTRA_MOUNT,
	_IO_CONNECT_EXTRA_MOUNT_OCB,
	_IO_CONNECT_EXTRA_TYMEM
};

/* struct _io_connect.ioflag */
#define _IO_FLAG_RD		0x0001
#define _IO_FLAG_WR		0x0002
#define _IO_FLAG_MASK		0x0003

/* struct _io_connect.file_type */
#define _FTYPE_MATCHED		(-1)
#define _FTYPE_ANY		0
#define _FTYPE_FILE		1
#define _FTYPE_LINK		2
#define _FTYPE_SYMLINK		3
#define _FTYPE_PIPE		4
#define _FTYPE_SHMEM		5
#define _FTYPE_MQUEUE		6
#define _FTYPE_SOCKET		7
#define _FTYPE_SEM		8
#define _FTYPE_MOUNT		11
#define _FTYPE_NAME		12

#define _IO_XTYPE_NONE		0
#define _IO_XTYPE_READCOND	1
#define _IO_XTYPE_OFFSET	5

/* The first two words of every message. */
struct _io_hdr {
	_Uint16t	type;
	_Uint16t	combine_len;
};

/**
 * struct _io_connect - what name_open() sends to a server
 * @type:     _IO_CONNECT
 * @subtype:  _IO_CONNECT_OPEN
 * @ioflag:   _IO_FLAG_RD | _IO_FLAG_WR
 * @path_len: bytes of @path with its NUL
 * @path:     the name
 *
 * The fields not named here are 0, except file_type, _FTYPE_NAME.
 * Manual page: _io_connect.
 */
struct _io_connect {
	_Uint16t	type;
	_Uint16t	subtype;
	_Uint32t	file_type;
	_Uint16t	reply_max;
	_Uint16t	entry_max;
	_Uint32t	key;
	_Uint32t	handle;
	_Uint32t	ioflag;
	_Uint32t	mode;
	_Uint16t	sflag;
	_Uint16t	access;
	_Uint16t	zero;
	_Uint16t	path_len;
	_Uint8t		eflag;
	_Uint8t		extra_type;
	_Uint16t	extra_len;
	char		path[1];
};

struct _io_connect_entry {
	_Uint32t	nd;
	pid_t		pid;
	_Int32t		chid;
	_Uint32t	handle;
	_Uint32t	key;
	_Uint16t	file_type;
	_Uint16t	prefix_len;
};

struct _io_connect_link_reply {
	_Uint32t	reserved1[2];
	_Uint8t		eflag;
	_Uint8t		reserved2[3];
	_Uint32t	umask;
	_Uint16t	nentries;
	_Uint16t	path_len;
};

struct _io_connect_ftype_reply {
	_Uint16t	status;
	_Uint16t	reserved;
	_Uint32t	file_type;
};

typedef union {
	struct _io_connect		connect;
	struct _io_connect_link_reply	link_reply;
	struct _io_connect_ftype_reply	ftype_reply;
} io_connect_t;

typedef io_connect_t io_open_t;

struct _io_read {
	_Uint16t	type;
	_Uint16t	combine_len;
	_Int32t		nbytes;
	_Uint32t	xtype;
	_Uint32t	zero;
};

typedef union {
	struct _io_read	i;
} io_read_t;

struct _io_write {
	_Uint16t	type;
	_Uint16t	combine_len;
	_Int32t		nbytes;
	_Uint32t	xtype;
	_Uint32t	zero;
};

typedef union {
	struct _io_write i;
} io_write_t;

struct _io_devctl {
	_Uint16t	type;
	_Uint16t	combine_len;
	_Int32t		dcmd;
	_Uint32t	nbytes;
	_Int32t		zero;
};

struct _io_devctl_reply {
	_Uint32t	zero;
	_Int32t		ret_val;
	_Uint32t	nbytes;
	_Int32t		zero2;
};

typedef union {
	struct _io_devctl	i;
	struct _io_devctl_reply	o;
} io_devctl_t;

#define _DEVCTL_DATA(__msg)	((void *)(sizeof(__msg) + (char *)&(__msg)))

struct _io_msg {
	_Uint16t	type;
	_Uint16t	combine_len;
	_Uint16t	mgrid;
	_Uint16t	subtype;
};

typedef union {
	struct _io_msg	i;
} io_msg_t;

struct _io_close {
	_Uint16t	type;
	_Uint16t	combine_len;
};

typedef union {
	struct _io_close i;
} io_close_t;

/* struct _io_msg.mgrid */
#define _IOMGR_FSYS		0x0002
#define _IOMGR_TCPIP		0x0006
#define _IOMGR_NETMGR		0x000e
#define _IOMGR_PRIVATE_BASE	0xf000
#define _IOMGR_PRIVATE_MAX	0xffff

#endif /* _SYS_IOMSG_H */

-- SPDX-License-Identifier: GPL-2.0-only
--
-- What Qnet for Linux adds to QNX's protocol, for Wireshark and tshark.
--
-- Wireshark's own decoder (qnet6) knows the frames of Neutrino.  Two Linux nodes
-- say more to each other: see Documentation/networking/qnet-wireshark.rst for a
-- call, and include/linux/qnet_wire.h, net/qnet/l4.h for the layouts.  This is a
-- post-dissector: qnet6 does what it always does, and what is ours stands in a
-- tree of its own below, with fields that begin with "qnet.".
--
-- Everything read here was written by a stranger.  Bytes are read by a Reader
-- only, which knows where the frame and the packet in it end.

local qnet = Proto("qnet", "Qnet for Linux")

-- ------------------------------------------------------------ numbers, names

local ETHERTYPE = 0x8204
local PAD = 2			-- before the header
local HDR = 36
local VER_LE, VER_BE = 0x2a, 0xaa

local T_USER_DATA, T_TCS_INIT, T_USER, T_ACK, T_NACK = 0, 1, 8, 9, 10
local L_KIF, L_WATCH, L_NAME = 0, 0x51, 0x52
local K_CONNECT_MSGSEND, K_MSGREPLY, K_MSGERROR = 1, 9, 10
local K_EVENT, K_SIGNAL = 11, 13

local TCS_HDR = 8
local CAP_MAGIC, CAP_LEN = "00716e6c", 26	-- "\0qnl"
local ACK_VALID = 0x8000
local NACK_UNIT = 16
local CLIENT_ID_MIN, QUESTION_MIN, S32_MAX = 0x50000000, 0x60000000, 0x7fffffff
local UNBLOCKED = 1
local EINTR = 4
local SIGNO_PRIVATE, SIGNO_MAX = 256, 64

local WATCH_POLL, WATCH_STATUS = 1, 2
local WATCH_SET, WATCH_SET_ANSWER, WATCH_PARTS = 4, 5, 6
local WATCH_HEAD, WATCH_VCS, WATCH_NPARTS = 8, 60, 128
local WATCH_SET_LEN, WATCH_VC_LEN, WATCH_PART_LEN = 24, 24, 8

local NM_LOOKUP, NM_FOUND, NM_ERROR = 1, 2, 3
local NM_NAME_MAX = 255

local watch_ops = {
	[WATCH_POLL] = "Poll", [WATCH_STATUS] = "Status", [WATCH_SET] = "Set",
	[WATCH_SET_ANSWER] = "Set answer", [WATCH_PARTS] = "Parts",
}
local watch_states = {
	[0] = "no such circuit", "idle", "SEND-blocked", "REPLY-blocked",
	"closing",
}
local name_ops = {
	[NM_LOOKUP] = "Lookup", [NM_FOUND] = "Found", [NM_ERROR] = "Error",
}
local event_kinds = {
	[0] = "none", "signal", "signal with code", "signal to thread", "pulse",
}
local qos_types = {
	[0] = "loadbalance", [2] = "exclusive", [3] = "preferred",
}

-- QNX's, as on the wire
local errnos = {
	[0] = "EOK", "EPERM", "ENOENT", "ESRCH", "EINTR", "EIO", "ENXIO",
	"E2BIG", "ENOEXEC", "EBADF", "ECHILD", "EAGAIN", "ENOMEM", "EACCES",
	"EFAULT", "ENOTBLK", "EBUSY", "EEXIST", "EXDEV", "ENODEV", "ENOTDIR",
	"EISDIR", "EINVAL", "ENFILE", "EMFILE", "ENOTTY", "ETXTBSY", "EFBIG",
	"ENOSPC", "ESPIPE", "EROFS", "EMLINK", "EPIPE", "EDOM", "ERANGE",
	[45] = "EDEADLK", [47] = "ECANCELED", [48] = "ENOTSUP", [62] = "ETIME",
	[71] = "EPROTO", [77] = "EBADMSG", [78] = "ENAMETOOLONG",
	[79] = "EOVERFLOW", [89] = "ENOSYS", [90] = "ELOOP",
	[240] = "EMSGSIZE", [255] = "ENOBUFS", [260] = "ETIMEDOUT",
	[261] = "ECONNREFUSED", [264] = "EHOSTDOWN", [265] = "EHOSTUNREACH",
	[300] = "ENOREMOTE", [312] = "ESRVRFAULT", [313] = "EENDIAN",
}

-- -------------------------------------------------------------------- fields

local F, all_fields = {}, {}

local function field(name, kind, text, ...)
	F[name] = ProtoField[kind]("qnet." .. name, text, ...)
	all_fields[#all_fields + 1] = F[name]
end

-- TCS_INIT, behind the strings
field("cap", "none", "Capabilities")
field("cap.version", "uint8", "Version")
field("cap.length", "uint8", "Length")
field("caps", "uint32", "Extensions", base.HEX)
field("caps.names", "bool", "Names of services", 32, nil, 0x0001)
field("caps.watch", "bool", "Integrity of circuits", 32, nil, 0x0002)
field("caps.acks", "bool", "Cumulative, delayed acknowledgments", 32, nil,
      0x0004)
field("caps.conn_send", "bool", "Set-up and first message in one", 32, nil,
      0x0008)
field("caps.events", "bool", "Events by circuit, signals answered", 32, nil,
      0x0010)
field("boot_id", "guid", "Boot id")

-- The header of data and of answers to it
field("ack", "none", "Acknowledgment with data")
field("ack.gen", "uint16", "Generation of the connection", base.DEC, nil,
      0x7000)
field("ack.seq", "uint32", "Sequence number, low 20 bits")
field("ack.size", "uint32", "Bytes of the packet acknowledged")
field("qos", "uint16", "Ways asked for", base.DEC, qos_types, 0x00ff)
field("nack.from", "uint32", "First byte missing")
field("nack.units", "uint16", "Missing, in units of 16 bytes")
field("nack.size", "uint32", "Bytes missing")

-- KIF
field("conn_send", "uint32", "First message begins at")
field("unblocked", "uint32", "Unblocked: the client gets its own error")
field("event.client_id", "uint32", "Circuit (client_id)", base.HEX)
field("event.kind", "uint32", "Kind", base.DEC, event_kinds, 0x000000ff)
field("event.tid", "uint32", "Thread of the client", base.DEC, nil, 0xfffffc00)
field("event.code", "int16", "Code")
field("event.priority", "int16", "Priority")
field("signal.question", "uint32", "Number of the question", base.HEX)
field("signal.answer", "uint32", "Answer to the question", base.HEX)
field("signal.linux", "uint32", "Linux's number of the signal")

-- Layer 0x51
field("watch", "none", "Integrity of circuits")
field("watch.op", "uint8", "Operation", base.DEC, watch_ops)
field("watch.version", "uint8", "Version")
field("watch.count", "uint16", "Circuits listed")
field("watch.id", "uint32", "Number of the question")
field("watch.n_mine", "uint32", "Circuits of the sender's clients")
field("watch.n_theirs", "uint32", "Circuits of the receiver's clients")
field("watch.sum_mine", "uint64", "Sum over the first", base.HEX)
field("watch.sum_theirs", "uint64", "Sum over the second", base.HEX)
field("watch.vc", "none", "Circuit")
field("watch.server_id", "int32", "Server_id")
field("watch.client_id", "uint32", "Client_id", base.HEX)
field("watch.client_pid", "int32", "Client_pid")
field("watch.server_pid", "int32", "Server_pid")
field("watch.generation", "uint32", "Generation")
field("watch.state", "uint16", "State", base.DEC, watch_states)
field("watch.mine", "bool", "Client is with who asks", 16, nil, 0x0001)
field("watch.part", "none", "Part")
field("watch.part_mine", "uint32", "Sum, sender's clients", base.HEX)
field("watch.part_theirs", "uint32", "Sum, receiver's clients", base.HEX)

-- Layer 0x52
field("name", "none", "Names of services")
field("name.op", "uint8", "Operation", base.DEC, name_ops)
field("name.version", "uint8", "Version")
field("name.length", "uint16", "Length of the name")
field("name.id", "uint32", "Number of the question")
field("name.name", "string", "Name")
field("name.pid", "int32", "Process")
field("name.chid", "int32", "Channel")
field("name.status", "uint32", "Status", base.DEC, errnos)

qnet.fields = all_fields

local E = {
	truncated = ProtoExpert.new("qnet.truncated", "The frame was cut off",
				    expert.group.UNDECODED,
				    expert.severity.WARN),
	malformed = ProtoExpert.new("qnet.malformed", "Not what Qnet sends",
				    expert.group.MALFORMED,
				    expert.severity.ERROR),
	continued = ProtoExpert.new("qnet.continued",
				    "The rest is in later fragments",
				    expert.group.REASSEMBLE,
				    expert.severity.CHAT),
}

qnet.experts = { E.truncated, E.malformed, E.continued }

local get = {
	lwl4 = Field.new("qnet6.l4.ver"),
	eth = Field.new("eth.type"),
	vlan = Field.new("vlan.etype"),
}

-- -------------------------------------------------------------------- Reader
--
-- The bytes from "at" to "stop" of a packet, and the tree of the frame.  What is
-- not there is read as nil, and said once, with the reason why it is not there.

local Reader = {}
Reader.__index = Reader

function Reader:root()
	self.tree = self.tree or self.top:add(qnet, self.tvb(self.from))
	return self.tree
end

function Reader:say(what)
	if not self.said then
		self:root():add_proto_expert_info(E[what])
		self.said = true
	end
end

function Reader:left()
	return self.stop - self.at
end

-- Why are there not enough bytes?
function Reader:short()
	if self.cut then
		self:say("truncated")
	elseif self.continued then
		self:say("continued")
	else
		self:say("malformed")
	end
end

function Reader:range(size)
	if size > self:left() then
		self:short()
		return nil
	end
	self.at = self.at + size
	return self.tvb(self.at - size, size)
end

local function number(range, big)
	return big and range:uint() or range:le_uint()
end

local function add(tree, f, range, big)
	return big and tree:add(f, range) or tree:add_le(f, range)
end

-- Reads fields, a list of { name, size }.  Return: the numbers by name, and
-- whether all were there.
function Reader:fields(tree, list)
	local v = {}

	for _, f in ipairs(list) do
		local range = self:range(f[2])

		if not range then
			return v, false
		end
		add(tree, F[f[1]], range, self.big)
		v[f[1]] = f[2] <= 4 and number(range, self.big) or nil
	end
	return v, true
end

-- A number at an offset in the packet, or nil; moves nothing.
function Reader:peek(offset, size)
	local at = self.payload + offset

	if at + size > self.stop then
		return nil
	end
	return number(self.tvb(at, size), self.big), self.tvb(at, size)
end

-- A tree for all that is left, at most "size".
function Reader:sub(name, size, tree)
	size = math.min(size or self:left(), self:left())
	return (tree or self:root()):add(F[name], self.tvb(self.at, size))
end

-- ------------------------------------------------------------------- TCS_INIT

-- The end of the string at an offset behind the header, nil if it has none.
local function string_end(bytes, off)
	for i = TCS_HDR + off, bytes:len() - 1 do
		if bytes:get_index(i) == 0 then
			return i + 1
		end
	end
end

-- Where the last of the strings ends.
local function strings_end(r)
	local bytes = r:left() > 0 and r.tvb(r.at, r:left()):bytes()
	local last = TCS_HDR

	for i = 0, 3 do
		local off = r:peek(2 * i, 2)
		local e = off and string_end(bytes, off)

		if not e then
			return nil
		end
		last = math.max(last, e)
	end
	return last
end

local cap_fields = {
	{ "cap.version", 1 }, { "cap.length", 1 },
}

local cap_bits = { "names", "watch", "acks", "conn_send", "events" }

-- Little endian in packets of either order.
local function dissect_caps(r, tree)
	local range = r:range(4)
	local names = {}

	if not range then
		return
	end
	local caps = tree:add_le(F["caps"], range)
	for i, name in ipairs(cap_bits) do
		caps:add_le(F["caps." .. name], range)
		if math.floor(range:le_uint() / 2 ^ (i - 1)) % 2 == 1 then
			names[#names + 1] = name
		end
	end
	caps:append_text(" (" .. table.concat(names, ", ") .. ")")
	range = r:range(16)
	if range then
		tree:add(F["boot_id"], range)
		r.info = "caps " .. table.concat(names, "+")
	end
end

local function dissect_tcs(r)
	local last = strings_end(r)

	if not last then
		if r.cut or r.continued then
			r:short()
		end
		return
	end
	r.at = r.payload + last
	if r:left() < 4 or
	   r.tvb(r.at, 4):bytes():tohex(true) ~= CAP_MAGIC then
		if r.cut or r.continued then
			r:short()
		end
		return
	end
	local tree = r:sub("cap")
	r.at = r.at + 4
	local v, whole = r:fields(tree, cap_fields)
	if not whole then
		return
	end
	if v["cap.version"] < 1 or v["cap.length"] < CAP_LEN then
		return r:say("malformed")
	end
	dissect_caps(r, tree)
end

-- ------------------------------------------------------------ acknowledgments

local function u16(r, at)
	return number(r.tvb(r.from + at, 2), r.big)
end

-- In the header of data: twelve bits in src_qos_idx, eight in qos_type.
local function dissect_short_ack(r)
	local qos, qidx = r.tvb(r.from + 20, 2), r.tvb(r.from + 22, 2)
	local low, high = number(qidx, r.big), number(qos, r.big)

	if low < ACK_VALID then
		return
	end
	local seq = math.floor(math.floor(high / 256) * 4096 + low % 4096)
	local both = r.tvb(r.from + 20, 4)
	local tree = r:root():add(F["ack"], both)
	tree:append_text(string.format(": up to 0x%05x", seq))
	tree:add(F["ack.seq"], both, seq)
	add(tree, F["ack.gen"], qidx, r.big)
	add(tree, F["qos"], qos, r.big)
end

local function dissect_ack(r)
	add(r:root(), F["ack.size"], r.tvb(r.from + 24, 4), r.big)
end

local function dissect_nack(r)
	local range = r.tvb(r.from + 22, 2)
	local units = number(range, r.big)

	add(r:root(), F["nack.from"], r.tvb(r.from + 24, 4), r.big)
	if units == 0 then	-- a plain peer does not tell
		return
	end
	add(r:root(), F["nack.units"], range, r.big)
	r:root():add(F["nack.size"], range, units * NACK_UNIT):set_generated()
	r.info = string.format("%d bytes missing", units * NACK_UNIT)
end

-- ------------------------------------------------------------------------ KIF

local function add_peek(r, name, offset, size)
	local value, range = r:peek(offset, size)

	if value then
		add(r:root(), F[name], range, r.big)
	end
	return value
end

local function is_question(handle)
	return handle and handle >= QUESTION_MIN and handle <= S32_MAX
end

local function dissect_conn_send(r)
	local size, range = r:peek(2, 2)

	if size then
		r:root():add(F["conn_send"], range, size)
		r.info = "with the first message"
	end
end

-- An answer to a signal, or the end of a call that its client has left.
local function dissect_answer(r, kind)
	local status, offset = r:peek(4, 4), r:peek(12, 4)

	if is_question(r:peek(8, 4)) then
		add_peek(r, "signal.answer", 8, 4)
		r.info = "answer to a signal"
	end
	if kind == K_MSGERROR and status == EINTR and offset == UNBLOCKED then
		add_peek(r, "unblocked", 12, 4)
		r.info = "unblocked"
	end
end

local function dissect_event(r)
	local handle = r:peek(4, 4)

	if handle and handle >= CLIENT_ID_MIN and handle < QUESTION_MIN then
		add_peek(r, "event.client_id", 4, 4)
	end
	local notify = add_peek(r, "event.kind", 8, 4)
	add_peek(r, "event.tid", 8, 4)
	add_peek(r, "event.code", 20, 2)
	add_peek(r, "event.priority", 22, 2)
	if notify then
		r.info = event_kinds[notify % 256]
	end
end

local function dissect_signal(r)
	local signo, range = r:peek(16, 4)

	if is_question(r:peek(4, 4)) then
		add_peek(r, "signal.question", 4, 4)
		r.info = "wants an answer"
	end
	if signo and signo > SIGNO_PRIVATE and
	   signo <= SIGNO_PRIVATE + SIGNO_MAX then
		r:root():add(F["signal.linux"], range, signo - SIGNO_PRIVATE)
	end
end

local kif_kinds = {
	[K_CONNECT_MSGSEND] = dissect_conn_send,
	[K_MSGREPLY] = dissect_answer, [K_MSGERROR] = dissect_answer,
	[K_EVENT] = dissect_event, [K_SIGNAL] = dissect_signal,
}

local function dissect_kif(r)
	local word = r:peek(0, 2)
	local kind = word and word % 128
	local f = kind and kif_kinds[kind]

	if f then
		f(r, kind)
	end
end

-- ----------------------------------------------------- layer 0x51: watchdogs

local watch_head = {
	{ "watch.op", 1 }, { "watch.version", 1 }, { "watch.count", 2 },
	{ "watch.id", 4 },
}

local watch_set = {
	{ "watch.n_mine", 4 }, { "watch.n_theirs", 4 },
	{ "watch.sum_mine", 8 }, { "watch.sum_theirs", 8 },
}

local watch_vc = {
	{ "watch.server_id", 4 }, { "watch.client_id", 4 },
	{ "watch.client_pid", 4 }, { "watch.server_pid", 4 },
	{ "watch.generation", 4 }, { "watch.state", 2 }, { "watch.mine", 2 },
}

local watch_part = {
	{ "watch.part_mine", 4 }, { "watch.part_theirs", 4 },
}

local function circuits(n)
	return string.format(n == 1 and "%d circuit" or "%d circuits", n)
end

local function dissect_watch_vcs(r, tree, head)
	for _ = 1, head["watch.count"] do
		local sub = r:sub("watch.vc", WATCH_VC_LEN, tree)
		local v, whole = r:fields(sub, watch_vc)

		if not whole then
			return
		end
		sub:append_text(string.format(" 0x%08x of process %d: %s",
			v["watch.client_id"], v["watch.client_pid"],
			watch_states[v["watch.state"]] or "unknown"))
	end
	r.info = circuits(head["watch.count"])
end

local function dissect_watch_set(r, tree)
	local v, whole = r:fields(tree, watch_set)

	if whole then
		r.info = string.format("%s of the sender's clients, %d of " ..
			"the receiver's", circuits(v["watch.n_mine"]),
			v["watch.n_theirs"])
	end
end

local function dissect_watch_parts(r, tree)
	for i = 0, WATCH_NPARTS - 1 do
		local sub = r:sub("watch.part", WATCH_PART_LEN, tree)

		sub:append_text(" " .. i)
		if not select(2, r:fields(sub, watch_part)) then
			return
		end
	end
end

-- What may follow the head, and how long it is; nil if there is no such packet
local function watch_body(op, count)
	if op == WATCH_POLL or op == WATCH_STATUS then
		if count >= 1 and count <= WATCH_VCS then
			return dissect_watch_vcs, count * WATCH_VC_LEN
		end
	elseif op == WATCH_SET or op == WATCH_SET_ANSWER then
		return dissect_watch_set, WATCH_SET_LEN
	elseif op == WATCH_PARTS then
		return dissect_watch_parts, WATCH_NPARTS * WATCH_PART_LEN
	end
end

local function dissect_watch(r)
	local tree = r:sub("watch")
	local head, whole = r:fields(tree, watch_head)
	local op = head["watch.op"]

	r.protocol = "QNET_WATCH"
	r.title = watch_ops[op] or "Circuits"
	if not whole then
		return
	end
	local body, size = watch_body(op, head["watch.count"])
	if not body or head["watch.version"] ~= 1 then
		return r:say("malformed")
	end
	body(r, tree, head)
	if r.whole and r.length ~= WATCH_HEAD + size then
		r:say("malformed")
	end
end

-- --------------------------------------------------------- layer 0x52: names

local name_head = {
	{ "name.op", 1 }, { "name.version", 1 }, { "name.length", 2 },
	{ "name.id", 4 },
}

local name_found = { { "name.pid", 4 }, { "name.chid", 4 } }
local name_error = { { "name.status", 4 } }

local function dissect_name_lookup(r, tree, head)
	local len = head["name.length"]
	local range

	if len == 0 or len > NM_NAME_MAX then
		return r:say("malformed")
	end
	range = r:range(len)
	if range then
		tree:add(F["name.name"], range)
		r.info = '"' .. range:string() .. '"'
	end
end

local function dissect_name_found(r, tree)
	local v, whole = r:fields(tree, name_found)

	if whole then
		r.info = string.format("process %d, channel %d", v["name.pid"],
				       v["name.chid"])
	end
end

local function dissect_name_error(r, tree)
	local v, whole = r:fields(tree, name_error)

	if whole then
		r.info = errnos[v["name.status"]] or tostring(v["name.status"])
	end
end

local name_bodies = {
	[NM_LOOKUP] = dissect_name_lookup, [NM_FOUND] = dissect_name_found,
	[NM_ERROR] = dissect_name_error,
}

local function dissect_name(r)
	local tree = r:sub("name")
	local head, whole = r:fields(tree, name_head)
	local body = name_bodies[head["name.op"]]

	r.protocol = "QNET_NAME"
	r.title = "Name " .. (name_ops[head["name.op"]] or "?")
	if not whole then
		return
	end
	if not body or head["name.version"] ~= 1 then
		return r:say("malformed")
	end
	body(r, tree, head)
end

-- ----------------------------------------------------------------- the frame

-- The first byte behind the type of the frame, nil if it is not one of Qnet's.
local function find_payload()
	local ver = get.lwl4()

	if ver then
		return ver.offset - PAD
	end
	-- qnet6 leaves alone what is shorter than a header.
	for _, f in ipairs({ get.eth, get.vlan }) do
		for _, info in ipairs({ f() }) do
			if info.value == ETHERTYPE then
				return info.offset + info.len
			end
		end
	end
end

local function new_reader(tvb, top, from)
	return setmetatable({ tvb = tvb, top = top, from = from }, Reader)
end

-- Sets the bounds of a packet.  Return: its type and layer, and whether it is
-- the first fragment; nil if there is no whole header.
local function read_header(r)
	local tvb, from = r.tvb, r.from
	local ver = tvb(from, 1):uint()

	r.big = ver == VER_BE
	if not r.big and ver ~= VER_LE then
		return nil
	end
	local flags = tvb(from + 2, 1):uint()
	r.length = number(tvb(from + 28, 4), r.big)
	r.payload = from + HDR
	r.at = r.payload
	r.stop = math.min(r.payload + r.length, tvb:len())
	r.cut = r.payload + r.length > tvb:len()
	r.whole = flags % 4 == 3
	r.continued = math.floor(flags / 2) % 2 == 0
	return tvb(from + 1, 1):uint(), tvb(from + 3, 1):uint(), flags % 2 == 1
end

local layers = {
	[L_KIF] = dissect_kif, [L_WATCH] = dissect_watch,
	[L_NAME] = dissect_name,
}

local function dissect_packet(r)
	local kind, layer, first = read_header(r)

	if kind == T_USER or kind == T_USER_DATA then
		dissect_short_ack(r)
		if first and layers[layer] then
			layers[layer](r)
		end
	elseif kind == T_TCS_INIT and first then
		dissect_tcs(r)
	elseif kind == T_ACK then
		r.cut = false
		dissect_ack(r)
	elseif kind == T_NACK then
		r.cut = false	-- its length is not that of a payload
		dissect_nack(r)
	end
	if r.tree and r.cut then
		r:say("truncated")
	end
end

local function set_columns(pinfo, r)
	if r.protocol then
		pinfo.cols.protocol:set(r.protocol)
		pinfo.cols.info:set(r.title)
	end
	if r.info then
		pinfo.cols.info:append(": " .. r.info)
	end
end

function qnet.dissector(tvb, pinfo, tree)
	local at = find_payload()

	if not at then
		return
	end
	if at + PAD + HDR > tvb:len() then
		tree:add(qnet, tvb(math.min(at, tvb:len()))):
			add_proto_expert_info(E.truncated)
		return
	end
	local r = new_reader(tvb, tree, at + PAD)
	dissect_packet(r)
	set_columns(pinfo, r)
end

register_postdissector(qnet)

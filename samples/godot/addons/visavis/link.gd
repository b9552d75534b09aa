# Takes requests for a bridge, gives what comes from it: one WebSocket, kept up and numbered.
#
# WebSocket and not ZMTP, because Godot has it built in: framing, masking and reading run in C++, one connection carries
# requests, motion and pictures, and the bridge keeps for a slow reader only the newest picture. `poll` has to be called
# at every draw; it never waits. What it does not do: it does not know what a message means.

const Vocabulary = preload("vocabulary.gd")
const Wire = preload("wire.gd")

signal opened
signal lost  # also when nobody answered
signal message_came(message)

const AGAIN_S = [0.25, 0.5, 1.0]  # between tries; the last one for ever
const CONNECT_S = 3.0  # a try that takes longer is given up
const INBOX_KB = 16384  # sixteen RGBA pictures of 512 px: what may come while a game stands still for a moment
const INBOX_MESSAGES = 4096
const OUTBOX_KB = 16384

var is_open := false

var _url := ""
var _socket: WebSocketClient = null
var _tries := 0
var _next_try_s := 0.0
var _give_up_s := 0.0
var _sequence := 0


# Connect, now and whenever it breaks, and listen to one character.
func start(host: String, port: int, character: String) -> void:
	stop()
	_url = "ws://%s:%d/?topic=%s/" % [host, port, character]
	_tries = 0
	_next_try_s = 0.0


# Close, and do not come back. Nothing waits: the bridge sees the connection end.
func stop() -> void:
	_url = ""
	_drop()


# Send a request; gives its number, which the answer repeats, or 0 if there is no connection.
func ask(kind: int, character: String, payload: PoolByteArray, fields := {}) -> int:
	if not is_open:
		return 0
	_sequence += 1
	var numbered := fields.duplicate()
	numbered["sequence"] = _sequence
	var sent := _socket.get_peer(1).put_packet(Wire.bytes_of(kind, character, payload, numbered))
	return _sequence if sent == OK else 0


# The same for a payload of JSON.
func ask_json(kind: int, character: String, content: Dictionary, fields := {}) -> int:
	var named := fields.duplicate()
	named["codec"] = Vocabulary.CODEC_JSON
	return ask(kind, character, JSON.print(content).to_utf8(), named)


# Read what has come and keep the connection up. `now_s`: a clock that never runs backwards.
func poll(now_s: float) -> void:
	if _url == "":
		return
	if _socket == null:
		if now_s >= _next_try_s:
			_connect(now_s)
		return
	var socket := _socket  # whoever hears a message may stop us, and its poll must come to its end
	socket.poll()
	if socket != _socket:
		return
	var state := socket.get_connection_status()
	var slow := state == NetworkedMultiplayerPeer.CONNECTION_CONNECTING and now_s > _give_up_s
	if state == NetworkedMultiplayerPeer.CONNECTION_DISCONNECTED or slow:
		_drop()
		_next_try_s = now_s + AGAIN_S[min(_tries, AGAIN_S.size() - 1)]
		_tries += 1
		emit_signal("lost")


func _connect(now_s: float) -> void:
	_socket = WebSocketClient.new()
	_socket.set_buffers(INBOX_KB, INBOX_MESSAGES, OUTBOX_KB, INBOX_MESSAGES)
	_socket.connect("connection_established", self, "_on_established")
	_socket.connect("data_received", self, "_on_data")
	_give_up_s = now_s + CONNECT_S
	_socket.connect_to_url(_url)  # a failure shows in its state


func _drop() -> void:
	is_open = false
	if _socket == null:
		return
	_socket.disconnect("connection_established", self, "_on_established")
	_socket.disconnect("data_received", self, "_on_data")
	_socket.poll()  # what was asked last goes out
	_socket.disconnect_from_host()
	_socket = null


func _on_established(_protocol: String) -> void:
	_socket.get_peer(1).set_write_mode(WebSocketPeer.WRITE_MODE_BINARY)
	is_open = true
	_tries = 0
	emit_signal("opened")


func _on_data() -> void:
	var message := Wire.message_of(_socket.get_peer(1).get_packet())
	if not message.empty():
		emit_signal("message_came", message)

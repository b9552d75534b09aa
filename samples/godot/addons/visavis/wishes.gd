# Takes what a director wishes of a face, gives the CONTROL to send, when it is time and something has changed.
#
# The face eases into a wish in 300 ms, so that ten messages a second are plenty for a gaze that follows the mouse.

const EVERY_S = 0.1

var _wishes := {}
var _unsent := false
var _sent_s := -EVERY_S


func wish(key: String, value) -> void:
	var before = _wishes.get(key)
	if before == null or JSON.print(before) != JSON.print(value):
		_wishes[key] = value
		_unsent = true


# Say everything again: the bridge may have been started anew.
func renew() -> void:
	_unsent = not _wishes.empty()


# What to send now, or {}.
func due(now_s: float) -> Dictionary:
	if not _unsent or now_s - _sent_s < EVERY_S:
		return {}
	_unsent = false
	_sent_s = now_s
	return _wishes

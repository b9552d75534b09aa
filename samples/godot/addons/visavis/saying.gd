# One line of a game, from the moment it is said until its sound is over: a value without behaviour.

var id := 0  # number within its source, 1, 2, 3 ...
var sound: AudioStreamSample = null
var request := 0  # number of the request SAY, which the answer repeats
var line := 0  # number that the bridge gave it; 0: not answered yet
var has_started := false  # LINE_STARTED has come
var started_s := 0.0

using System;
using System.Text;

namespace Visavis
{
    /// <summary>
    /// The reliable side of a connection: one thread writes requests (STATE and OPEN first, then what is wished and
    /// said), another reads answers and the begin and end of our lines. A character that was not there before is ours,
    /// and is closed at the end, so that no server goes on drawing for nobody. Raises IOException when the socket is
    /// gone.
    /// </summary>
    sealed class Requests
    {
        const double OpenAgainS = 2.0;
        const double OpenLimitS = 30.0; // a server may load an avatar first

        static readonly byte[] Nothing = new byte[0];

        readonly ZmtpSocket _socket;
        readonly LinkOptions _options;
        readonly LinkStatus _status;
        readonly Follower _follower;
        readonly LineQueue _lines;
        readonly Wishes _wishes;
        readonly byte[] _character;
        readonly WireHeader _out = new WireHeader();
        readonly byte[] _outBytes = new byte[Vocabulary.HeaderBytes];
        readonly JsonWriter _json = new JsonWriter();
        readonly WireHeader _in = new WireHeader();
        byte[] _head = new byte[Vocabulary.HeaderBytes];
        byte[] _payload = new byte[4096];
        long _sequence;
        long _stateSequence;
        long _openSequence;
        double _openS = double.NegativeInfinity;
        volatile bool _isAsked;
        volatile bool _isOpen;
        volatile bool _refused;

        public Requests(ZmtpSocket socket, LinkOptions options, LinkStatus status, Follower follower, LineQueue lines,
            Wishes wishes)
        {
            _socket = socket;
            _options = options;
            _status = status;
            _follower = follower;
            _lines = lines;
            _wishes = wishes;
            _character = Encoding.ASCII.GetBytes(options.Character);
        }

        /// <summary>Whether OPEN was sent.</summary>
        public bool IsAsked { get { return _isAsked; } }

        /// <summary>Whether OPEN was granted.</summary>
        public bool IsOpen { get { return _isOpen; } }

        /// <summary>Sends all that is due.</summary>
        public void Write()
        {
            if (!_isOpen)
            {
                Open();
                return;
            }
            if (_lines.TakeInterrupt()) { Send(Kind.Interrupt, Codec.Empty, Nothing, 0); }
            if (_wishes.Take(_json)) { Send(Kind.Control, Codec.Json, _json.Bytes, _json.Count); }
            if (!_status.WasLive) { return; } // what a game says as it begins waits until the face is there
            Line line;
            for (int place = 0; (line = _lines.At(place)) != null; place++) { Speak(line); }
        }

        /// <summary>The last that is sent.</summary>
        public void WriteEnd()
        {
            if (_status.IsOurs) { Send(Kind.Close, Codec.Empty, Nothing, 0); }
            else if (_lines.TakeInterrupt()) { Send(Kind.Interrupt, Codec.Empty, Nothing, 0); }
        }

        void Open()
        {
            double nowS = Clock.NowS();
            if (nowS - _openS < (_refused ? OpenAgainS : OpenLimitS)) { return; }
            _openS = nowS;
            _refused = false;
            _stateSequence = _sequence + 1;
            Send(Kind.State, Codec.Empty, Nothing, 0);
            _json.Clear();
            _options.Write(_json);
            _openSequence = _sequence + 1;
            Send(Kind.Open, Codec.Json, _json.Bytes, _json.Count);
            _isAsked = true;
        }

        void Speak(Line line)
        {
            byte[] bytes;
            int at;
            int count;
            bool last;
            while (line.NextPiece(out bytes, out at, out count, out last))
            {
                bool isFirst = line.Sequence == 0;
                if (isFirst) { line.Sequence = _sequence + 1; }
                if (at > 0 || (bytes != null && count < bytes.Length))
                {
                    var piece = new byte[count];
                    Buffer.BlockCopy(bytes, at, piece, 0, count);
                    bytes = piece;
                }
                _out.Line = line.Number;
                _out.RateHz = line.RateHz;
                _out.Flags = last ? (byte)Flag.Last : (byte)0;
                Send(isFirst ? Kind.Say : Kind.Audio, Codec.PcmS16, bytes ?? Nothing, count);
            }
        }

        void Send(Kind kind, Codec codec, byte[] payload, int count)
        {
            _out.Kind = kind;
            _out.Codec = codec;
            _out.Size = count;
            _out.Sequence = ++_sequence;
            _out.Write(_outBytes, 0, _character);
            _out.Line = _out.RateHz = _out.Flags = 0;
            _socket.Send(_outBytes, _outBytes.Length, payload, count);
        }

        /// <summary>Reads answers and events until the socket is gone.</summary>
        public void Read()
        {
            while (true)
            {
                bool more;
                int headCount = _socket.Read(ref _head, out more);
                if (!more) { continue; }
                int count = _socket.Read(ref _payload, out more);
                _socket.Skip(ref _payload, more);
                if (_in.Read(_head, 0, headCount) && _in.Size == count && !more) { Take(count); }
                else { _status.Trouble("The bridge speaks another version of the wire: update the older side."); }
            }
        }

        void Take(int count)
        {
            object content = null;
            try { content = _in.Codec == Codec.Json ? JsonReader.Read(_payload, count) : null; }
            catch (FormatException) { } // as if it were empty
            if (_in.Kind == Kind.Event) { TakeEvent(content); }
            else if (_in.Kind == Kind.Ok) { TakeOk(content); }
            else if (_in.Kind == Kind.Error) { TakeError(content); }
        }

        void TakeOk(object content)
        {
            if (_in.Sequence == _openSequence)
            {
                _status.HeardS = Clock.NowS();
                _wishes.Repeat();
                _isOpen = true;
                if (JsonReader.TextOf(content, "state") == "live") { _status.Live(); }
                else { _status.AwayFor(JsonReader.TextOf(content, "reason")); }
                return;
            }
            if (_in.Line == 0) { return; }
            _follower.Own(_in.Line); // also one that was interrupted before it had a number: it is not shown
            Line line = _lines.BySequence(_in.Sequence);
            if (line != null) { line.Numbered(_in.Line); }
        }

        void TakeError(object content)
        {
            if (_in.Sequence == _stateSequence)
            {
                _status.IsOurs |= JsonReader.TextOf(content, "reason") == "CHARACTER_UNKNOWN";
                return;
            }
            string message = JsonReader.TextOf(content, "message");
            _status.Trouble(message);
            if (_in.Sequence == _openSequence)
            {
                _refused = true;
                _status.Away(message);
                return;
            }
            Line line = _lines.BySequence(_in.Sequence);
            if (line != null) { line.Interrupt(message); }
        }

        void TakeEvent(object content)
        {
            Line line = _lines.ByNumber(_in.Line);
            if (line == null) { return; }
            switch (JsonReader.TextOf(content, "event"))
            {
                case "LINE_STARTED":
                    line.Start(Clock.NowS());
                    break;
                case "LINE_FINISHED":
                    line.Finish();
                    break;
                case "LINE_INTERRUPTED":
                    line.Interrupt(JsonReader.TextOf(content, "reason"));
                    break;
            }
        }
    }
}

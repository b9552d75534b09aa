using System;

namespace Visavis
{
    /// <summary>
    /// Reads what the bridge sends to all: motion into the follower, names and events into the status. Its own thread;
    /// no garbage but for names that have changed and for events. Raises IOException when the socket is gone.
    /// </summary>
    sealed class MotionReader
    {
        const int FaceBytes = 4 * Follower.Count;

        readonly ZmtpSocket _socket;
        readonly Follower _follower;
        readonly LinkStatus _status;
        readonly WireHeader _header = new WireHeader();
        readonly float[] _face = new float[Follower.Count];
        byte[] _topic = new byte[64];
        byte[] _head = new byte[Vocabulary.HeaderBytes];
        byte[] _payload = new byte[4096];
        byte[] _names = new byte[0];
        string _namesState = "";
        string _namesReason = "";
        long _sequence;

        public MotionReader(ZmtpSocket socket, Follower follower, LinkStatus status)
        {
            _socket = socket;
            _follower = follower;
            _status = status;
        }

        public void Run()
        {
            while (true)
            {
                bool more;
                _socket.Read(ref _topic, out more);
                if (!more) { continue; }
                int headCount = _socket.Read(ref _head, out more);
                if (!more) { continue; }
                int count = _socket.Read(ref _payload, out more);
                _socket.Skip(ref _payload, more);
                bool isOurs = _header.Read(_head, 0, headCount) && _header.Size == count && !more;
                if (isOurs) { Take(count); }
                else { _status.Trouble("The bridge speaks another version of the wire: update the older side."); }
            }
        }

        void Take(int count)
        {
            double nowS = Clock.NowS();
            _status.HeardS = nowS;
            switch (_header.Kind)
            {
                case Kind.Motion:
                    if (_header.Codec == Codec.Float32 && count == FaceBytes) { TakeFace(nowS); }
                    break;
                case Kind.Names:
                    TakeNames(count);
                    break;
                case Kind.Event:
                    TakeEvent(count);
                    break;
            }
        }

        void TakeFace(double nowS)
        {
            Buffer.BlockCopy(_payload, 0, _face, 0, FaceBytes);
            _follower.Hear(_face, _header.Line, _header.LineSample, nowS);
            _status.Arrived(_header.SentNs);
            long missed = _header.Sequence - _sequence - 1;
            if (_sequence > 0 && missed > 0) { _status.Missed(missed); }
            _sequence = _header.Sequence; // a character that begins anew counts from 1 again
        }

        /// <summary>Once a second, and nearly always the same bytes: read only when they are not.</summary>
        void TakeNames(int count)
        {
            if (!IsSame(count))
            {
                Array.Resize(ref _names, count);
                Buffer.BlockCopy(_payload, 0, _names, 0, count);
                object names = Json(count);
                _namesState = JsonReader.TextOf(names, "state");
                _namesReason = JsonReader.TextOf(names, "reason");
            }
            if (_namesState == "live") { _status.Live(); }
            else { _status.AwayFor(_namesReason); }
        }

        bool IsSame(int count)
        {
            if (count != _names.Length) { return false; }
            for (int i = 0; i < count; i++)
            {
                if (_payload[i] != _names[i]) { return false; }
            }
            return true;
        }

        void TakeEvent(int count)
        {
            object content = Json(count);
            string name = JsonReader.TextOf(content, "event");
            if (name == "AWAY")
            {
                _follower.Away();
                _status.Away(JsonReader.TextOf(content, "message"));
            }
            else if (name == "READY") { _status.Live(); }
        }

        object Json(int count)
        {
            try { return JsonReader.Read(_payload, count); }
            catch (FormatException) { return null; } // one message that cannot be read ends nothing
        }
    }
}

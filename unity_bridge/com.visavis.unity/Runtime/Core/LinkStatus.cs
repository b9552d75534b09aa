using System.Threading;

namespace Visavis
{
    /// <summary>How the link is, for whoever draws it. Written by its threads, read by any.</summary>
    public sealed class LinkStatus
    {
        const float Smoothing = 0.05f;
        const double LatencyMostMs = 10000.0; // more: the server's clock is another machine's

        volatile int _state = (int)LinkState.Connecting;
        volatile string _lastError = "";
        volatile float _latencyMs;
        volatile bool _wasLive;
        volatile bool _isOurs;
        double _heardS;
        long _motionLost;

        /// <summary>How it stands.</summary>
        public LinkState State { get { return (LinkState)_state; } }

        /// <summary>What went wrong last, for people; "" from when frames come again.</summary>
        public string LastError { get { return _lastError; } }

        /// <summary>From the server to here, milliseconds, smoothed; 0: unknown (another machine).</summary>
        public float LatencyMs { get { return _latencyMs; } }

        /// <summary>Motion messages that did not come.</summary>
        public long MotionLost { get { return Interlocked.Read(ref _motionLost); } }

        /// <summary>Whether frames have ever come.</summary>
        internal bool WasLive { get { return _wasLive; } }

        /// <summary>The character was not there before: who begins it ends it.</summary>
        internal bool IsOurs
        {
            get { return _isOurs; }
            set { _isOurs = value; }
        }

        /// <summary>When motion, names or events came last, seconds of Clock.</summary>
        internal double HeardS
        {
            get { return Volatile.Read(ref _heardS); }
            set { Volatile.Write(ref _heardS, value); }
        }

        internal void Live()
        {
            if (State == LinkState.Live) { return; }
            _lastError = "";
            _wasLive = true;
            _state = (int)LinkState.Live;
        }

        /// <summary>`why` is a sentence, from the event.</summary>
        internal void Away(string why)
        {
            if (why.Length > 0) { _lastError = why; }
            _state = (int)LinkState.Away;
        }

        /// <summary>`reason` is a word, from the state; a sentence that is here already says more.</summary>
        internal void AwayFor(string reason)
        {
            if (State == LinkState.Away) { return; }
            Away(reason.Length == 0 ? "" : "The bridge has no face for this character yet (" + reason
                + "); it goes on trying.");
        }

        /// <summary>True: it was not lost before.</summary>
        internal bool Lose(string why)
        {
            bool isNew = State != LinkState.Lost;
            _lastError = why;
            _state = (int)LinkState.Lost;
            return isNew;
        }

        internal void Trouble(string what)
        {
            _lastError = what;
        }

        internal void Arrived(long sentNs)
        {
            if (sentNs == 0) { return; }
            double lateMs = (Clock.NowNs() - sentNs) * 1e-6;
            if (lateMs < -1.0 || lateMs > LatencyMostMs) { return; }
            float before = _latencyMs;
            _latencyMs = before == 0.0f ? (float)lateMs : before + Smoothing * ((float)lateMs - before);
        }

        internal void Missed(long count)
        {
            Interlocked.Add(ref _motionLost, count);
        }
    }
}

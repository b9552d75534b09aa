using System;
using System.Collections.Generic;

namespace Visavis
{
    /// <summary>
    /// One line that the face says: its sound, int16 mono little-endian, whole or piece by piece, and how far it is.
    /// Any thread may ask and add.
    /// </summary>
    public sealed class Line
    {
        /// <summary>Sample rates that the bridge takes, Hz.</summary>
        public const int RateMinHz = 8000;
        /// <summary>Sample rates that the bridge takes, Hz.</summary>
        public const int RateMaxHz = 192000;

        const int PieceBytes = 1 << 20;

        readonly object _gate = new object();
        readonly Queue<byte[]> _pieces = new Queue<byte[]>();
        readonly Action _changed;
        int _at;
        bool _whole;
        bool _lastSent;
        LineState _state;
        int _number;
        double _startedS;
        string _error = "";

        internal Line(int rateHz, Action changed)
        {
            if (rateHz < RateMinHz || rateHz > RateMaxHz)
            {
                throw new ArgumentException("The line has " + rateHz + " Hz; " + RateMinHz + " to " + RateMaxHz
                    + " are allowed.", "rateHz");
            }
            RateHz = rateHz;
            _changed = changed;
        }

        /// <summary>Samples a second.</summary>
        public int RateHz { get; private set; }

        /// <summary>How far it is.</summary>
        public LineState State { get { lock (_gate) { return _state; } } }

        /// <summary>Its number at the bridge; 0: not yet known.</summary>
        public int Number { get { lock (_gate) { return _number; } } }

        /// <summary>When LINE_STARTED came, seconds of Clock.</summary>
        public double StartedS { get { lock (_gate) { return _startedS; } } }

        /// <summary>Why it was interrupted, if somebody said why.</summary>
        public string Error { get { lock (_gate) { return _error; } } }

        /// <summary>Finished or interrupted.</summary>
        public bool IsOver { get { LineState state = State; return state >= LineState.Finished; } }

        internal long Sequence; // of its SAY; 0: not sent. Of the thread that sends

        /// <summary>More of its sound.</summary>
        public void Add(byte[] pcm)
        {
            if (pcm.Length % 2 != 0)
            {
                throw new ArgumentException(pcm.Length + " bytes are not whole 16 bit samples: give an even number.",
                    "pcm");
            }
            lock (_gate)
            {
                if (_whole) { throw new InvalidOperationException("The line is whole already: say another one."); }
                if (pcm.Length > 0) { _pieces.Enqueue(pcm); }
            }
            _changed();
        }

        /// <summary>No more comes.</summary>
        public void End()
        {
            lock (_gate) { _whole = true; }
            _changed();
        }

        internal void Numbered(int number)
        {
            lock (_gate) { _number = number; }
        }

        internal void Start(double nowS)
        {
            lock (_gate)
            {
                if (_state != LineState.Waiting) { return; }
                _state = LineState.Started;
                _startedS = nowS;
            }
        }

        internal void Finish()
        {
            lock (_gate) { if (_state < LineState.Finished) { _state = LineState.Finished; } }
        }

        internal void Interrupt(string error)
        {
            lock (_gate)
            {
                if (_state >= LineState.Finished) { return; }
                _state = LineState.Interrupted;
                _error = error;
                _pieces.Clear();
            }
        }

        /// <summary>What is to be sent next; false: nothing just now.</summary>
        internal bool NextPiece(out byte[] bytes, out int at, out int count, out bool last)
        {
            bytes = null;
            at = count = 0;
            lock (_gate)
            {
                last = false;
                bool waits = Sequence != 0 && _number == 0;
                if (waits || _lastSent || _state >= LineState.Finished) { return false; }
                if (_pieces.Count > 0)
                {
                    bytes = _pieces.Peek();
                    at = _at;
                    count = Math.Min(PieceBytes, bytes.Length - at);
                    _at += count;
                    if (_at == bytes.Length)
                    {
                        _pieces.Dequeue();
                        _at = 0;
                    }
                }
                last = _lastSent = _whole && _pieces.Count == 0;
                return bytes != null || last;
            }
        }
    }
}

using System;

namespace Visavis
{
    /// <summary>
    /// Which face a draw shows. Takes motion as it comes and the play position of the sound; the sound is the clock: a
    /// frame of a line that we say is shown when the sound is there, never because it has come. A source that ends,
    /// stalls or is lost is left over 120 ms, so that no mouth stays open and nothing jumps. The reference is
    /// golden/follower.py, its cases are in golden/follow.json. Any thread may tell it things; times are those of Clock.
    /// </summary>
    public sealed class Follower
    {
        /// <summary>Numbers of a face: Vocabulary.Names.</summary>
        public const int Count = 64;

        const double EaseS = 0.12;
        const double StallS = 0.1;
        const double SilentS = 0.5;
        const double BlinkEveryS = 4.0;
        const double BlinkS = 0.15;
        const int Rest = 0;
        const int Idle = -1;

        readonly object _gate = new object();
        readonly FrameRing _frames = new FrameRing();
        readonly LineSet _mine = new LineSet();
        readonly float[] _idle = new float[Count];
        readonly float[] _target = new float[Count];
        readonly float[] _held = new float[Count];
        readonly float[] _shown = new float[Count];
        bool _hasIdle;
        bool _away;
        double _heardS = double.NegativeInfinity;
        double _lostS = double.NaN;
        int _source = Rest;
        double _sinceS = double.NegativeInfinity;
        double _position = -1.0;
        double _movedS = double.NegativeInfinity;

        /// <summary>The sound of this line is ours: it is not shown without it.</summary>
        public void Own(int line)
        {
            lock (_gate) { _mine.Add(line); }
        }

        /// <summary>Whether the sound of this line is ours.</summary>
        public bool Owns(int line)
        {
            lock (_gate) { return _mine.Has(line); }
        }

        /// <summary>A motion message: `face` [64] float32; `line` 0 and `lineSample` -1 between lines.</summary>
        public void Hear(float[] face, int line, long lineSample, double nowS)
        {
            lock (_gate)
            {
                _heardS = nowS;
                _away = false;
                _lostS = double.NaN;
                if (_mine.Has(line)) { _frames.Add(face, line, lineSample); }
                else
                {
                    Array.Copy(face, _idle, Count);
                    _hasIdle = true;
                }
            }
        }

        /// <summary>The event AWAY: the bridge has no face for us. The next motion ends it.</summary>
        public void Away()
        {
            lock (_gate) { _away = true; }
        }

        /// <summary>The connection is gone, and with it the numbers of the lines. The next motion ends it.</summary>
        public void Lost(double nowS)
        {
            lock (_gate)
            {
                _lostS = nowS;
                _mine.Clear();
                _frames.Clear();
            }
        }

        /// <summary>The sound of a line has ended or was stopped.</summary>
        public void Forget(int line)
        {
            lock (_gate) { _frames.Forget(line); }
        }

        /// <summary>The newest sample of a line that has come (16 kHz); -1: none.</summary>
        public long Newest(int line)
        {
            lock (_gate) { return _frames.Newest(line); }
        }

        /// <summary>
        /// The face of this draw, into `face` [64]. `position` is that of the sound of `line`, 16 kHz samples; line 0:
        /// no sound plays.
        /// </summary>
        public void Show(double nowS, int line, double position, float[] face)
        {
            lock (_gate)
            {
                int source = Aim(nowS, line, position);
                if (source != _source)
                {
                    _source = source;
                    _sinceS = nowS;
                    Array.Copy(_shown, _held, Count);
                }
                var share = (float)Math.Min((nowS - _sinceS) / EaseS, 1.0);
                for (int i = 0; i < Count; i++) { _shown[i] = _held[i] + (_target[i] - _held[i]) * share; }
                Array.Copy(_shown, face, Count);
                Blink(nowS, face);
            }
        }

        /// <summary>Whom this draw follows; where to goes into `_target`.</summary>
        int Aim(double nowS, int line, double position)
        {
            if (line == 0) { _position = -1.0; }
            else if (position != _position)
            {
                _position = position;
                _movedS = nowS;
            }
            bool driven = double.IsNaN(_lostS) && !_away && nowS - _heardS <= SilentS;
            if (driven && line != 0)
            {
                bool stalled = nowS - _movedS > StallS;
                bool late = position - _frames.Newest(line) > StallS * Vocabulary.SampleRateHz;
                if (!stalled && !late && _frames.Between(line, position, _target)) { return line; }
            }
            else if (driven && _hasIdle)
            {
                Array.Copy(_idle, _target, Count);
                return Idle;
            }
            Array.Clear(_target, 0, Count);
            return Rest;
        }

        /// <summary>A life of its own while the connection is lost: one blink every four seconds.</summary>
        void Blink(double nowS, float[] face)
        {
            double lostS = nowS - _lostS; // NaN: not lost
            if (!(lostS >= BlinkEveryS)) { return; }
            double phaseS = lostS % BlinkEveryS;
            if (phaseS >= BlinkS) { return; }
            var lid = (float)(1.0 - Math.Abs(2.0 * phaseS / BlinkS - 1.0));
            face[Face.EyeBlinkLeft] += lid;
            face[Face.EyeBlinkRight] += lid;
        }
    }
}

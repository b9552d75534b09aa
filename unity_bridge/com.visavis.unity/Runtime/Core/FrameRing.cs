using System;

namespace Visavis
{
    /// <summary>
    /// The frames of the lines that we say, until their sound has passed them. Four seconds are made once; a game that
    /// is paused while frames go on coming makes it grow. Takes frames in order, gives the face at a play position. One
    /// thread at a time.
    /// </summary>
    sealed class FrameRing
    {
        const int SlotsAtFirst = 256;
        const int SlotsMost = 1 << 15; // nine minutes at 60 Hz

        float[][] _faces = new float[SlotsAtFirst][];
        int[] _lines = new int[SlotsAtFirst]; // 0: not needed any more
        long[] _samples = new long[SlotsAtFirst];
        int _first;
        int _count;

        public FrameRing()
        {
            for (int i = 0; i < SlotsAtFirst; i++) { _faces[i] = new float[Follower.Count]; }
        }

        public void Add(float[] face, int line, long sample)
        {
            if (_count == _lines.Length) { MakeRoom(); }
            int slot = Slot(_count++);
            Array.Copy(face, _faces[slot], Follower.Count);
            _lines[slot] = line;
            _samples[slot] = sample;
        }

        /// <summary>Newest sample of a line; -1: there is none.</summary>
        public long Newest(int line)
        {
            for (int i = _count - 1; i >= 0 && line != 0; i--)
            {
                int slot = Slot(i);
                if (_lines[slot] == line) { return _samples[slot]; }
            }
            return Vocabulary.NoLine;
        }

        /// <summary>A line and those before it: what of them comes afterwards goes with the next.</summary>
        public void Forget(int line)
        {
            for (int i = 0; i < _count; i++)
            {
                if (_lines[Slot(i)] <= line) { _lines[Slot(i)] = 0; }
            }
            Trim();
        }

        public void Clear()
        {
            _count = 0;
        }

        /// <summary>
        /// The face at a position, on the straight line between its two neighbours; beyond the ends the last or the
        /// first. What the position has passed is let go. False: nothing of this line is here.
        /// </summary>
        public bool Between(int line, double position, float[] face)
        {
            int before = -1;
            int after = -1;
            for (int i = 0; i < _count && after < 0; i++)
            {
                int slot = Slot(i);
                if (_lines[slot] != line) { continue; }
                if (_samples[slot] > position) { after = slot; }
                else
                {
                    if (before >= 0) { _lines[before] = 0; }
                    before = slot;
                }
            }
            if (after >= 0 && before >= 0)
            {
                float[] from = _faces[before];
                float[] to = _faces[after];
                var share = (float)((position - _samples[before]) / (_samples[after] - _samples[before]));
                for (int i = 0; i < Follower.Count; i++) { face[i] = from[i] + (to[i] - from[i]) * share; }
            }
            else if (after >= 0 || before >= 0) { Array.Copy(_faces[Math.Max(after, before)], face, Follower.Count); }
            Trim();
            return after >= 0 || before >= 0;
        }

        int Slot(int i)
        {
            return (_first + i) % _lines.Length;
        }

        /// <summary>Lets go of what is not needed at the old end.</summary>
        void Trim()
        {
            while (_count > 0 && _lines[_first] == 0) { DropFirst(); }
        }

        void DropFirst()
        {
            _first = (_first + 1) % _lines.Length;
            _count--;
        }

        void MakeRoom()
        {
            if (_lines.Length >= SlotsMost)
            {
                DropFirst();
                return;
            }
            int slots = _lines.Length * 2;
            var faces = new float[slots][];
            var lines = new int[slots];
            var samples = new long[slots];
            for (int i = 0; i < slots; i++)
            {
                faces[i] = i < _count ? _faces[Slot(i)] : new float[Follower.Count];
                lines[i] = i < _count ? _lines[Slot(i)] : 0;
                samples[i] = i < _count ? _samples[Slot(i)] : 0;
            }
            _faces = faces;
            _lines = lines;
            _samples = samples;
            _first = 0;
        }
    }
}

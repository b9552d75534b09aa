using System;

namespace Visavis
{
    /// <summary>
    /// The last frames of the lines that we say, made once: four seconds at 60 Hz, of which the last two of a line are
    /// shown. Takes frames in order, gives the face at a play position. One thread at a time.
    /// </summary>
    sealed class FrameRing
    {
        const int Slots = 256;
        const long Memory = 2 * Vocabulary.SampleRateHz;

        readonly float[][] _faces = new float[Slots][];
        readonly int[] _lines = new int[Slots];
        readonly long[] _samples = new long[Slots];
        int _next;

        public FrameRing()
        {
            for (int i = 0; i < Slots; i++) { _faces[i] = new float[Follower.Count]; }
        }

        public void Add(float[] face, int line, long sample)
        {
            Array.Copy(face, _faces[_next], Follower.Count);
            _lines[_next] = line;
            _samples[_next] = sample;
            _next = (_next + 1) % Slots;
        }

        /// <summary>Newest sample of a line; -1: there is none.</summary>
        public long Newest(int line)
        {
            for (int age = 1; age <= Slots && line != 0; age++)
            {
                int slot = (_next - age + Slots) % Slots;
                if (_lines[slot] == line) { return _samples[slot]; }
            }
            return Vocabulary.NoLine;
        }

        public void Forget(int line)
        {
            for (int i = 0; i < Slots; i++)
            {
                if (_lines[i] == line) { _lines[i] = 0; }
            }
        }

        public void Clear()
        {
            Array.Clear(_lines, 0, Slots);
        }

        /// <summary>
        /// The face at a position, on the straight line between its two neighbours; beyond the ends the last or the
        /// first. False: nothing of this line is here.
        /// </summary>
        public bool Between(int line, double position, float[] face)
        {
            int after = -1;
            int before = -1;
            long newest = Newest(line);
            for (int age = 1; age <= Slots && before < 0; age++)
            {
                int slot = (_next - age + Slots) % Slots;
                if (_lines[slot] != line) { continue; }
                if (newest - _samples[slot] > Memory) { break; }
                if (_samples[slot] > position) { after = slot; }
                else { before = slot; }
            }
            if (after < 0 && before < 0) { return false; }
            if (after < 0 || before < 0)
            {
                Array.Copy(_faces[Math.Max(after, before)], face, Follower.Count);
                return true;
            }
            float[] from = _faces[before];
            float[] to = _faces[after];
            var share = (float)((position - _samples[before]) / (_samples[after] - _samples[before]));
            for (int i = 0; i < Follower.Count; i++) { face[i] = from[i] + (to[i] - from[i]) * share; }
            return true;
        }
    }
}

using System;

namespace Visavis
{
    /// <summary>The numbers of the last lines that we say, in a fixed place: old ones fall out.</summary>
    sealed class LineSet
    {
        const int Slots = 64; // the bridge keeps 32 waiting at most

        readonly int[] _lines = new int[Slots];
        int _next;

        public void Add(int line)
        {
            if (Has(line)) { return; }
            _lines[_next] = line;
            _next = (_next + 1) % Slots;
        }

        public bool Has(int line)
        {
            return line != 0 && Array.IndexOf(_lines, line) >= 0;
        }

        public void Clear()
        {
            Array.Clear(_lines, 0, Slots);
        }
    }
}

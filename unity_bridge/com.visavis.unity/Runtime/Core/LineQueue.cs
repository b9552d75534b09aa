using System.Collections.Generic;

namespace Visavis
{
    /// <summary>The lines that are to be said or are being said, in order. Any thread may use it.</summary>
    sealed class LineQueue
    {
        readonly object _gate = new object();
        readonly List<Line> _lines = new List<Line>();
        bool _interrupt;

        public void Add(Line line)
        {
            lock (_gate) { _lines.Add(line); }
        }

        /// <summary>All are over; those that the bridge knows have to be interrupted there.</summary>
        public void InterruptAll(string error)
        {
            lock (_gate)
            {
                foreach (Line line in _lines)
                {
                    _interrupt |= line.Sequence != 0 && !line.IsOver;
                    line.Interrupt(error);
                }
                _lines.Clear();
            }
        }

        /// <summary>Interrupt at the bridge, whatever is said there.</summary>
        public void WantInterrupt()
        {
            lock (_gate) { _interrupt = true; }
        }

        /// <summary>Whether an INTERRUPT is to be sent; it counts as sent.</summary>
        public bool TakeInterrupt()
        {
            lock (_gate)
            {
                bool wanted = _interrupt;
                _interrupt = false;
                return wanted;
            }
        }

        /// <summary>
        /// The line at a place; null beyond the last, and while an INTERRUPT is due: what was said after it must not
        /// overtake it. Lines that are over leave when nobody asks for them.
        /// </summary>
        public Line At(int place)
        {
            lock (_gate)
            {
                if (_interrupt) { return null; }
                while (place < _lines.Count && _lines[place].IsOver) { _lines.RemoveAt(place); }
                return place < _lines.Count ? _lines[place] : null;
            }
        }

        public Line BySequence(long sequence)
        {
            lock (_gate)
            {
                foreach (Line line in _lines) { if (line.Sequence == sequence) { return line; } }
                return null;
            }
        }

        public Line ByNumber(int number)
        {
            lock (_gate)
            {
                foreach (Line line in _lines) { if (line.Number == number) { return line; } }
                return null;
            }
        }
    }
}

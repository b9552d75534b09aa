using System;

namespace Visavis
{
    /// <summary>
    /// The last half second of pictures, in memory that is made once: one thread fills, another shows. The sound is the
    /// clock here too. What is being shown or filled is never overwritten.
    /// </summary>
    public sealed class Pictures
    {
        const double KeptS = 0.5; // pictures come up to a quarter of a second before their sound
        const int KeptLeast = 12;
        const int KeptMost = 32;

        readonly object _gate = new object();
        readonly Picture[] _slots;
        readonly Follower _follower;
        Picture _shown;
        long _count;

        /// <summary>`follower` knows which lines are ours.</summary>
        public Pictures(int fps, Follower follower)
        {
            _follower = follower;
            _slots = new Picture[2 + Math.Min(Math.Max((int)(KeptS * fps), KeptLeast), KeptMost)];
            for (int i = 0; i < _slots.Length; i++) { _slots[i] = new Picture(); }
        }

        /// <summary>The oldest slot, to be filled and handed back with Add.</summary>
        public Picture Take()
        {
            lock (_gate)
            {
                Picture oldest = null;
                foreach (Picture slot in _slots)
                {
                    if (slot == _shown || slot.BeingWritten) { continue; }
                    if (oldest == null || slot.Number < oldest.Number) { oldest = slot; }
                }
                oldest.BeingWritten = true;
                return oldest;
            }
        }

        /// <summary>It is filled; `whole` false: it was not, and is nothing.</summary>
        public void Add(Picture picture, bool whole)
        {
            lock (_gate)
            {
                picture.BeingWritten = false;
                picture.Number = whole ? ++_count : 0;
            }
        }

        /// <summary>Whether a picture of this line is here.</summary>
        public bool Has(int line)
        {
            lock (_gate)
            {
                foreach (Picture slot in _slots)
                {
                    if (Ready(slot) && slot.Line == line) { return true; }
                }
                return false;
            }
        }

        /// <summary>
        /// The picture to show while the sound of `line` is at `position` (16 kHz samples; line 0: no sound plays): the
        /// newest that is not beyond it, else the one before; null if none ever came. Never an older one than before.
        /// It stays whole until the next call.
        /// </summary>
        public Picture Show(int line, double position)
        {
            lock (_gate)
            {
                Picture newest = _shown;
                foreach (Picture slot in _slots)
                {
                    if (!Ready(slot) || (newest != null && slot.Number < newest.Number)) { continue; }
                    bool due = line == 0
                        ? !_follower.Owns(slot.Line)
                        : slot.Line == line && slot.LineSample <= position;
                    if (due) { newest = slot; }
                }
                _shown = newest;
                return newest;
            }
        }

        static bool Ready(Picture slot)
        {
            return slot.Number > 0 && !slot.BeingWritten;
        }
    }
}

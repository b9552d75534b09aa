using System.Diagnostics;

namespace Visavis
{
    /// <summary>
    /// The one clock of this client: monotonic, the same that the server stamps its frames with on one machine
    /// (CLOCK_MONOTONIC). Gives seconds and nanoseconds; no calendar, no time zone.
    /// </summary>
    public static class Clock
    {
        static readonly double SecondsPerTick = 1.0 / Stopwatch.Frequency;
        static readonly double NanosecondsPerTick = 1e9 / Stopwatch.Frequency;

        /// <summary>Seconds since some moment in the past.</summary>
        public static double NowS()
        {
            return Stopwatch.GetTimestamp() * SecondsPerTick;
        }

        /// <summary>Nanoseconds since the same moment.</summary>
        public static long NowNs()
        {
            return (long)(Stopwatch.GetTimestamp() * NanosecondsPerTick);
        }
    }
}

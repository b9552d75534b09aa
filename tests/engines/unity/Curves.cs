using System;
using System.Collections.Generic;

namespace Visavis.Tests
{
    /// <summary>Arithmetic on curves for the tests.</summary>
    static class Curves
    {
        /// <summary>Value at a sample of a curve of pairs (sample, value), on straight lines.</summary>
        public static double At(float[] pairs, double sample)
        {
            int last = pairs.Length - 2;
            if (sample <= pairs[0]) { return pairs[1]; }
            if (sample >= pairs[last]) { return pairs[last + 1]; }
            int at = 0;
            while (pairs[at + 2] < sample) { at += 2; }
            double share = (sample - pairs[at]) / (pairs[at + 2] - pairs[at]);
            return pairs[at + 1] + (pairs[at + 3] - pairs[at + 1]) * share;
        }

        /// <summary>Pearson's r.</summary>
        public static double Correlation(IList<double> a, IList<double> b)
        {
            double meanA = 0, meanB = 0, ab = 0, aa = 0, bb = 0;
            for (int i = 0; i < a.Count; i++)
            {
                meanA += a[i] / a.Count;
                meanB += b[i] / a.Count;
            }
            for (int i = 0; i < a.Count; i++)
            {
                ab += (a[i] - meanA) * (b[i] - meanB);
                aa += (a[i] - meanA) * (a[i] - meanA);
                bb += (b[i] - meanB) * (b[i] - meanB);
            }
            return ab / Math.Sqrt(aa * bb);
        }

        /// <summary>The value below which `share` of them lie.</summary>
        public static double Percentile(List<double> values, double share)
        {
            var sorted = new List<double>(values);
            sorted.Sort();
            return sorted[Math.Min(sorted.Count - 1, (int)(share * sorted.Count))];
        }
    }
}

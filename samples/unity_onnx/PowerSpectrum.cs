// Takes a window of real samples, gives the power of 257 frequencies. A plain radix-2 Fourier transform of 512 points:
// a voice needs a hundred of them a second, so that clarity was worth more than speed. No UnityEngine, no garbage.
using System;

namespace Visavis.Samples
{
    /// <summary>Power spectrum of up to 512 real samples.</summary>
    public sealed class PowerSpectrum
    {
        public const int Points = 512;
        public const int Bins = Points / 2 + 1;

        readonly double[] _real = new double[Points];
        readonly double[] _imaginary = new double[Points];
        readonly double[] _cosine = new double[Points / 2];
        readonly double[] _sine = new double[Points / 2];
        readonly int[] _reversed = new int[Points];

        public PowerSpectrum()
        {
            for (int k = 0; k < Points / 2; k++)
            {
                _cosine[k] = Math.Cos(2.0 * Math.PI * k / Points);
                _sine[k] = -Math.Sin(2.0 * Math.PI * k / Points);
            }
            for (int i = 1; i < Points; i++)
                _reversed[i] = _reversed[i / 2] / 2 + (i % 2) * Points / 2;
        }

        /// <summary>Fills <paramref name="power"/> [257] from <paramref name="samples"/> [at most 512]; zeros follow
        /// them. Bin k stands at k times rate / 512.</summary>
        public void Compute(double[] samples, double[] power)
        {
            for (int i = 0; i < Points; i++)
            {
                int from = _reversed[i];
                _real[i] = from < samples.Length ? samples[from] : 0.0;
                _imaginary[i] = 0.0;
            }
            for (int half = 1; half < Points; half *= 2)
                Merge(half);
            for (int k = 0; k < Bins; k++)
                power[k] = _real[k] * _real[k] + _imaginary[k] * _imaginary[k];
        }

        /// Transforms of `half` points become transforms of twice as many.
        void Merge(int half)
        {
            int stride = Points / (2 * half);
            for (int start = 0; start < Points; start += 2 * half)
            {
                for (int i = 0; i < half; i++)
                {
                    int a = start + i, b = a + half;
                    double cosine = _cosine[i * stride], sine = _sine[i * stride];
                    double real = _real[b] * cosine - _imaginary[b] * sine;
                    double imaginary = _real[b] * sine + _imaginary[b] * cosine;
                    _real[b] = _real[a] - real;
                    _imaginary[b] = _imaginary[a] - imaginary;
                    _real[a] += real;
                    _imaginary[a] += imaginary;
                }
            }
        }
    }
}

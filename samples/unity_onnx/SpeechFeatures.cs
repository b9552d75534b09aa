// Takes the samples of a voice in pieces of any size, gives what the speech network reads: 64 numbers every 10 ms.
// The five steps of docs/in-engine.md; every cut of the same samples gives the same numbers. No UnityEngine, no garbage.
using System;

namespace Visavis.Samples
{
    /// <summary>Features of one voice, 16 kHz mono. Frame t is centred on sample 160 t.</summary>
    public sealed class SpeechFeatures
    {
        public const int RateHz = 16000;
        public const int HopSamples = 160;
        public const int Bands = 64;

        /// <summary>Every feature of a silent room.</summary>
        public const float Silence = -1.4538776f;

        const int WindowSamples = 400;
        const double LowHz = 60.0, HighHz = 7800.0;
        const double Blend = 0.28346868942621073; // of the frame's power: 30 ms
        const double ReleasePerFrame = 0.018420680743952367; // 8 dB a second
        const double Floor = -16.118095650958; // -70 dB

        /// <summary>The newest frame, about -1.5 (nothing) to 2 (the strongest band).</summary>
        public readonly float[] Frame = new float[Bands];

        readonly PowerSpectrum _spectrum = new PowerSpectrum();
        readonly float[] _samples = new float[WindowSamples];
        readonly double[] _window = new double[WindowSamples];
        readonly double[] _windowed = new double[WindowSamples];
        readonly double[] _power = new double[PowerSpectrum.Bins];
        readonly double[] _edgesHz = new double[Bands + 2];
        readonly double[] _bands = new double[Bands];
        int _filled;
        double _smooth, _peak;

        public SpeechFeatures()
        {
            for (int n = 0; n < WindowSamples; n++)
                _window[n] = (0.5 - 0.5 * Math.Cos(2.0 * Math.PI * n / WindowSamples)) / 100.0;
            double lowMel = MelOfHz(LowHz), highMel = MelOfHz(HighHz);
            for (int i = 0; i < _edgesHz.Length; i++)
                _edgesHz[i] = HzOfMel(lowMel + (highMel - lowMel) * i / (Bands + 1));
            Reset();
        }

        /// <summary>Another voice begins. Half a window of silence stands before its first sample.</summary>
        public void Reset()
        {
            Array.Clear(_samples, 0, WindowSamples);
            _filled = WindowSamples / 2;
            _smooth = 0.0;
            _peak = Floor;
        }

        /// <summary>Takes <paramref name="samples"/> (-1..1) from <paramref name="start"/> up to
        /// <paramref name="end"/>, and stops when a frame is complete: then it returns true, <see cref="Frame"/> is new
        /// and <paramref name="start"/> tells where to go on. Call it until it returns false.</summary>
        public bool Step(float[] samples, ref int start, int end)
        {
            int taken = Math.Min(end - start, WindowSamples - _filled);
            Array.Copy(samples, start, _samples, _filled, taken);
            start += taken;
            _filled += taken;
            if (_filled < WindowSamples)
                return false;
            for (int n = 0; n < WindowSamples; n++)
                _windowed[n] = _samples[n] * _window[n];
            _spectrum.Compute(_windowed, _power);
            FillFrame(SumIntoBands());
            _filled = WindowSamples - HopSamples;
            Array.Copy(_samples, HopSamples, _samples, 0, _filled);
            return true;
        }

        /// Overlapping triangles of height 1; returns the sum of all bands.
        double SumIntoBands()
        {
            double hzPerBin = (double)RateHz / PowerSpectrum.Points, total = 0.0;
            for (int b = 0; b < Bands; b++)
            {
                double left = _edgesHz[b], middle = _edgesHz[b + 1], right = _edgesHz[b + 2], sum = 0.0;
                int last = Math.Min(PowerSpectrum.Bins - 1, (int)(right / hzPerBin));
                for (int k = (int)Math.Ceiling(left / hzPerBin); k <= last; k++)
                {
                    double hz = k * hzPerBin;
                    sum += _power[k] * Math.Min((hz - left) / (middle - left), (right - hz) / (right - middle));
                }
                _bands[b] = sum;
                total += sum;
            }
            return total;
        }

        /// Brings the bands to a level that does not depend on how loud the recording is.
        void FillFrame(double total)
        {
            _smooth += Blend * (total - _smooth);
            _peak = Math.Max(Math.Log(Math.Max(_smooth, 1e-30)), Math.Max(_peak - ReleasePerFrame, Floor));
            double scale = Math.Exp(-_peak);
            for (int b = 0; b < Bands; b++)
                Frame[b] = (float)(0.25 * (Math.Log(_bands[b] * scale + 1e-6) + 8.0));
        }

        static double MelOfHz(double hz)
        {
            return 2595.0 * Math.Log10(1.0 + hz / 700.0);
        }

        static double HzOfMel(double mel)
        {
            return 700.0 * (Math.Pow(10.0, mel / 2595.0) - 1.0);
        }
    }
}

// Takes the answers of the speech network frame by frame, gives ARKit curves and how surely the lips must meet: steps 1
// to 4 of docs/in-engine.md. An answer comes out when the next one is in, since it is smoothed over three frames (10 ms).
// Step 5 is LipClosures, which you call last of all. No UnityEngine, no garbage.
using System;

namespace Visavis.Samples
{
    /// <summary>The mouth of one voice, 100 frames a second.</summary>
    public sealed class ArticulationCurves
    {
        public const int Channels = 9;
        public const int Shapes = 52;

        const int Jaw = 0, Close = 1, Labiodental = 2, Pucker = 3, Funnel = 4, Wide = 5, Upper = 6, Lower = 7, Tongue = 8;
        const int Closures = Channels, Speaking = Channels + 2, Row = Channels + 3;
        const float RisePerFrame = 0.5f, FallPerFrame = 0.25f, ForgetPerFrame = 0.03f;

        /// <summary>ARKit weights 0..1 in the order of Vocabulary.Names; only what speech moves is filled.</summary>
        public readonly float[] Curves = new float[Shapes];

        /// <summary>How far p, b, m shut the lips in this frame, 0..1.</summary>
        public float Shut { get { return _strength[0]; } }

        /// <summary>How far f, v bring the lower lip to the teeth in this frame, 0..1.</summary>
        public float Touch { get { return _strength[1]; } }

        readonly float[] _before = new float[Row];
        readonly float[] _now = new float[Row];
        readonly float[] _after = new float[Row];
        readonly float[] _smooth = new float[Row];
        readonly float[] _strength = new float[2];
        float _trust;
        int _heard;

        /// <summary>Another voice begins.</summary>
        public void Reset()
        {
            Array.Clear(_strength, 0, 2);
            _trust = 0f;
            _heard = 0;
        }

        /// <summary>Takes the network's answer about one frame: the probability of silence (phones[0]), its nine
        /// channels and two closures, each from an offset in its tensor. Returns true when <see cref="Curves"/> hold
        /// the frame before; false at the first answer.</summary>
        public bool Step(float silence, float[] channels, int channelsAt, float[] closures, int closuresAt)
        {
            Array.Copy(_now, _before, Row);
            Array.Copy(_after, _now, Row);
            Array.Copy(channels, channelsAt, _after, 0, Channels);
            Array.Copy(closures, closuresAt, _after, Closures, 2);
            _after[Speaking] = 1f - silence;
            if (_heard == 0)
                Array.Copy(_after, _now, Row); // what stands before frame 0
            _heard++;
            if (_heard < 2)
                return false;
            for (int i = 0; i < Row; i++)
                _smooth[i] = 0.25f * _before[i] + 0.5f * _now[i] + 0.25f * _after[i];
            for (int i = 0; i < 2; i++)
                _strength[i] = Follow(_strength[i], Closures + i);
            FadeWithDoubt();
            FillCurves();
            return true;
        }

        /// Lips either meet or they do not; strength moves at the speed of lips.
        float Follow(float last, int column)
        {
            float pair = 0.5f * Math.Max(_before[column] + _now[column], _now[column] + _after[column]);
            float wanted = Clamp((pair - 0.53f) / 0.15f);
            return Math.Min(Math.Max(wanted, last - FallPerFrame), last + RisePerFrame);
        }

        /// A sound that the network does not take for speech moves the mouth little.
        void FadeWithDoubt()
        {
            float speaking = Clamp((_smooth[Speaking] - 0.05f) / 0.9f);
            _trust = Math.Max(speaking, _trust - ForgetPerFrame);
            float x = Clamp((_trust - 0.3f) / 0.4f), share = x * x * (3f - 2f * x);
            for (int i = 0; i < Channels; i++)
                _smooth[i] = Clamp(_smooth[i] * share);
        }

        void FillCurves()
        {
            float wide = _smooth[Wide];
            Set(Column.JawOpen, 1.2f * _smooth[Jaw]);
            Set(Column.MouthPucker, 1.2f * _smooth[Pucker]);
            Set(Column.MouthFunnel, 1.2f * _smooth[Funnel]);
            SetBoth(Column.MouthStretchLeft, Column.MouthStretchRight, 0.5f * wide);
            SetBoth(Column.MouthSmileLeft, Column.MouthSmileRight, 0.35f * wide);
            SetBoth(Column.MouthDimpleLeft, Column.MouthDimpleRight, 0.1f * wide);
            SetBoth(Column.CheekSquintLeft, Column.CheekSquintRight, 0.1f * wide);
            SetBoth(Column.MouthUpperUpLeft, Column.MouthUpperUpRight, _smooth[Upper]);
            SetBoth(Column.MouthLowerDownLeft, Column.MouthLowerDownRight, _smooth[Lower]);
            Set(Column.MouthRollLower, 0.55f * _smooth[Labiodental]);
            Set(Column.MouthShrugUpper, 0.12f * _smooth[Labiodental]);
            Set(Column.TongueOut, 0.55f * Math.Max(_smooth[Tongue] - 0.22f, 0f));
            Set(Column.MouthClose, Clamp((_smooth[Close] - 0.35f) / 0.55f) * Curves[Column.JawOpen]);
        }

        void SetBoth(int left, int right, float value)
        {
            Set(left, value);
            Set(right, value);
        }

        void Set(int column, float value)
        {
            Curves[column] = Math.Min(value, 1f);
        }

        static float Clamp(float value)
        {
            return Math.Min(Math.Max(value, 0f), 1f);
        }
    }
}

// Takes ARKit weights and how surely the lips must meet, gives weights in which p, b, m shut the lips and f, v touch the
// teeth: step 5 of docs/in-engine.md. Call it last of all, after your own smoothing, gains and feelings.
using System;

namespace Visavis.Samples
{
    /// <summary>The hard constraint of speech.</summary>
    public static class LipClosures
    {
        const float TouchJawMost = 0.14f, TouchCloseShare = 0.75f, TouchPuckerMost = 0.30f;
        const float TouchRoll = 0.55f, TouchShrug = 0.12f, TouchUpper = 0.22f;
        const float ShutJawMost = 0.25f, ShutRollLeast = 0.12f, ShutRollMost = 0.30f, ShutPress = 0.18f;

        static readonly int[] TouchCloses =
        {
            Column.MouthLowerDownLeft, Column.MouthLowerDownRight, Column.MouthFunnel, Column.TongueOut,
        };

        static readonly int[] ShutCloses =
        {
            Column.MouthFunnel, Column.TongueOut, Column.MouthStretchLeft, Column.MouthStretchRight,
            Column.MouthUpperUpLeft, Column.MouthUpperUpRight, Column.MouthLowerDownLeft, Column.MouthLowerDownRight,
            Column.MouthShrugLower,
        };

        /// <summary>Changes <paramref name="curves"/> [52 or more] in place. Both strengths are 0..1; at
        /// <paramref name="shut"/> 1 the lips are shut whatever came before.</summary>
        public static void Enforce(float[] curves, float shut, float touch)
        {
            BringToTeeth(curves, touch * (1f - shut));
            ShutLips(curves, shut);
        }

        static void BringToTeeth(float[] curves, float touch)
        {
            float jaw = curves[Column.JawOpen];
            Blend(curves, Column.JawOpen, Math.Min(jaw, TouchJawMost), touch);
            Blend(curves, Column.MouthClose, TouchCloseShare * curves[Column.JawOpen], touch);
            foreach (int column in TouchCloses)
                curves[column] *= 1f - touch;
            Blend(curves, Column.MouthPucker, Math.Min(curves[Column.MouthPucker], TouchPuckerMost), touch);
            Raise(curves, Column.MouthRollLower, TouchRoll * touch);
            Raise(curves, Column.MouthShrugUpper, TouchShrug * touch);
            Raise(curves, Column.MouthUpperUpLeft, TouchUpper * touch);
            Raise(curves, Column.MouthUpperUpRight, TouchUpper * touch);
        }

        static void ShutLips(float[] curves, float shut)
        {
            Blend(curves, Column.JawOpen, Math.Min(curves[Column.JawOpen], ShutJawMost), shut);
            Blend(curves, Column.MouthClose, curves[Column.JawOpen], shut);
            foreach (int column in ShutCloses)
                curves[column] *= 1f - shut;
            float roll = curves[Column.MouthRollLower];
            Blend(curves, Column.MouthRollLower, Math.Min(Math.Max(roll, ShutRollLeast), ShutRollMost), shut);
            Raise(curves, Column.MouthRollUpper, ShutRollLeast * shut);
            Raise(curves, Column.MouthPressLeft, ShutPress * shut);
            Raise(curves, Column.MouthPressRight, ShutPress * shut);
        }

        static void Blend(float[] curves, int column, float wanted, float share)
        {
            curves[column] += (wanted - curves[column]) * share;
        }

        static void Raise(float[] curves, int column, float least)
        {
            curves[column] = Math.Max(curves[column], least);
        }
    }
}

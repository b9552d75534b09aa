using System;
using System.Collections.Generic;
using NUnit.Framework;
using UnityEngine;

namespace Visavis.Tests
{
    /// <summary>A texture NPC says a real line: mouth, pictures and sound are together.</summary>
    [TestFixture]
    public class SpeakingTest
    {
        const double HandoverS = 0.03; // two threads read the same frames
        const double FrameMs = 25.0; // of 40 a second; pictures come at 50, so that one that is late does not decide

        [Test]
        public void ALineBeginsAndEnds()
        {
            Recording heard = Recording.Of();
            Assert.That(heard.Events, Is.EqualTo(new[] { "started Started", "finished Finished" }), heard.Error);
            double spokenS = heard.Positions[heard.Positions.Count - 1] / Vocabulary.SampleRateHz;
            Assert.That(spokenS, Is.GreaterThan(Stack.Speech.Length / 2.0 / Vocabulary.SampleRateHz - 0.2));
            Assert.That(heard.JawAfter, Is.LessThan(0.1), "the mouth is shut afterwards");
        }

        [Test]
        public void TheMouthMovesWithTheSound()
        {
            Recording heard = Recording.Of();
            float[] wanted = Stack.Jaw;
            double bestMs = 0.0, best = -1.0;
            for (double lagMs = -150.0; lagMs <= 150.0; lagMs += 5.0)
            {
                double r = Correlation(heard, wanted, lagMs);
                if (r > best) { best = r; bestMs = lagMs; }
            }
            Stack.Report("jaw_correlation", Correlation(heard, wanted, 0.0));
            Stack.Report("jaw_lag_ms", bestMs);
            Assert.That(Correlation(heard, wanted, 0.0), Is.GreaterThan(0.95));
            Assert.That(Math.Abs(bestMs), Is.LessThanOrEqualTo(FrameMs));
        }

        static double Correlation(Recording heard, float[] wanted, double lagMs)
        {
            var shown = new List<double>();
            var made = new List<double>();
            double steadyS = heard.TimesS[0] + 0.2;
            for (int i = 0; i < heard.Positions.Count; i++)
            {
                double nowS = heard.TimesS[i];
                double lateS = (heard.Positions[i] - heard.MotionCame.NewestAt(nowS, double.MaxValue)) / 16000.0;
                if (lateS > 0.09) { steadyS = nowS + 0.2; } // a busy machine: the mouth has shut, and eases back
                if (lateS > 0.0 || nowS < steadyS) { continue; }
                shown.Add(heard.Jaws[i]);
                made.Add(Curves.At(wanted, heard.Positions[i] - lagMs * 16.0));
            }
            Assert.That(shown.Count, Is.GreaterThan(0.3 * heard.Positions.Count), "most frames come in time");
            return Curves.Correlation(shown, made);
        }

        [Test]
        public void PicturesKeepToTheSound()
        {
            Recording heard = Recording.Of();
            var lateMs = new List<double>();
            var different = new HashSet<long>();
            for (int i = 0; i < heard.Positions.Count; i++)
            {
                long sample = heard.PictureSamples[i];
                different.Add(sample);
                Assert.That(sample, Is.LessThanOrEqualTo(heard.Positions[i]), "never ahead of the sound");
                if (sample >= 0) { lateMs.Add((heard.Positions[i] - sample) / 16.0); }
            }
            double p95Ms = Curves.Percentile(lateMs, 0.95);
            double perS = different.Count / (heard.Positions[heard.Positions.Count - 1] / 16000.0);
            Stack.Report("picture_offset_p50_ms", Curves.Percentile(lateMs, 0.5));
            Stack.Report("picture_offset_p95_ms", p95Ms);
            Stack.Report("pictures_shown_per_s", perS);
            Assert.That(lateMs.Count, Is.GreaterThan(0.9 * heard.Positions.Count),
                "nearly every draw has a picture of the line");
            // A server on a busy machine leaves pictures out; then this is no figure of ours.
            if (perS > 0.97 * Recording.PicturesPerS) { Assert.That(p95Ms, Is.LessThanOrEqualTo(FrameMs)); }
        }

        [Test]
        public void WhatHasComeIsShownWhenItIsDue()
        {
            Recording heard = Recording.Of();
            int behind = 0;
            for (int i = 0; i < heard.Positions.Count; i++)
            {
                long due = heard.PicturesCame.NewestAt(heard.TimesS[i] - HandoverS, heard.Positions[i]);
                if (heard.PictureSamples[i] < due) { behind++; }
            }
            Assert.That(behind, Is.LessThanOrEqualTo(heard.Positions.Count / 50));
        }

        [Test]
        public void ThePositionIsThatOfTheSoundBetweenItsStepsToo()
        {
            Recording heard = Recording.Of();
            var behindMs = new List<double>();
            for (int i = 0; i < heard.Positions.Count; i++)
            {
                behindMs.Add((heard.TruePositions[i] - heard.Positions[i]) / 16.0);
            }
            Stack.Report("position_behind_sound_p50_ms", Curves.Percentile(behindMs, 0.5));
            Stack.Report("position_behind_sound_p95_ms", Curves.Percentile(behindMs, 0.95));
            // Steps alone would leave it 11 ms behind.
            Assert.That(Curves.Percentile(behindMs, 0.5), Is.InRange(-10.0, 10.0));
        }

        [Test]
        public void PicturesReachOneTextureTheRightWayUp()
        {
            Recording heard = Recording.Of();
            Assert.That(heard.TexturesMade, Is.EqualTo(1));
            Assert.That(heard.Applied, Is.GreaterThan(60));
            Assert.That(heard.Texture.width, Is.EqualTo(256));
            Assert.That(heard.Texture.Pixels, Is.EqualTo(heard.LastPixels));
            Assert.That(heard.Renderer.Block["_MainTex"], Is.SameAs(heard.Texture));
            var flip = (Vector4)heard.Renderer.Block["_MainTex_ST"];
            Assert.That(new[] { flip.x, flip.y, flip.z, flip.w }, Is.EqualTo(new[] { 1.0f, -1.0f, 0.0f, 1.0f }));
            Assert.That(heard.Target.Source, Is.SameAs(heard.Texture));
            Assert.That(heard.Target.Scale.y, Is.EqualTo(-1.0f));
            Assert.That(heard.Target.Offset.y, Is.EqualTo(1.0f));
        }
    }
}
